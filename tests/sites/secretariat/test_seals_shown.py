"""Where people and machines see that the audit trail is sealed."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from support.staff_pages import page

from madoguchi.audit.models import AuditEntry, AuditSeal
from madoguchi.audit.seals import last_seal, seal_entries
from madoguchi.common import clock
from madoguchi.workflows import tasks
from madoguchi.workflows.operations.status import check_invariants

PAGE = "/secretariat/status/"


def write():
    """Write an entry of the oldest transaction that the next seal looks at."""
    last = AuditSeal.objects.last()
    AuditEntry.objects.create(
        at=clock.now(),
        actor="staff:7",
        action="test.thing.done",
        target="x",
        transaction=last.horizon if last else 1,
    )


@pytest.fixture
def seal(city, seal_keys_set):
    write()
    tasks.seal_audit(timestamp=0)
    return last_seal()


def test_before_the_first_seal_the_page_says_so(staff):
    assert "最初の封印は、記録から5分ほどでできます" in page(staff.get(PAGE))


def test_the_page_shows_number_and_root_to_print(seal, staff):
    html = page(staff.get(PAGE))
    assert f"第{seal.number}号（11/24(火) 10:00）・照合値 {seal.root[:4]} {seal.root[4:8]} " in html
    assert seal.root in re.sub(r"\s", "", html)


def test_the_page_says_when_entries_wait_too_long(seal, staff, now):
    write()
    with clock.travel(now + timedelta(minutes=19)):
        assert "封印の鍵" not in page(staff.get(PAGE))
    with clock.travel(now + timedelta(minutes=21)):
        assert "封印の鍵（AUDIT_KEYS）と定期の処理を確かめてください" in page(staff.get(PAGE))


def test_metrics_tell_how_long_the_oldest_entry_waits(seal, client, now):
    def waits():
        said = page(client.get("/metrics"))
        return float(re.search(r"^madoguchi_audit_unsealed_seconds (\S+)$", said, re.MULTILINE)[1])

    write()
    with clock.travel(now + timedelta(minutes=7)):
        assert waits() == 420
        seal_entries()
        assert waits() == 0


def test_the_hourly_check_reports_what_was_tampered_with(seal):
    assert check_invariants() == []
    connection.check_constraints()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE audit_auditentry SET actor = 'staff:8' WHERE target = 'x'")
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
    (breach,) = check_invariants()
    assert (breach.check, breach.count) == ("audit_seals", 1)
    assert "書き換えられています" in breach.examples[0]
