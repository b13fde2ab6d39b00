import django.db.models.deletion
import django.db.models.functions.comparison
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("audit", "0001_entries"),
        ("audit", "0002_checks"),
        ("audit", "0003_seals"),
    ]
    dependencies = []

    operations = [
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("actor", models.CharField(max_length=80)),
                ("action", models.CharField(max_length=80)),
                ("target", models.CharField(max_length=120)),
                ("detail", models.JSONField(default=dict)),
                (
                    "transaction",
                    models.BigIntegerField(
                        db_default=django.db.models.functions.comparison.Cast(
                            django.db.models.functions.comparison.Cast(
                                models.Func(function="pg_current_xact_id"), models.TextField()
                            ),
                            models.BigIntegerField(),
                        )
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="AuditSeal",
            fields=[
                ("number", models.PositiveIntegerField(primary_key=True, serialize=False)),
                ("previous", models.BinaryField(unique=True)),
                ("root", models.BinaryField()),
                ("entries", models.PositiveIntegerField()),
                ("sealed_at", models.DateTimeField()),
                ("key", models.CharField(max_length=32)),
                ("signature", models.BinaryField()),
                ("horizon", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="CheckRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=40, unique=True)),
                ("ran_at", models.DateTimeField()),
                ("findings", models.JSONField(default=list)),
            ],
        ),
        migrations.CreateModel(
            name="AuditSealedEntry",
            fields=[
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        serialize=False,
                        to="audit.auditentry",
                    ),
                ),
                ("place", models.PositiveIntegerField()),
                ("leaf", models.BinaryField()),
            ],
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["target", "at"], name="audit_entry_target"),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["at"], name="audit_entry_at"),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["transaction"], name="audit_entry_transaction"),
        ),
        migrations.AddConstraint(
            model_name="auditseal",
            constraint=models.CheckConstraint(
                condition=models.Q(("entries__gte", 1), ("number__gte", 1)),
                name="audit_auditseal_is_counted_from_one_and_not_empty",
            ),
        ),
        migrations.AddField(
            model_name="auditsealedentry",
            name="seal",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, to="audit.auditseal"
            ),
        ),
        migrations.AddConstraint(
            model_name="auditsealedentry",
            constraint=models.UniqueConstraint(
                fields=("seal", "place"), name="audit_auditsealedentry_has_its_own_place"
            ),
        ),
        migrations.RunSQL(
            """
            CREATE FUNCTION audit_entries_stay() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION 'audit entries are never changed or removed' USING ERRCODE = 'check_violation'; END $$;
            CREATE TRIGGER audit_entries_stay BEFORE UPDATE OR DELETE ON audit_auditentry
                FOR EACH ROW EXECUTE FUNCTION audit_entries_stay();
            CREATE TRIGGER audit_entries_stay_whole BEFORE TRUNCATE ON audit_auditentry
                FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_stay();
            """,
            "DROP TRIGGER audit_entries_stay ON audit_auditentry; "
            "DROP TRIGGER audit_entries_stay_whole ON audit_auditentry; DROP FUNCTION audit_entries_stay();",
        ),
        migrations.RunSQL(
            """
            CREATE TRIGGER audit_seals_stay BEFORE UPDATE OR DELETE ON audit_auditseal
                FOR EACH ROW EXECUTE FUNCTION audit_entries_stay();
            CREATE TRIGGER audit_seals_stay_whole BEFORE TRUNCATE ON audit_auditseal
                FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_stay();
            CREATE TRIGGER audit_sealed_entries_stay BEFORE UPDATE OR DELETE ON audit_auditsealedentry
                FOR EACH ROW EXECUTE FUNCTION audit_entries_stay();
            CREATE TRIGGER audit_sealed_entries_stay_whole BEFORE TRUNCATE ON audit_auditsealedentry
                FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_stay();
            """,
            "DROP TRIGGER audit_seals_stay ON audit_auditseal; "
            "DROP TRIGGER audit_seals_stay_whole ON audit_auditseal; "
            "DROP TRIGGER audit_sealed_entries_stay ON audit_auditsealedentry; "
            "DROP TRIGGER audit_sealed_entries_stay_whole ON audit_auditsealedentry;",
        ),
    ]
