import signal
import time
from argparse import ArgumentParser
from types import FrameType

import structlog
from django.core.management.base import BaseCommand
from django.db import DatabaseError, close_old_connections

from madoguchi.workflows.messages.mail import send_due_mail

PAUSE_SECONDS = 2
log = structlog.get_logger()


class Command(BaseCommand):
    help = "Send the mail that is due, every two seconds until told to stop. Several may run at once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="send what is due now, and end")

    def handle(self, *args: object, **options: object) -> None:
        if options["once"]:
            while send_due_mail():
                pass
            return
        self.stopped = False
        # The mail under way is finished first: stopped in the middle it would be left to people.
        signal.signal(signal.SIGTERM, self.stop)
        signal.signal(signal.SIGINT, self.stop)
        while not self.stopped:
            close_old_connections()
            try:
                count = send_due_mail(limit=1)
            except DatabaseError as error:
                log.warning("mail_without_database", error=type(error).__name__)
                count = 0
            if not count:
                time.sleep(PAUSE_SECONDS)

    def stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stopped = True
