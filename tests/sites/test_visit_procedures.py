"""Procedures of a booking are changed on the pages of citizens, operators and the secretariat alike."""

import pytest
from support.city import slot_at
from support.journeys import text_of
from support.people import HANAKO, OPERATOR, TARO
from support.presses import by_link, by_look_up, called
from support.secretariat import book, member
from support.tabs import Browser

from madoguchi.common import clock
from madoguchi.reservations.models import Reservation
from madoguchi.sites.citizen.booking.access import grant
from madoguchi.workflows.booking import changes
from madoguchi.workflows.booking.offering import deadlines

pytestmark = pytest.mark.usefixtures("city")
LONG = {"procedures": ["CERT_RENEW", "FACE_CHANGE"], "sure": "1"}
MOVED_HOUSE = {"changes": ["ADDRESS"], "new_address": "星見市西区見本町9番1号"}


def _secretariat(client):
    client.force_login(member())
    return f"/secretariat/reservations/{book(HANAKO).reference}/"


DOORS = {"link": by_link, "look-up": by_look_up, "operator": called, "secretariat": _secretariat}


@pytest.fixture(params=DOORS)
def page(request):
    client = Browser()
    address = f"{DOORS[request.param](client)}procedures/"
    # In the middle of the day half of the seats are kept for the telephone.
    made = Reservation.objects.get()
    changes.move(reservation_id=made.pk, slot=slot_at(15, 9), actor=OPERATOR, channel="PHONE")
    return client, address


def visit():
    row = Reservation.objects.get(applicant__has_email=True)
    codes = sorted(row.procedures.values_list("procedure_id", flat=True))
    return codes, row.minutes, clock.to_jst(row.starts_at)


def press(page, **typed):
    client, address = page
    client.get(address)
    return client.post(address, typed)


def test_a_procedure_is_added_and_taken_away_and_pressed_twice_changes_once(page):
    for _ in range(2):
        assert press(page, **LONG, **MOVED_HOUSE).status_code == 302
        assert visit()[:2] == (["CERT_RENEW", "FACE_CHANGE"], 60)
    assert press(page, procedures=["CERT_RENEW"], sure="1").status_code == 302
    assert visit()[:2] == (["CERT_RENEW"], 30)


def test_what_a_procedure_asks_for_is_asked_beside_its_field_and_nothing_typed_is_lost(page):
    answer = press(page, **LONG, changes=["ADDRESS"], old_address="星見市東区1番")
    assert answer.status_code == 200
    assert "new_address" in answer.context["form"].errors
    assert "星見市東区1番" in text_of(answer)
    assert press(page, sure="1").status_code == 200
    assert visit()[:2] == (["CERT_RENEW"], 30)


def test_where_there_is_no_room_other_times_are_offered_and_one_of_them_is_taken(page):
    begins = visit()[2]
    book(TARO, hour=9, minute=30)
    answer = press(page, **LONG, **MOVED_HOUSE)
    choices = answer.context["form"].fields["slot"].choices
    assert choices
    assert visit() == (["CERT_RENEW"], 30, begins)
    assert press(page, **LONG, **MOVED_HOUSE, slot=choices[0][0])
    assert visit()[:2] == (["CERT_RENEW", "FACE_CHANGE"], 60)
    assert visit()[2] != begins


@pytest.mark.parametrize("door", ["link", "look-up"])
def test_citizens_see_the_effect_first_and_the_way_only_until_the_deadline(door):
    client = Browser()
    home = DOORS[door](client)
    assert f"{home}procedures/" in text_of(client.get(home))
    client.get(f"{home}procedures/")
    asked = client.post(f"{home}procedures/", {"procedures": ["CERT_RENEW", "PIN_RESET"]})
    assert "わからない暗証番号" in text_of(asked)
    assert "確認書類" in text_of(asked)
    assert visit()[0] == ["CERT_RENEW"]
    row = Reservation.objects.get()
    with clock.travel(deadlines(row.starts_at, row.office_id).change + clock.DAY):
        assert f"{home}procedures/" not in text_of(client.get(home))
        assert client.get(f"{home}procedures/").status_code == 302


def test_by_reference_alone_nobody_changes_procedures():
    client = Browser()
    answer = grant(book(HANAKO).id, is_full=False)
    client.cookies.update(answer.cookies)
    assert client.get(f"{answer.url}procedures/").status_code == 404
    assert "procedures/" not in text_of(client.get(answer.url))
