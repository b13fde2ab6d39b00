"""Create the first administrator of a zone, who creates the other accounts on screen.

The contractor's without --role, the city's with --role city_admin. It is an entry of the audit trail.
"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from madoguchi.accounts.kinds import Role
from madoguchi.accounts.services import open_account
from madoguchi.audit.actor import SYSTEM
from madoguchi.common.errors import Refusal


class Command(BaseCommand):
    help = "Open an account and print its one-time start code, to be typed at /staff/start/ within 7 days."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--name", required=True, help="氏名")
        parser.add_argument("--organisation", required=True, help="所属")
        parser.add_argument("--role", action="append", choices=[*Role], default=None)

    def handle(self, **options: Any) -> None:
        try:
            opened = open_account(
                username=options["username"],
                display_name=options["name"],
                organisation=options["organisation"],
                roles=[Role(role) for role in options["role"] or [Role.ADMIN]],
                actor=SYSTEM,
            )
        except Refusal as refusal:
            raise CommandError(refusal.message) from refusal
        self.stdout.write(f"開始コード: {opened.start_code}")
