from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand

from madoguchi.backups.prompt import command_errors
from madoguchi.workflows.operations.backup import restore


class Command(BaseCommand):
    help = (
        "データと鍵の2つのファイルから、DATABASE_URL の空のデータベースに復元します。"
        "表を所有するロールで実行します。"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help=".data.age と .keys.age")
        parser.add_argument("--identity", required=True, type=Path, help="age の復号鍵のファイル")

    def handle(self, *, files: list[Path], identity: Path, **_: object) -> None:
        with command_errors():
            restored = restore(paths=files, identity=identity)
        self.stdout.write(
            f"復元しました。データ {restored.backup}・鍵 {restored.keys}・"
            f"表 {restored.tables}・{restored.rows:,}行。内容はバックアップしたときと一致しています。"
        )
