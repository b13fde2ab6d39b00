"""In a pipeline nothing is asked of the ORM, no transaction begins, and no other pipeline."""

import pytest
from django.db import IntegrityError, connection, transaction

from madoguchi.common.cache import CachedReadInPipeline, cached
from madoguchi.common.statements import NotPipelined, execute_prepared, pipelined
from madoguchi.notifications.models import MailText as ContractRow

pytestmark = pytest.mark.django_db


def begin():
    with transaction.atomic():
        pass


def another():
    with pipelined():
        pass


def raw():
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


REFUSED = {
    "read": ContractRow.objects.first,
    "update": lambda: ContractRow.objects.update(subject=""),
    "delete": lambda: ContractRow.objects.all().delete(),
    "insert": lambda: ContractRow().save(force_insert=True),
    "cursor": raw,
    "atomic": begin,
    "pipeline": another,
}


@pytest.mark.parametrize("what", REFUSED.values(), ids=REFUSED)
def test_what_waits_on_its_own_is_refused_in_a_pipeline(what):
    with pytest.raises(NotPipelined), transaction.atomic(), pipelined():
        what()
    assert execute_prepared("SELECT 1", []).fetchone() == (1,)


def test_statements_are_sent_together_and_read_after_the_block():
    with pipelined():
        found = [execute_prepared("SELECT %s::int", [number]) for number in (1, 2)]
    assert [each.fetchone() for each in found] == [(1,), (2,)]


def test_what_the_database_refuses_is_an_error_of_django_at_the_end_of_the_block():
    with pytest.raises(IntegrityError, match="scope"), transaction.atomic(), pipelined():
        execute_prepared("INSERT INTO reservations_submission (scope) VALUES (NULL)", [])


def test_a_cached_read_is_refused_in_a_pipeline_also_while_its_answer_is_at_hand():
    """Otherwise it fails only for the one request at whose moment the answer has run out."""
    read = cached(lambda: 1)
    assert read() == 1
    with pytest.raises(CachedReadInPipeline), transaction.atomic(), pipelined():
        read()
    assert read() == 1
