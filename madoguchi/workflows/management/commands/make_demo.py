from django.core.management.base import BaseCommand

from madoguchi.workflows.simulation.demo import make_demo


class Command(BaseCommand):
    help = "Fill a training system with made-up staff and bookings, once."

    def handle(self, *args: object, **options: object) -> None:
        told = make_demo()
        if told:
            kinds = sorted({kind for _, kind in told.counts})
            self.stdout.write(", ".join(f"{kind} {told.total(kind)}" for kind in kinds))
