import json
import time
from argparse import ArgumentParser
from datetime import date, timedelta
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from madoguchi.audit.actor import Actor
from madoguchi.common import clock
from madoguchi.contract.rows import ProgramRow
from madoguchi.reservations.figures import last_booked_at
from madoguchi.workflows.pack.loading import read_pack
from madoguchi.workflows.simulation.agenda import Plan
from madoguchi.workflows.simulation.reconciliation import reconcile
from madoguchi.workflows.simulation.report import figures, report_pdf
from madoguchi.workflows.simulation.term import play


class Command(BaseCommand):
    help = "Simulate a term from a seed on an empty training database, and reconcile the ledgers with it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--first", type=date.fromisoformat, help="the first day (else that of the term)")
        parser.add_argument("--days", type=int, help="how many days (else to the end of the term)")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument(
            "--residents-per-day", type=int, default=60, help="how many people book on an open day"
        )
        parser.add_argument("--trouble", type=float, default=1, help="pauses and outages: 0 none, 2 twice")
        parser.add_argument("--out", type=Path, default=Path("var/simulation"))

    def handle(
        self, *, first: date | None, days: int | None, seed: int, residents_per_day: int, trouble: float,
        out: Path, **options: object,
    ) -> None:  # fmt: skip
        if not settings.TRAINING:
            raise CommandError("Made-up people have no place in a real system.")
        if last_booked_at():
            raise CommandError("There are reservations here; a simulation needs an empty database.")
        folder = Path(settings.PROGRAM_PACK)
        [term] = read_pack(folder).of(ProgramRow)
        first = first or term.term_starts_on
        plan = Plan(
            first=first,
            days=days or (term.term_ends_on - first).days + 1,
            seed=seed,
            residents_per_day=residents_per_day,
            pack=folder,
            operator=Actor("staff", "operator"),
            secretariat=Actor("staff", "secretariat"),
            trouble=trouble,
        )
        with clock.travel(clock.at(first, clock.MIDNIGHT)):
            call_command("load_pack", folder, interactive=False, stdout=self.stdout)
        began = time.monotonic()
        played = play(plan)
        with clock.travel(clock.at(first + timedelta(plan.days + 1), clock.MIDNIGHT)):
            found = figures(plan, played, reconcile(played))
            took = time.monotonic() - began
            out.mkdir(parents=True, exist_ok=True)
            text = json.dumps(found | {"seconds": round(took)}, ensure_ascii=False, indent=1)
            (out / "figures.json").write_text(text, encoding="utf-8")
            (out / "report.pdf").write_bytes(report_pdf(found, seconds=took))
        for kind, times in found["totals"].items():
            self.stdout.write(f"{kind:<32}{times:>8}")
        self.stdout.write(f"{took / 60:.1f} minutes; {out}/report.pdf, {out}/figures.json")
        for each in found["comparisons"]:
            for example in each["examples"]:
                self.stderr.write(f"{each['what']}: {example}")
        if not found["reconciles"]:
            raise CommandError("The ledgers do not reconcile with what residents were told.")
