from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("rewards", "0001_initial")]

    operations = [
        # Nobody who gave before was asked, so none of them is named.
        migrations.AddField(
            model_name="stockmovement",
            name="is_anonymous",
            field=models.BooleanField(
                default=True, verbose_name="the donor wants no name in public"
            ),
        ),
        migrations.AlterField(
            model_name="stockmovement",
            name="is_anonymous",
            field=models.BooleanField(
                default=False, verbose_name="the donor wants no name in public"
            ),
        ),
    ]
