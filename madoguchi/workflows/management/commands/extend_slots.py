from django.core.management.base import BaseCommand

from madoguchi.workflows.capacity.slots import extend_slots


class Command(BaseCommand):
    help = "Lay out the slots and seats of the booking window; a job does so every night."

    def handle(self, *args: object, **options: object) -> None:
        self.stdout.write(f"{extend_slots()} slots laid out or changed")
