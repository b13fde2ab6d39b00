"""A sealed trail: twelve entries in three seals."""

import pytest

from madoguchi.audit import seals
from madoguchi.audit.models import AuditEntry, AuditSeal
from madoguchi.audit.verification import log_lines


@pytest.fixture
def write(db, now):
    """Write entries of the oldest transaction that the next seal looks at."""

    def entries(count, transaction=None):
        last = AuditSeal.objects.last()
        if transaction is None:
            transaction = last.horizon if last else 1
        return AuditEntry.objects.bulk_create(
            AuditEntry(
                at=now,
                actor="staff:7",
                action="test.thing.done",
                target=f"thing:{number}",
                detail={"数": number, "share": 0.1, "word": "改行\n\u2028終わり"},
                transaction=transaction,
            )
            for number in range(count)
        )

    return entries


@pytest.fixture
def sealed(write, seal_keys_set, monkeypatch):
    """Return the entries."""
    monkeypatch.setattr(seals, "BATCH", 5)
    entries = write(12)
    assert [row.entries for row in seals.seal_entries()] == [5, 5, 2]
    return entries


@pytest.fixture
def log(sealed):
    """Return the lines of an exported log."""
    return list(log_lines())
