"""The audit trail grows and never changes, whoever tries."""

import pytest
from django.db import IntegrityError, connection, transaction

from madoguchi.audit.actor import CITIZEN, SYSTEM, Actor
from madoguchi.audit.models import AuditEntry
from madoguchi.audit.selectors import entries_about
from madoguchi.audit.services import record, record_each

pytestmark = pytest.mark.usefixtures("db", "now")


def test_an_entry_says_who_did_what_to_what():
    record(action="test.thing.done", actor=Actor("staff", "7"), target="thing:1", detail={"count": 2})
    entry = entries_about("thing:1")[0]
    assert (entry.actor, entry.action, entry.detail) == ("staff:7", "test.thing.done", {"count": 2})
    assert AuditEntry.objects.get().transaction > 0


def test_a_look_at_many_is_an_entry_for_each_in_one_statement(django_assert_num_queries):
    with django_assert_num_queries(1):
        record_each(action="test.list.viewed", actor=SYSTEM, targets=[f"thing:{n}" for n in range(50)])
    assert AuditEntry.objects.count() == 50


@pytest.mark.parametrize(
    "attempt",
    [
        "UPDATE audit_auditentry SET actor = 'nobody'",
        "DELETE FROM audit_auditentry",
    ],
)
def test_the_database_refuses_to_change_or_remove_an_entry(attempt):
    record(action="test.thing.done", actor=CITIZEN, target="thing:1")
    with (
        pytest.raises(IntegrityError, match="never changed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(attempt)
    assert AuditEntry.objects.count() == 1


def test_the_database_refuses_to_empty_the_trail():
    with (
        pytest.raises(IntegrityError, match="never changed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("TRUNCATE audit_auditentry CASCADE")
