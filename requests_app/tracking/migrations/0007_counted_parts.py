"""Tables of parts are counted beforehand, too. What was counted can be counted again: the task does it within minutes."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tracking', '0006_calendar_feeds'),
    ]

    operations = [
        migrations.DeleteModel(name='CountedTable'),
        migrations.CreateModel(
            name='CountedTable',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('by', models.CharField(max_length=12)),
                ('part', models.CharField(blank=True, default='', max_length=40)),
                ('as_of', models.DateField()),
                ('requests', models.PositiveIntegerField(default=0)),
                ('events', models.PositiveBigIntegerField(default=0)),
                ('newest', models.DateTimeField(blank=True, null=True)),
                ('counted_at', models.DateTimeField()),
                ('content', models.BinaryField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('part', 'by'), name='one_counted_table_for_a_part')],
            },
        ),
    ]
