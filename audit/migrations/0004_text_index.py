"""Indexes for the filters of the history's pages. Without pg_trgm the text index is left out; a check says so."""

from django.db import migrations, models

from audit.operations import text_index


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_seals")]
    operations = [
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(fields=["outcome", "-at", "-id"], name="entry_outcome"),
        ),
        migrations.RunPython(lambda *_: text_index.build() and None, lambda *_: text_index.drop()),
    ]
