from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from madoguchi.backups.files import new_identity


class Command(BaseCommand):
    help = (
        "バックアップの復号鍵を新しいファイルに書き、BACKUP_RECIPIENTS に入れる公開鍵を表示します。"
        "サーバーではない機器で実行し、復号鍵は金庫に2つ保管します。"
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *, file: Path, **_: object) -> None:
        secret, public = new_identity()
        try:
            file.touch(mode=0o600, exist_ok=False)
        except OSError as error:
            raise CommandError(f"ファイルを作れません: {error}") from None
        file.write_text(f"# public key: {public}\n{secret}\n", encoding="ascii")
        self.stdout.write(public)
