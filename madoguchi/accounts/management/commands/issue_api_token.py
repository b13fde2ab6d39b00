"""Issue an API token to a partner and print only the token, for use in scripts."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from madoguchi.accounts.partners import issue_token
from madoguchi.audit.actor import SYSTEM
from madoguchi.common.errors import Refusal


class Command(BaseCommand):
    help = "Give a partner a token for POST /api/v1/reservations and print it. It is shown once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="連携先の名前")

    def handle(self, **options: Any) -> None:
        try:
            self.stdout.write(issue_token(name=options["name"], actor=SYSTEM))
        except Refusal as refusal:
            raise CommandError(refusal.message) from refusal
