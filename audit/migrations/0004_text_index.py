"""Indexes for the filters of the history's pages. Without pg_trgm the text index is left out; a check says so."""

import sys

from django.db import migrations, models

from audit.operations import text_index


def build(apps, schema_editor):
    if not text_index.build():
        sys.stderr.write("\nThe history has no index for texts: `manage.py check --database default` says why.\n")


def drop(apps, schema_editor):
    text_index.drop()


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_seals")]
    operations = [
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(fields=["outcome", "-at", "-id"], name="entry_outcome"),
        ),
        migrations.RunPython(build, drop),
    ]
