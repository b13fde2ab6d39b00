from django.core.management.base import BaseCommand

from madoguchi.audit.keys import make_keys


class Command(BaseCommand):
    help = (
        "Print new keys for the seals of the audit trail: a private key, then the public ones until now. "
        "Keep them in the file AUDIT_KEYS_FILE, never beside the database's backups."
    )
    requires_system_checks = ()

    def handle(self, *args: object, **options: object) -> None:
        self.stdout.write(make_keys())
