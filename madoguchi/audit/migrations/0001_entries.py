from django.db import migrations, models
from django.db.models.functions import Cast


class Migration(migrations.Migration):
    initial = True
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
                        db_default=Cast(
                            Cast(models.Func(function="pg_current_xact_id"), models.TextField()),
                            models.BigIntegerField(),
                        )
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["target", "at"], name="audit_entry_target"),
                    models.Index(fields=["at"], name="audit_entry_at"),
                ],
            },
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
    ]
