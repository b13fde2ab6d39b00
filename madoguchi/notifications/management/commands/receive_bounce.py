"""manage.py receive_bounce: reads a returned mail that a mail server pipes to it."""

import os
import sys
from typing import Final

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from madoguchi.common.errors import NotVisible
from madoguchi.notifications.bounces import failed_message_id
from madoguchi.notifications.errors import NotANotification
from madoguchi.notifications.services import record_bounce

# The returned headers stand near the beginning; what follows them is not read.
MAX_BYTES: Final = 2**20


class Command(BaseCommand):
    help = "届かなかったメールの通知（RFC 3464）を標準入力から1通読み、送信の記録に書きます。"
    requires_system_checks = ()

    def handle(self, *args: object, **options: object) -> None:
        """Record a bounced mail; the exit codes are those of sysexits.h."""
        try:
            message_id = failed_message_id(sys.stdin.buffer.read(MAX_BYTES))
            if message_id:
                record_bounce(message_id=message_id)
        except NotANotification as refusal:
            raise CommandError(refusal.message, returncode=os.EX_DATAERR) from None
        except NotVisible:
            message_id = ""
        except OperationalError:
            raise CommandError("データベースにつながりません。", returncode=os.EX_TEMPFAIL) from None
        self.stdout.write("届かなかったことを記録しました。" if message_id else "記録することはありません。")
