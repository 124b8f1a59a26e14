"""The names in what was written before. After the trigger is there, so that nobody who writes waits for it."""

from django.db import migrations

NUMBERS = {"actor_name": "actor_id", "person_name": "person_id", "role_name": "role_id"}


def gather(apps, schema_editor):
    for name, number in NUMBERS.items():
        schema_editor.execute(
            f"""INSERT INTO audit_name ("column", number, name)
                SELECT DISTINCT '{name}', COALESCE({number}, 0), {name} FROM audit_entry
                WHERE {name} <> '' AND NOT EXISTS (
                    SELECT 1 FROM audit_name AS known WHERE known."column" = '{name}'
                    AND known.number = COALESCE(audit_entry.{number}, 0) AND known.name = audit_entry.{name})"""  # noqa: S608 - names of ours
        )


class Migration(migrations.Migration):
    dependencies = [("audit", "0007_names")]
    operations = [migrations.RunPython(gather, migrations.RunPython.noop)]
