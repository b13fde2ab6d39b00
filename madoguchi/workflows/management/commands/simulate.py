from argparse import ArgumentParser
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from madoguchi.audit.actor import SYSTEM
from madoguchi.common import clock
from madoguchi.workflows.simulation import simulate


class Command(BaseCommand):
    help = "Play days through the real services with a set clock (training only)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--days", type=int, default=7)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--a-day", type=int, default=40)

    def handle(self, *args: object, days: int, seed: int, a_day: int, **options: object) -> None:
        if not settings.TRAINING:
            raise CommandError("Made-up people have no place in a real system.")
        summary = simulate(
            first=clock.today() - timedelta(days=days),
            days=days,
            seed=seed,
            a_day=a_day,
            pack=Path(settings.PROGRAM_PACK),
            operator=SYSTEM,
            secretariat=SYSTEM,
        )
        for kind, count in sorted(summary.counts.items()):
            self.stdout.write(f"{kind:<28}{count:>8}")
