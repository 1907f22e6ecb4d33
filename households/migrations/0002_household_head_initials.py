from django.db import migrations, models

from households.pinyin import initials_of_name


def fill(apps, schema_editor):
    Household = apps.get_model("households", "Household")
    batch = []
    for household in Household.objects.filter(head_initials="").iterator():
        household.head_initials = initials_of_name(household.head_name)
        batch.append(household)
        if len(batch) == 500:
            Household.objects.bulk_update(batch, ["head_initials"])
            batch = []
    Household.objects.bulk_update(batch, ["head_initials"])


# Django would rebuild the table on SQLite, which the guards of other tables
# that name this one forbid; both databases can add a column in place.
ADD_COLUMN = """
    ALTER TABLE households_household
    ADD COLUMN head_initials varchar(100) NOT NULL DEFAULT ''
"""
DROP_COLUMN = "ALTER TABLE households_household DROP COLUMN head_initials"


class Migration(migrations.Migration):
    dependencies = [("households", "0001_initial")]

    operations = [
        migrations.RunSQL(
            ADD_COLUMN,
            DROP_COLUMN,
            state_operations=[
                migrations.AddField(
                    "household",
                    "head_initials",
                    models.CharField(
                        blank=True,
                        editable=False,
                        max_length=100,
                        verbose_name="initials of the head",
                    ),
                )
            ],
        ),
        migrations.AddIndex(
            "household",
            models.Index(
                fields=["village", "head_initials"], name="households_by_initials"
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
