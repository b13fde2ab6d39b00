from argparse import ArgumentParser
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from madoguchi.backups.prompt import command_errors
from madoguchi.workflows.operations.backup import drill


class Command(BaseCommand):
    help = (
        "最新のバックアップを試しのデータベースに復元して比べ、結果と所要時間を記録します。"
        "試しのデータベースは残しません。"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--identity", required=True, type=Path, help="age の復号鍵のファイル")
        parser.add_argument(
            "--folder", type=Path, default=settings.BACKUP_FOLDER, help="第二の保存先を試すとき"
        )

    def handle(self, *, identity: Path, folder: Path | None, **_: object) -> None:
        if folder is None:
            raise CommandError("--folder か BACKUP_FOLDER が必要です。")
        with command_errors():
            done = drill(folder=folder, identity=identity)
        self.stdout.write(
            f"バックアップ {done.backup} を復元でき、内容も一致しました。{done.took.total_seconds():.0f}秒"
        )
