"""Have the sweep project done requests again whose dates an older Daylight called missed.

It judged a done request as of the day on which it was looked at, so that a date which nobody waited for any more could
pass. Whether one did is the law's to say, so nothing is decided here: the rows are only put where the next sweep looks.
A done request calls for no reminder.
"""

from typing import Any

from django.db import migrations, models
from django.utils import timezone


def look_again(apps: Any, schema_editor: Any) -> None:
    """Set the day of the next look for the missed dates of done requests."""
    deadlines = apps.get_model("filing", "Deadline").objects
    missed = deadlines.filter(state="missed", superseded_at=None, request__phase="done")
    missed.update(watch_on=timezone.now().date())


class Migration(migrations.Migration):
    dependencies = [("filing", "0012_deadlines_by_day")]

    operations = [
        migrations.AddIndex(
            model_name="deadline",
            index=models.Index(
                fields=["superseded_at"],
                name="deadline_replaced",
                condition=models.Q(superseded_at__isnull=False),
            ),
        ),
        migrations.RunPython(look_again, migrations.RunPython.noop),
    ]
