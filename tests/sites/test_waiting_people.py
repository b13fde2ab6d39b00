"""Operator and secretariat find people on the waiting list by number and name, and take them off it."""

from datetime import date

import pytest
from support.crowd import sell_out
from support.journeys import text_of
from support.people import HANAKO, TARO
from support.secretariat import member
from support.tabs import Browser

from madoguchi.accounts.kinds import Role
from madoguchi.audit.models import AuditEntry
from madoguchi.common.references import show_reference
from madoguchi.reservations.models import Wait
from madoguchi.reservations.waiting_entries import Wish
from madoguchi.workflows.booking.waiting import enter

pytestmark = pytest.mark.usefixtures("city")
DAY = date(2026, 12, 15)
DOORS = {"/operator/waiting/people/": Role.OPERATOR, "/secretariat/waiting/": Role.SECRETARIAT}


@pytest.fixture
def rows(city):
    sell_out(DAY)
    wish = Wish(("HM01",), DAY, DAY)
    return [enter(person=each, procedures=("CERT_RENEW",), wish=wish) for each in (HANAKO, TARO)]


@pytest.mark.parametrize("path", DOORS)
def test_people_in_line_are_found_by_number_name_and_reading_and_taken_off(path, rows):
    client = Browser()
    client.force_login(member(DOORS[path], "tanaka"))
    mine, _ = rows
    for text in (show_reference(mine.reference), "福岡花子", "はなこ"):
        found = text_of(client.get(path, {"q": text}))
        assert "福岡　花子" in found, text
        assert "博多　太郎" not in found
        assert "090-0000-5678" not in found, "the number stays masked"
    assert "見つかりません" in text_of(client.get(path, {"q": "だれでもない"}))
    listed = AuditEntry.objects.filter(action="reservations.list.viewed")
    assert {entry.target for entry in listed} == {f"wait:{mine.id}"}
    for _press in range(2):
        client.post(path, {"wait": mine.id})
        assert [Wait.objects.get(pk=row.id).state for row in rows] == ["LEFT", "WAITING"]
    assert "福岡　花子" not in text_of(client.get(path, {"q": "福岡"}))
