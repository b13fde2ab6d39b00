from django.core.management import call_command
from django.core.management.base import BaseCommand

from madoguchi.audit.seals import seal_entries


class Command(BaseCommand):
    help = "Bring the pack, the slots, the demo and the static files of a training system up to date."

    def handle(self, *args: object, **options: object) -> None:
        call_command("load_pack", interactive=False)
        call_command("extend_slots")
        call_command("make_demo")
        seal_entries()
        call_command("collectstatic", interactive=False, verbosity=0)
        call_command("show_demo_logins")
