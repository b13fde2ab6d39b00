"""Revoke the tokens of a partner."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from madoguchi.accounts.partners import revoke_tokens
from madoguchi.audit.actor import SYSTEM


class Command(BaseCommand):
    help = "Revoke every token of a partner; calls with them are refused within two seconds."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="連携先の名前")

    def handle(self, **options: Any) -> None:
        if not revoke_tokens(name=options["name"], actor=SYSTEM):
            raise CommandError("この名前の有効なトークンはありません。")
