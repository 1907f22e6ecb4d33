import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("households", "0002_import_progress"),
    ]

    operations = [
        migrations.CreateModel(
            name="Passbook",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "version",
                    models.PositiveIntegerField(default=1, verbose_name="version"),
                ),
                (
                    "token_hash",
                    models.CharField(db_index=True, editable=False, max_length=64),
                ),
                ("issued_at", models.DateTimeField(verbose_name="issued at")),
                (
                    "printed_at",
                    models.DateTimeField(null=True, verbose_name="last printed at"),
                ),
                (
                    "household",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="passbooks",
                        to="households.household",
                        verbose_name="household",
                    ),
                ),
                (
                    "village",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="households.village",
                        verbose_name="village",
                    ),
                ),
            ],
            options={
                "verbose_name": "passbook",
                "verbose_name_plural": "passbooks",
                "permissions": [("print_cards", "Can print passbook cards")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("village", "household"),
                        name="households_passbook_one_for_a_household",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("version__gte", 1)),
                        name="households_passbook_versions_begin_at_one",
                    ),
                ],
            },
        ),
    ]
