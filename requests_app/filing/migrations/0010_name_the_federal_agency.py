from django.db import migrations


def name_the_agency(apps, schema_editor):
    """Say which agency a federal target asks: it asked the first on the list alone. One without an agency stays."""
    targets = apps.get_model("filing", "CampaignTarget")
    groups = apps.get_model("filing", "CampaignAgency")
    for target in targets.objects.filter(jurisdiction="US", sole_agency__isnull=True).iterator():
        first = groups.objects.filter(target=target).order_by("place").values_list("agency_id", flat=True).first()
        if first is not None:
            targets.objects.filter(pk=target.pk).update(sole_agency_id=first)


class Migration(migrations.Migration):
    # Apart from the table's change: PostgreSQL does not alter a table in the transaction that wrote its rows.

    dependencies = [
        ("filing", "0009_each_federal_agency_alone"),
    ]

    operations = [
        migrations.RunPython(name_the_agency, migrations.RunPython.noop, elidable=True),
    ]
