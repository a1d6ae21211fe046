"""A step may wait for a trouble to pass, and is left out when one before it did not work."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('documents', '0003_locked_files_members_of_members_and_passwords'),
    ]

    operations = [
        migrations.AddField(
            model_name='step',
            name='delays',
            field=models.PositiveSmallIntegerField(default=0, help_text='How often in a row such a trouble held it up.'),
        ),
        migrations.AddField(
            model_name='step',
            name='waits_until',
            field=models.DateTimeField(blank=True, help_text='After a trouble that may pass: `trouble`.', null=True),
        ),
        migrations.AlterField(
            model_name='step',
            name='attempts',
            field=models.PositiveSmallIntegerField(default=0, help_text='Tries in a row of which none ended.'),
        ),
        migrations.AlterField(
            model_name='step',
            name='state',
            field=models.CharField(choices=[('later', 'comes after another step'), ('waiting', 'waiting'), ('running', 'running'), ('done', 'done'), ('not_needed', 'not needed'), ('failed', 'did not work'), ('left_out', 'left out, because a step before it did not work'), ('cancelled', 'stopped by a person')], default='later', max_length=12),
        ),
        migrations.AddIndex(
            model_name='step',
            index=models.Index(condition=models.Q(('state', 'later')), fields=['blob'], name='step_later'),
        ),
        migrations.AddIndex(
            model_name='step',
            index=models.Index(condition=models.Q(('state', 'failed')), fields=['-ended_at'], name='step_failed'),
        ),
        migrations.AddIndex(
            model_name='step',
            index=models.Index(condition=models.Q(('state', 'done')), fields=['name', '-ended_at'], name='step_done_lately'),
        ),
    ]
