"""manage.py load_pack: show what a program pack changes, then load it."""

from argparse import ArgumentParser
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from madoguchi.common.errors import Refusal
from madoguchi.common.references import show_reference
from madoguchi.workflows.capacity.slots import Effect
from madoguchi.workflows.pack.loading import apply_pack, plan_pack, preview_pack, read_pack


class Command(BaseCommand):
    help = "事業の設定（プログラムパック）を読み込みます。誤りがあれば、すべて示して何も変えません。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", nargs="?", type=Path, default=settings.PROGRAM_PACK)
        parser.add_argument("--plan", action="store_true", help="変更点を示すだけで、読み込まない")
        parser.add_argument(
            "--noinput", action="store_false", dest="interactive", help="変更点を確認せずに読み込む"
        )

    def handle(self, *, folder: Path, plan: bool, interactive: bool, **_: object) -> None:
        try:
            pack = read_pack(folder)
            planned = plan_pack(pack)
            self.stdout.write("\n".join(planned.lines()))
            if not planned.changes:
                return
            if not planned.is_first and (plan or interactive):
                self._show(preview_pack(pack=pack, plan=planned))
            if plan or (interactive and not planned.is_first and not self._agreed()):
                return
            self._show(apply_pack(pack=pack, plan=planned))
            self.stdout.write(self.style.SUCCESS("読み込みました。"))
        except Refusal as refusal:
            raise CommandError(refusal.message) from None

    def _show(self, effect: Effect) -> None:
        self.stdout.write(f"予約枠の変更: {effect.slots}件  入らなくなる予約: {len(effect.affected)}件")
        for row in effect.affected:
            self.stdout.write(f"  {show_reference(row.reference)} {row.office}")

    def _agreed(self) -> bool:
        try:
            return input("読み込みますか。 [y/N] ").strip().lower() == "y"
        except EOFError:
            raise CommandError("--noinput を付けると、確認せずに読み込みます。") from None
