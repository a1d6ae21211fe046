
import django.core.validators
import django.db.models.deletion
import re
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('agencies', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Official',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('jurisdiction', models.CharField(max_length=2, verbose_name='state')),
                ('office', models.CharField(choices=[('governor', 'Governor'), ('state_senator', 'State senator'), ('state_representative', 'State representative'), ('attorney_general', 'Attorney general'), ('nlets_representative', 'Nlets coordinator or representative'), ('other', 'Another office')], max_length=30, verbose_name='office')),
                ('title', models.CharField(blank=True, default='', help_text='How the letter calls the office, such as Delegate. Needed for another office.', max_length=100, verbose_name='title')),
                ('name', models.CharField(max_length=200, verbose_name='name')),
                ('district', models.CharField(blank=True, default='', max_length=60, verbose_name='district')),
                ('email', models.CharField(blank=True, default='', max_length=254, verbose_name='e-mail')),
                ('postal_address', models.TextField(blank=True, default='', verbose_name='postal address')),
                ('phone', models.CharField(blank=True, default='', max_length=40, verbose_name='telephone')),
                ('fax', models.CharField(blank=True, default='', max_length=40, verbose_name='fax')),
                ('source', models.CharField(max_length=500, verbose_name='where it was seen')),
                ('checked_on', models.DateField(help_text='The day on which somebody last looked.', verbose_name='checked on')),
                ('retired_at', models.DateTimeField(blank=True, null=True)),
                ('updated_at', models.DateTimeField()),
            ],
            options={
                'verbose_name': 'official',
                'verbose_name_plural': 'officials',
                'ordering': ['jurisdiction', 'office', 'district', 'name'],
                'constraints': [models.UniqueConstraint(fields=('jurisdiction', 'office', 'district', 'name'), name='official_listed_once', violation_error_message='This official is on the list already.'), models.CheckConstraint(condition=models.Q(models.Q(('office', 'other'), _negated=True), models.Q(('title', ''), _negated=True), _connector='OR'), name='other_office_has_a_title')],
            },
        ),
        migrations.CreateModel(
            name='OfficialChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('what', models.CharField(choices=[('added', 'Added'), ('edited', 'Edited'), ('retired', 'No longer in office'), ('back', 'Back in office')], max_length=20)),
                ('before', models.JSONField(default=dict)),
                ('after', models.JSONField(default=dict)),
                ('why', models.CharField(blank=True, default='', max_length=500)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('official', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='changes', to='agencies.official')),
            ],
            options={
                'ordering': ['-at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='OfficialImport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('file_name', models.CharField(max_length=200)),
                ('text', models.TextField()),
                ('remarks', models.JSONField(default=list)),
                ('plan_sha256', models.CharField(max_length=64)),
                ('made_at', models.DateTimeField()),
                ('applied_at', models.DateTimeField(blank=True, null=True)),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Exchange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('happened_on', models.DateField(verbose_name='day')),
                ('channel', models.CharField(choices=[('call', 'Telephone call'), ('meeting', 'Meeting'), ('letter', 'Letter'), ('postcard', 'Postcard'), ('email', 'E-mail'), ('fax', 'Fax')], max_length=10, verbose_name='way')),
                ('from_them', models.BooleanField(default=False, verbose_name='they wrote or called us')),
                ('spoke_with', models.CharField(blank=True, default='', help_text='The office or role, such as scheduler.', max_length=200, verbose_name='spoke with')),
                ('answered', models.CharField(blank=True, choices=[('', 'No answer yet'), ('yes', 'Answered'), ('no', 'Would not answer'), ('referred', 'Sent us to somebody else')], default='', max_length=10, verbose_name='answer')),
                ('ice_2024', models.CharField(blank=True, default='', max_length=20)),
                ('ice_2025', models.CharField(blank=True, default='', max_length=20)),
                ('hsi_2024', models.CharField(blank=True, default='', max_length=20)),
                ('hsi_2025', models.CharField(blank=True, default='', max_length=20)),
                ('blocks', models.CharField(blank=True, choices=[('', 'Not answered'), ('yes', 'Yes'), ('no', 'No'), ('partial', 'Partly'), ('does_not_know', 'Does not know')], default='', max_length=20, verbose_name='blocks in place?')),
                ('reason', models.TextField(blank=True, default='', max_length=2000, verbose_name='the reason, and who decided')),
                ('note', models.TextField(blank=True, default='', max_length=4000, verbose_name='note')),
                ('follow_up_on', models.DateField(blank=True, null=True, verbose_name='ask again on')),
                ('followed_up_at', models.DateTimeField(blank=True, null=True)),
                ('recorded_at', models.DateTimeField()),
                ('struck_at', models.DateTimeField(blank=True, null=True)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('struck_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('official', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='exchanges', to='agencies.official')),
            ],
            options={
                'ordering': ['-happened_on', '-pk'],
                'indexes': [models.Index(condition=models.Q(('follow_up_on__isnull', False), ('followed_up_at__isnull', True), ('struck_at__isnull', True)), fields=['by', 'follow_up_on'], name='exchange_follow_up')],
                'constraints': [models.CheckConstraint(condition=models.Q(('follow_up_on__isnull', True), ('follow_up_on__gte', models.F('happened_on')), _connector='OR'), name='follow_up_is_not_before_the_exchange', violation_error_message='The day to ask again is before the day of this entry.')],
            },
        ),
        migrations.CreateModel(
            name='StatusLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('jurisdiction', models.CharField(db_index=True, max_length=2, verbose_name='state')),
                ('door', models.CharField(choices=[('nlets', 'Nlets'), ('direct', 'a direct account')], max_length=10, verbose_name='door')),
                ('component', models.CharField(choices=[('ICE', 'ICE'), ('HSI', 'HSI'), ('CBP', 'CBP'), ('USBP', 'the Border Patrol'), ('DHS', 'DHS as a whole')], max_length=10, verbose_name='federal office')),
                ('position', models.CharField(choices=[('block', 'a block is reported'), ('partial', 'a partial block is reported'), ('in_progress', 'a block is reported to be in progress'), ('no_action', 'the governor got the letter of November 2025; no action was found'), ('supports', 'the state is reported to support access'), ('access', 'access is reported'), ('ended', 'an account is reported to have ended')], max_length=20, verbose_name='what is reported')),
                ('as_of', models.CharField(help_text='The date of the report: 2026, 2026-11 or 2026-11-21.', max_length=10, validators=[django.core.validators.RegexValidator(re.compile('^\\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\\d|3[01]))?)?$'), 'Write a year, a month or a day: 2026, 2026-11 or 2026-11-21.')], verbose_name='as of')),
                ('note', models.TextField(blank=True, default='', max_length=1000, verbose_name='what the report says')),
                ('reported_by', models.CharField(max_length=200, verbose_name='reported by')),
                ('source_url', models.URLField(max_length=500, verbose_name='address of the report')),
                ('confidence', models.CharField(choices=[('high', 'well established'), ('medium', 'probable'), ('low', 'uncertain')], default='medium', max_length=10, verbose_name='how sure')),
                ('added_at', models.DateTimeField()),
                ('seed_key', models.CharField(blank=True, help_text="Fingerprint of the line in the project's own list.", max_length=64, null=True, unique=True)),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
                ('withdrawn_why', models.CharField(blank=True, default='', max_length=500)),
                ('added_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('withdrawn_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['jurisdiction', 'door', 'component', '-as_of', '-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('source_url', ''), _negated=True), models.Q(('reported_by', ''), _negated=True), models.Q(('as_of', ''), _negated=True)), name='status_line_says_who_where_and_when'), models.CheckConstraint(condition=models.Q(models.Q(('door', 'nlets'), ('position__in', ('block', 'partial', 'in_progress', 'no_action', 'supports', 'access'))), models.Q(('door', 'direct'), ('position__in', ('access', 'ended'))), _connector='OR'), name='status_line_fits_its_door'), models.CheckConstraint(condition=models.Q(('component__in', ['ICE', 'HSI', 'CBP', 'USBP', 'DHS'])), name='status_line_names_an_office')],
            },
        ),
    ]
