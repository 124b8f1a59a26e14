"""Seals and checkpoints, as append-only as the entries. Entries stay as they are, digests included."""

import django.db.models.expressions
from django.db import migrations, models

SQLITE = {
    "update": """
        CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table}
        BEGIN SELECT RAISE(ABORT, 'History is never changed.'); END""",
    "delete": """
        CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table}
        BEGIN SELECT RAISE(ABORT, 'History is never removed.'); END""",
}
POSTGRESQL = """
    CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'History is never changed or removed.'; END $$;
    CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
        FOR EACH ROW EXECUTE FUNCTION {table}_refuse();
    CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse();"""
TABLES = ("audit_seal", "audit_checkpoint")


def create_triggers(apps, schema_editor):
    statements = [POSTGRESQL] if schema_editor.connection.vendor == "postgresql" else SQLITE.values()
    for table in TABLES:
        for statement in statements:
            schema_editor.execute(statement.format(table=table))


def drop_triggers(apps, schema_editor):
    for table in TABLES:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"DROP FUNCTION {table}_refuse() CASCADE")
            continue
        for name in SQLITE:
            schema_editor.execute(f"DROP TRIGGER {table}_no_{name}")


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0002_append_only"),
    ]

    operations = [
        migrations.CreateModel(
            name="Checkpoint",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("seal", models.BigIntegerField()),
                ("seal_hash", models.CharField(max_length=64)),
                ("entries", models.BigIntegerField()),
                ("public_key", models.CharField(blank=True, max_length=64)),
                ("signature", models.CharField(blank=True, max_length=128)),
            ],
            options={
                "ordering": ["number"],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("number__gte", 1)), name="checkpoint_numbered_from_one")
                ],
            },
        ),
        migrations.CreateModel(
            name="Seal",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("previous", models.CharField(max_length=64, unique=True)),
                ("at", models.DateTimeField()),
                ("first_id", models.BigIntegerField(unique=True)),
                ("last_id", models.BigIntegerField()),
                ("count", models.IntegerField()),
                ("root", models.CharField(max_length=64)),
                ("hash", models.CharField(max_length=64, unique=True)),
                ("places", models.BinaryField()),
            ],
            options={
                "ordering": ["number"],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("number__gte", 1)), name="seal_numbered_from_one"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("count__gte", 1),
                            (
                                "last_id__gte",
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("first_id"), "+", models.F("count")
                                    ),
                                    "-",
                                    models.Value(1),
                                ),
                            ),
                        ),
                        name="seal_holds_what_it_has_room_for",
                    ),
                ],
            },
        ),
        migrations.RunPython(create_triggers, drop_triggers),
    ]
