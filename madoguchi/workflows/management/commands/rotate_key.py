from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from madoguchi.sealing.services import ring_using, ring_with_new_key, ring_without
from madoguchi.workflows.operations.keys import KeyNeeded, refuse_needed


class Command(BaseCommand):
    help = "Print the key ring with a new key, with another one in use, or without one that nothing needs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("step", choices=["add", "use", "drop"])
        parser.add_argument("name", nargs="?", default="", help="the key, such as k2 (for use and drop)")

    def handle(self, *args: object, **options: str) -> None:
        step, name = options["step"], options["name"]
        if step == "add":
            name, ring = ring_with_new_key()
            self.stderr.write(f"{name}: put this ring on every host and restart; then: rotate_key use {name}")
        elif step == "use":
            try:
                ring = ring_using(name)
            except KeyError:
                raise CommandError(f"The key ring does not hold key {name!r}.", returncode=1) from None
        else:
            try:
                refuse_needed(name)
            except KeyNeeded as refusal:
                raise CommandError(refusal.message, returncode=1) from None
            ring = ring_without(name)
        self.stdout.write(ring)
