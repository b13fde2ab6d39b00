from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("contract", "0002_proposals"),
        ("notifications", "0001_squashed"),
    ]

    operations = [
        migrations.RenameField(
            model_name="announcement",
            old_name="draft",
            new_name="proposal",
        ),
        migrations.RenameField(
            model_name="mailtext",
            old_name="draft",
            new_name="proposal",
        ),
        # Names that PostgreSQL or Django gave: the sequence, keys and their indexes.
        migrations.RunSQL(
            r"""
            DO $$ DECLARE named record; BEGIN
                FOR named IN
                    SELECT conrelid::regclass AS place, conname AS name FROM pg_constraint
                    WHERE conrelid::regclass::text LIKE 'notifications\_%' AND conname LIKE '%draft%'
                LOOP
                    EXECUTE format('ALTER TABLE %s RENAME CONSTRAINT %I TO %I', named.place, named.name,
                        replace(named.name, 'draft', 'proposal'));
                END LOOP;
                FOR named IN
                    SELECT relname AS name FROM pg_class
                    WHERE relkind IN ('i', 'S') AND relname LIKE 'notifications\_%draft%'
                LOOP
                    EXECUTE format('ALTER INDEX %I RENAME TO %I', named.name,
                        replace(named.name, 'draft', 'proposal'));
                END LOOP;
            END $$;
            """,
            migrations.RunSQL.noop,
        ),
    ]
