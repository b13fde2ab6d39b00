from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection

# The application may add to the audit trail and its seals, never change them; the triggers say so too.
GRANTS = """
    GRANT USAGE ON SCHEMA public TO madoguchi_app;
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO madoguchi_app;
    GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO madoguchi_app;
    GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO madoguchi_app;
    REVOKE UPDATE, DELETE ON audit_auditentry, audit_auditseal, audit_auditsealedentry FROM madoguchi_app;
    REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM madoguchi_app;
"""


class Command(BaseCommand):
    help = (
        "Migrate, and let the role madoguchi_app use the tables without owning them. "
        "Run it as the role that owns the tables."
    )

    def handle(self, *args: object, **options: object) -> None:
        with connection.cursor() as cursor:
            # A migration that cannot have its lock at once gives way to the people using the system.
            cursor.execute("SET lock_timeout = '10s'")
        call_command("migrate", interactive=False, verbosity=0)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT current_user, EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'madoguchi_app')"
            )
            user, exists = cursor.fetchone()
            if exists and user != "madoguchi_app":
                cursor.execute(GRANTS)
            else:
                self.stderr.write(
                    "There is no role madoguchi_app: the application owns the tables it writes."
                )
