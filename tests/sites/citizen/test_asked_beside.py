"""What is asked beside a field of step 1, and the ways from the last page back to the fields."""

import re
from dataclasses import replace

import pytest
from support.journeys import PROCEDURES, expiry, text_of, to_booked, to_confirm

from madoguchi.sites.citizen.presenters.offices import OfficeChoice, mark_where_it_helps

pytestmark = pytest.mark.usefixtures("city")
CARD_ONLY = {
    f"card_expires_on_{part}": number
    for part, number in zip(("year", "month", "day"), (2027, 1, 20), strict=True)
}
ASKS = "②の日付も入力してください"


@pytest.mark.parametrize(
    ("changed", "asks"),
    [
        ({}, True),
        ({"card_expires_on_year": 2033}, False),  # the card is not due for years
        ({"procedures": ["PIN_RESET"]}, False),
        ({"procedures": ["CERT_ISSUE"]}, False),
        ({"cert_unknown": "on"}, False),
        (expiry("2027-01-20", "2027-01-10"), False),
    ],
)
def test_a_card_that_may_be_due_at_the_ward_office_asks_for_the_end_of_the_certificate(client, changed, asks):
    typed = {**PROCEDURES, "cert_expires_on_year": "", **CARD_ONLY, **changed}
    answer = client.post("/reserve/", typed, follow=True)
    assert (ASKS in text_of(answer)) == asks
    assert ('name="cert_unknown"' in text_of(answer)) == asks
    assert ("郵便局を選んでください" in text_of(answer)) != asks


def test_renewal_and_new_issue_together_are_explained_beside_the_boxes(client):
    both = {**PROCEDURES, "procedures": ["CERT_RENEW", "CERT_ISSUE"]}
    page = text_of(client.post("/reserve/", both, follow=True))
    assert 'id="id_procedures_error"' in page
    assert "更新と新規発行は、どちらか1つを選んでください" in page
    booked = to_booked(client).url.split("?")[0]
    page = text_of(client.post(f"{booked}procedures/", both, follow=True))
    assert "更新と新規発行は、どちらか1つを選んでください" in page


def test_each_change_of_a_detail_leads_to_its_field(client):
    to_confirm(client)
    fields = re.findall('href="/reserve/details/#([^"]+)"', text_of(client.get("/reserve/confirm/")))
    page = text_of(client.get("/reserve/details/"))
    assert len(fields) >= 7
    assert len(set(fields)) == len(fields)
    assert [field for field in fields if f'id="{field}"' not in page] == []
    assert 'class="change" href="/reserve/details/"' not in text_of(client.get("/reserve/confirm/"))


@pytest.mark.parametrize("marks", [(True, True, True), (True,), (False, False), (True, False), ()])
def test_the_mark_of_many_free_seats_stands_only_where_it_helps_to_choose(marks):
    row = OfficeChoice("HM01", "", "", "", "", "", "", "", is_roomy=False, href="")
    shown = [each.is_roomy for each in mark_where_it_helps([replace(row, is_roomy=mark) for mark in marks])]
    assert shown == (list(marks) if False in marks else [False] * len(marks))
