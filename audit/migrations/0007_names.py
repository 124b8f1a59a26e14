"""Names apart from entries, for filters by a part of a name; and an index for kinds of events about a role."""

from django.db import migrations, models

# In words that both databases know.
ADD = """
    INSERT INTO audit_name ("column", number, name)
    SELECT 'actor_name', COALESCE(new.actor_id, 0), new.actor_name WHERE new.actor_name <> ''
    UNION ALL SELECT 'person_name', COALESCE(new.person_id, 0), new.person_name WHERE new.person_name <> ''
    UNION ALL SELECT 'role_name', COALESCE(new.role_id, 0), new.role_name WHERE new.role_name <> ''
    ON CONFLICT DO NOTHING;"""
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
                ("pk", models.CompositePrimaryKey("column", "number", "name", primary_key=True, serialize=False)),
                ("column", models.CharField(max_length=20)),
                ("number", models.BigIntegerField()),
                ("name", models.CharField(max_length=200)),
            ],
        ),
        migrations.RunPython(create_trigger, drop_trigger),
    ]
