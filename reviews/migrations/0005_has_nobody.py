from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reviews", "0004_applied_by")]

    operations = [
        migrations.AddField(
            model_name="reviewitem",
            name="has_nobody",
            field=models.BooleanField(default=False),
        ),
    ]
