from django.core.management.base import BaseCommand, CommandError

from madoguchi.backups.kinds import SecondCopy
from madoguchi.backups.prompt import command_errors
from madoguchi.workflows.operations.backup import back_up

SECOND_COPY_FAILED = 2


class Command(BaseCommand):
    help = (
        "暗号化したバックアップを作成します。終了コード: 0 作成、1 失敗、2 作成したが第二の保存先に届かず。"
    )

    def handle(self, *args: object, **options: object) -> None:
        with command_errors():
            made = back_up()
        self.stdout.write(f"バックアップを作成しました。 {made.backup} {made.bytes:,}バイト")
        if made.second_copy is SecondCopy.MISSED:
            raise CommandError("第二の保存先には届いていません。", returncode=SECOND_COPY_FAILED)
