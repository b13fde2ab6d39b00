from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_squashed")]

    operations = [
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["actor", "at"], name="audit_entry_actor"),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["action", "at"], name="audit_entry_action"),
        ),
    ]
