from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_zones"), ("axes", "0010_accessattemptexpiration")]
    operations = [
        migrations.RunSQL(
            """
            DELETE FROM axes_accessattempt;
            ALTER TABLE axes_accessattempt ADD CONSTRAINT accounts_nothing_typed_is_kept CHECK (
                username ~ '^[0-9a-f]{32}$'
                -- The library puts a line of hyphens between two failures.
                AND get_data ~ '^[-[:space:]]*$' AND post_data ~ '^[-[:space:]]*$'
                AND user_agent = '' AND http_accept = '' AND path_info = ''
            );
            """,
            "ALTER TABLE axes_accessattempt DROP CONSTRAINT accounts_nothing_typed_is_kept",
        ),
    ]
