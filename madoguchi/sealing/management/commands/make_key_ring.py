from django.core.management.base import BaseCommand

from madoguchi.sealing.services import make_key_ring


class Command(BaseCommand):
    help = "Print a new key ring; keep it in a file that is never stored beside the database's backups."
    requires_system_checks = ()

    def handle(self, *args: object, **options: object) -> None:
        self.stdout.write(make_key_ring())
