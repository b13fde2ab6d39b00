import os
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from madoguchi.audit.actions import AuditAction
from madoguchi.audit.actor import SYSTEM
from madoguchi.audit.services import record
from madoguchi.audit.verification import log_lines


class Command(BaseCommand):
    help = "Write the sealed audit trail to a new file that scripts/verify_audit_log.py can check anywhere."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file")

    def handle(self, *args: object, **options: Any) -> None:
        try:
            handle = os.open(options["file"], os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise CommandError(f"{options['file']} を新しく作れません: {error.strerror}") from error
        record(action=AuditAction.EXPORTED, actor=SYSTEM, target="audit")
        with os.fdopen(handle, "wb") as file:
            for line in log_lines():
                file.write(line + b"\n")
        self.stdout.write(f"{options['file']} に書き出しました。")
