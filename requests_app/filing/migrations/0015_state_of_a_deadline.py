"""A deadline says in which state it runs: its request's, which never changes."""

from typing import Any

from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def from_the_requests(apps: Any, schema_editor: Any) -> None:
    """Write the state of each request to its deadlines."""
    deadlines = apps.get_model("filing", "Deadline").objects
    asked = apps.get_model("filing", "RecordsRequest").objects.filter(pk=OuterRef("request"))
    deadlines.update(jurisdiction=Subquery(asked.values("jurisdiction")[:1]))


class Migration(migrations.Migration):
    dependencies = [("filing", "0014_the_desk_reads_its_index_alone")]

    operations = [
        migrations.AddField("deadline", "jurisdiction", models.CharField(default="", max_length=2), preserve_default=False),
        migrations.RunPython(from_the_requests, migrations.RunPython.noop),
    ]
