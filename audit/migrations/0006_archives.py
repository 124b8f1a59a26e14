"""Archives: entries and seals may leave the tables, up to the last one that an archive holds, and no other way."""

from django.db import migrations, models

# In a trigger of SQLite every name is one of the trigger's own database, so nobody can put another table in between.
SQLITE = """
    CREATE TRIGGER audit_entry_no_delete BEFORE DELETE ON audit_entry
    WHEN old.id > COALESCE((SELECT last_id FROM audit_archive ORDER BY number DESC LIMIT 1), old.id - 1)
    BEGIN SELECT RAISE(ABORT, 'History is never removed.'); END;
    CREATE TRIGGER audit_seal_no_delete BEFORE DELETE ON audit_seal
    WHEN old.number > COALESCE((SELECT seal FROM audit_archive ORDER BY number DESC LIMIT 1), old.number - 1)
    BEGIN SELECT RAISE(ABORT, 'History is never removed.'); END;
    CREATE TRIGGER audit_archive_no_update BEFORE UPDATE ON audit_archive
    BEGIN SELECT RAISE(ABORT, 'History is never changed.'); END;
    CREATE TRIGGER audit_archive_no_delete BEFORE DELETE ON audit_archive
    BEGIN SELECT RAISE(ABORT, 'History is never removed.'); END;
    CREATE TRIGGER audit_archive_in_order BEFORE INSERT ON audit_archive
    WHEN new.number <> (SELECT COALESCE(MAX(number), 0) + 1 FROM audit_archive)
      OR new.first_id <> (SELECT COALESCE(MAX(last_id), 0) + 1 FROM audit_archive)
      OR NOT EXISTS (SELECT 1 FROM audit_seal
                     WHERE number = new.seal AND hash = new.seal_hash AND last_id = new.last_id)
      OR NOT EXISTS (SELECT 1 FROM audit_seal WHERE number > new.seal)
    BEGIN SELECT RAISE(ABORT, 'An archive goes on where the last one ended, up to a seal that is not the newest.'); END"""
SQLITE_STRICT = """
    CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table}
    BEGIN SELECT RAISE(ABORT, 'History is never removed.'); END"""

# The schema is named, because a temporary table of the same name would come first.
POSTGRESQL_MAY_LEAVE = """
    CREATE OR REPLACE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS
    $$
    DECLARE is_archived boolean;
    BEGIN
        IF TG_OP = 'DELETE' THEN
            EXECUTE format('SELECT {archived} >= $1 FROM %I.audit_archive ORDER BY number DESC LIMIT 1', TG_TABLE_SCHEMA)
                INTO is_archived USING OLD.{key};
            IF is_archived THEN RETURN OLD; END IF;
        END IF;
        RAISE EXCEPTION 'History is never changed or removed.';
    END $$"""
POSTGRESQL_STRICT = """
    CREATE OR REPLACE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'History is never changed or removed.'; END $$"""
POSTGRESQL_ARCHIVE = """
    CREATE TRIGGER audit_archive_append_only BEFORE UPDATE OR DELETE ON audit_archive
        FOR EACH ROW EXECUTE FUNCTION audit_archive_refuse();
    CREATE TRIGGER audit_archive_no_truncate BEFORE TRUNCATE ON audit_archive
        FOR EACH STATEMENT EXECUTE FUNCTION audit_archive_refuse();
    CREATE FUNCTION audit_archive_keep_order() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS
    $$
    DECLARE is_in_order boolean;
    BEGIN
        EXECUTE format('
            SELECT $1 = (SELECT coalesce(max(number), 0) + 1 FROM %1$I.audit_archive)
               AND $2 = (SELECT coalesce(max(last_id), 0) + 1 FROM %1$I.audit_archive)
               AND EXISTS (SELECT 1 FROM %1$I.audit_seal WHERE number = $3 AND hash = $4 AND last_id = $5)
               AND EXISTS (SELECT 1 FROM %1$I.audit_seal WHERE number > $3)', TG_TABLE_SCHEMA)
            INTO is_in_order USING NEW.number, NEW.first_id, NEW.seal, NEW.seal_hash, NEW.last_id;
        IF is_in_order THEN RETURN NEW; END IF;
        RAISE EXCEPTION 'An archive goes on where the last one ended, up to a seal that is not the newest.';
    END $$;
    CREATE TRIGGER audit_archive_in_order BEFORE INSERT ON audit_archive
        FOR EACH ROW EXECUTE FUNCTION audit_archive_keep_order()"""
LEAVING = (("audit_entry", "id", "last_id"), ("audit_seal", "number", "seal"))


def create_triggers(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for table, key, archived in LEAVING:
            schema_editor.execute(POSTGRESQL_MAY_LEAVE.format(table=table, key=key, archived=archived), params=None)
        schema_editor.execute(POSTGRESQL_STRICT.format(table="audit_archive"))
        schema_editor.execute(POSTGRESQL_ARCHIVE, params=None)
        return
    for table, _key, _archived in LEAVING:
        schema_editor.execute(f"DROP TRIGGER {table}_no_delete")
    for statement in SQLITE.split("END;"):
        schema_editor.execute(f"{statement.removesuffix('END')} END")


def drop_triggers(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for table, _key, _archived in LEAVING:
            schema_editor.execute(POSTGRESQL_STRICT.format(table=table))
        schema_editor.execute("DROP FUNCTION audit_archive_refuse() CASCADE")
        schema_editor.execute("DROP FUNCTION audit_archive_keep_order() CASCADE")
        return
    for name in ("no_update", "no_delete", "in_order"):
        schema_editor.execute(f"DROP TRIGGER audit_archive_{name}")
    for table, _key, _archived in LEAVING:
        schema_editor.execute(f"DROP TRIGGER {table}_no_delete")
        schema_editor.execute(SQLITE_STRICT.format(table=table))


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0005_stream_cursors"),
    ]

    operations = [
        migrations.CreateModel(
            name="Archive",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("seal", models.BigIntegerField()),
                ("seal_hash", models.CharField(max_length=64)),
                ("first_id", models.BigIntegerField()),
                ("last_id", models.BigIntegerField()),
                ("count", models.IntegerField()),
                ("entries", models.BigIntegerField()),
                ("newest_at", models.DateTimeField()),
                ("file", models.CharField(max_length=100)),
                ("digest", models.CharField(max_length=64)),
                ("told_in", models.BigIntegerField()),
            ],
            options={
                "ordering": ["number"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("count__gte", 1), ("last_id__gte", models.F("first_id")), ("number__gte", 1)
                        ),
                        name="archive_holds_something",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Hindrance",
            fields=[
                ("number", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("since", models.DateTimeField()),
                ("error", models.CharField(max_length=500)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("number", 1)), name="one_hindrance_at_most")
                ],
            },
        ),
        migrations.RunPython(create_triggers, drop_triggers),
    ]
