from django.core.management.base import BaseCommand, CommandError

from madoguchi.workflows.operations.status import check_invariants


class Command(BaseCommand):
    help = (
        "Check what must always hold between the ledgers, and open everything that is sealed; "
        "ends with an error when something does not hold."
    )

    def handle(self, *args: object, **options: object) -> None:
        found = check_invariants(all_sealed=True)
        for breach in found:
            self.stdout.write(
                f"{breach.check}: {breach.sentence} ({breach.count}) {' '.join(breach.examples)}"
            )
        if found:
            raise CommandError(f"{len(found)} invariants do not hold.")
        self.stdout.write("All invariants hold.")
