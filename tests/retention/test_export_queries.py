"""What a file was asked for is read back as it was, whatever the search holds."""

from dataclasses import fields
from datetime import date

import pytest

from madoguchi.common.births import PartialDate
from madoguchi.reservations.search import Search
from madoguchi.retention.exports import _query_text, _read_query

FULL = Search(
    text="福岡",
    first=date(2026, 12, 1),
    last=date(2026, 12, 2),
    offices=("HM01", "HM02"),
    statuses=("BOOKED",),
    procedures=("CERT_RENEW",),
    channels=("WEB",),
    birth_date=date(1950, 4, 1),
    unchecked=True,
    wards=("W01",),
    order="booked_at",
    page=3,
)


@pytest.mark.parametrize(
    "query",
    [
        Search(),
        FULL,
        Search(birth_date=PartialDate(1938, 4)),
        Search(birth_date=PartialDate(1938)),
    ],
)
def test_a_search_is_read_back_as_it_was(query):
    assert _read_query(_query_text(query)) == query


def test_every_field_of_a_search_is_tried():
    assert all(getattr(FULL, each.name) != getattr(Search(), each.name) for each in fields(Search))
