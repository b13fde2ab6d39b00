from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from madoguchi.audit.seals import last_seal, unsealed
from madoguchi.audit.verification import Printed, faults


class Command(BaseCommand):
    help = (
        "Check the audit trail against its seals; ends with an error when anything is not as it was sealed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--number", type=int, help="number of a printed seal")
        parser.add_argument("--root", help="its root (照合値); spaces do not count")

    def handle(self, *args: object, **options: Any) -> None:
        number, root = options["number"], options["root"]
        if (number is None) != (root is None):
            raise CommandError("--number と --root は一緒に指定してください。", returncode=2)
        printed = Printed(number, "".join(root.split()).lower()) if root else None
        found = list(faults(printed=printed))
        for sentence in found:
            self.stdout.write(sentence)
        if found:
            raise CommandError(f"操作記録に {len(found)}件の異常があります。")
        seal = last_seal()
        if seal is None:
            self.stdout.write("封印はまだありません。")
        else:
            self.stdout.write(
                f"異常はありません。最後の封印は第{seal.number}号、照合値は {seal.root} です。"
                f"封印を待つ記録は {unsealed().count}件です。"
            )
            if printed is None:
                self.stdout.write("末尾の切り取りは、控えの --number と --root がないと分かりません。")
