import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('documents', '0008_index_of_passages'),
    ]

    operations = [
        migrations.CreateModel(
            name='Sheet',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('name', models.CharField(blank=True, help_text='As the file says; a text file has none.', max_length=255)),
                ('hidden', models.CharField(blank=True, choices=[('', 'shown'), ('hidden', 'hidden'), ('very', 'hidden so that its program offers no way to show it')], default='', max_length=6)),
                ('is_typed', models.BooleanField(default=True, help_text='The file says what is a number and what is text.')),
                ('is_read', models.BooleanField(default=False, help_text='All its rows are here.')),
                ('rows', models.PositiveIntegerField(default=0, help_text='The last one in which something stands.')),
                ('columns', models.PositiveIntegerField(default=0)),
                ('cells', models.PositiveIntegerField(default=0, help_text='With something in them.')),
                ('formulas', models.PositiveIntegerField(default=0)),
                ('header', models.PositiveIntegerField(default=0, help_text='The row that seems to name the columns; 0 for none.')),
                ('frozen_rows', models.PositiveIntegerField(default=0)),
                ('frozen_columns', models.PositiveIntegerField(default=0)),
                ('hidden_rows', models.JSONField(default=list, help_text='Ranges: [[first, last], ...].')),
                ('hidden_columns', models.JSONField(default=list)),
                ('merged', models.JSONField(default=list, help_text='Areas such as B7:C9.')),
                ('profile', models.JSONField(default=list, help_text='For each column: readers.sheets_profile.Column.told.')),
                ('is_cut', models.BooleanField(default=False, help_text='A text longer than 32,767 characters was cut.')),
                ('blob', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sheets', to='documents.blob')),
            ],
        ),
        migrations.CreateModel(
            name='SheetBlock',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('rows', models.BinaryField()),
                ('formulas', models.BinaryField(default=bytes, help_text='zlib of JSON, by cell; empty for none.')),
                ('sheet', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='blocks', to='documents.sheet')),
            ],
        ),
        migrations.CreateModel(
            name='SheetComment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('row', models.PositiveIntegerField()),
                ('column', models.PositiveIntegerField()),
                ('author', models.CharField(blank=True, max_length=200)),
                ('text', models.TextField()),
                ('sheet', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='comments', to='documents.sheet')),
            ],
        ),
        migrations.AddConstraint(
            model_name='sheet',
            constraint=models.UniqueConstraint(fields=('blob', 'number'), name='sheet_once_in_a_blob'),
        ),
        migrations.AddConstraint(
            model_name='sheet',
            constraint=models.CheckConstraint(condition=models.Q(('number__gte', 1)), name='sheet_numbered_from_one'),
        ),
        migrations.AddConstraint(
            model_name='sheetblock',
            constraint=models.UniqueConstraint(fields=('sheet', 'number'), name='sheet_block_once_in_a_sheet'),
        ),
        migrations.AddIndex(
            model_name='sheetcomment',
            index=models.Index(fields=['sheet', 'row', 'column'], name='sheet_comment_place'),
        ),
    ]
