"""Names apart from entries, for filters by a part of a name; and an index for kinds of events about a role."""

from django.db import migrations, models

NUMBERS = {"actor_name": "actor_id", "person_name": "person_id", "role_name": "role_id"}
# In words that both databases know. Not by a unique key: whoever writes a name first would have everybody wait who
# writes it, too, and two who write two names in another order would wait for each other. A name may so stand twice.
ONE = """
    SELECT '{name}', COALESCE(new.{number}, 0), new.{name} WHERE new.{name} <> '' AND NOT EXISTS (
        SELECT 1 FROM audit_name
        WHERE "column" = '{name}' AND number = COALESCE(new.{number}, 0) AND name = new.{name})"""
EACH = " UNION ALL".join(ONE.format(name=name, number=number) for name, number in NUMBERS.items())
ADD = f'INSERT INTO audit_name ("column", number, name){EACH};'
SQLITE = f"CREATE TRIGGER audit_entry_names AFTER INSERT ON audit_entry BEGIN {ADD} END"
POSTGRESQL = f"""
    CREATE FUNCTION audit_entry_names() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {ADD} RETURN NULL; END $$;
    CREATE TRIGGER audit_entry_names AFTER INSERT ON audit_entry FOR EACH ROW EXECUTE FUNCTION audit_entry_names()"""


def create_trigger(apps, schema_editor):
    schema_editor.execute(POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE)


def drop_trigger(apps, schema_editor):
    is_postgresql = schema_editor.connection.vendor == "postgresql"
    schema_editor.execute(
        "DROP FUNCTION audit_entry_names() CASCADE" if is_postgresql else "DROP TRIGGER audit_entry_names"
    )


class Migration(migrations.Migration):
    dependencies = [("audit", "0006_archives")]
    operations = [
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(
                fields=["role_id", "kind", "-at", "-id"],
                name="entry_role_kind",
                condition=models.Q(role_id__isnull=False),
            ),
        ),
        migrations.CreateModel(
            name="Name",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("column", models.CharField(max_length=20)),
                ("number", models.BigIntegerField()),
                ("name", models.CharField(max_length=200)),
            ],
        ),
        migrations.AddIndex(
            model_name="name", index=models.Index(fields=["column", "number", "name"], name="audit_name_known")
        ),
        migrations.RunPython(create_trigger, drop_trigger),
    ]
