from django.core.management.base import BaseCommand

from madoguchi.workflows.demo import make_demo


class Command(BaseCommand):
    help = "Fill a training system with made-up staff and bookings, once."

    def handle(self, *args: object, **options: object) -> None:
        summary = make_demo()
        if summary:
            self.stdout.write(", ".join(f"{kind} {count}" for kind, count in sorted(summary.counts.items())))
