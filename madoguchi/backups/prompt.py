"""Error messages of the management commands."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management.base import CommandError
from django.db import OperationalError

from madoguchi.backups.errors import BackupRefusal


@contextmanager
def command_errors() -> Iterator[None]:
    """Turn a refusal, or a database that cannot be reached, into a CommandError with its cause."""
    try:
        yield
    except BackupRefusal as refusal:
        raise CommandError(f"{refusal.message}\n{refusal.fields.get('detail', '')}".strip()) from None
    except OperationalError as error:
        raise CommandError(f"データベースに接続できません。\n{error}".strip()) from None
