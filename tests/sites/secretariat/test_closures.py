"""Closures on the pages of offices: one of all offices ends for all, one of a pause with the pause only."""

import pytest
from django.urls import reverse
from support.city import OFFICES
from support.pauses import at, scope, stop
from support.people import SECRETARIAT, TARO
from support.secretariat import book

from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.common.errors import NotVisible
from madoguchi.offices.errors import ClosureOfPause
from madoguchi.offices.models import Closure, Slot
from madoguchi.offices.services import close_office, withdraw_closure
from madoguchi.reservations.selectors import reservation
from madoguchi.workflows.capacity.slots import change_offering, extend_slots

pytestmark = pytest.mark.usefixtures("city")
DAY = at(0)


def close(office=None):
    made = []
    change_offering(
        change=lambda: made.append(
            close_office(
                office=office, starts_at=DAY, ends_at=at(0, day=16), reason="TYPHOON", note="",
                actor=SECRETARIAT,
            )
        ),
        places=[office] if office else OFFICES, title="台風", actor=SECRETARIAT,
    )  # fmt: skip
    return made[0]


def page(client, office):
    return client.get(reverse("secretariat:offices-closures", args=[office])).content.decode()


def withdraw(client, office, closure):
    return client.post(reverse("secretariat:offices-withdraw-closure", args=[office, closure]))


def test_a_closure_of_all_offices_withdrawn_at_one_is_withdrawn_at_all(staff):
    made = book(TARO, office="HM02")
    closure = close()
    assert "すべての郵便局で取り下げる" in page(staff, "HM01")
    assert not Slot.objects.filter(starts_at__date=DAY.date(), capacity__gt=0).exists()
    withdraw(staff, "HM01", closure)
    open_again = Slot.objects.filter(starts_at__date=DAY.date(), capacity__gt=0)
    assert set(open_again.values_list("office", flat=True)) >= {"HM01", "HM02"}
    assert not reservation(made.id, scope=EVERYWHERE).is_disrupted
    assert extend_slots() == 0, "nothing is left for the night"


def test_a_closure_is_withdrawn_on_the_page_of_its_office_only(staff):
    closure = close("HM02")
    for office in ("HM01", "all"):
        assert withdraw(staff, office, closure).status_code == 404
    assert withdraw(staff, "HM02", closure + 1).status_code == 404
    assert Closure.objects.get().withdrawn_at is None


def test_the_history_of_all_offices_tells_of_closures_of_all_only(staff):
    for office in ("HM02", None):
        withdraw(staff, office or "all", close(office))
    html = {code: staff.get(reverse("secretariat:offices-history", args=[code])) for code in ("HM02", "all")}
    withdrawn = [answer.content.decode().count("休業の取下げ") for answer in html.values()]
    assert withdrawn == [2, 1]


def test_a_closure_of_a_pause_is_shown_as_such_and_ends_with_the_pause_only(staff):
    pause = stop(scope(offices=("HM01",)))
    closure = Closure.objects.get().pk
    month = staff.get(reverse("secretariat:offices-month", args=["HM01"]), {"day": DAY.date().isoformat()})
    for html in (page(staff, "HM01"), month.content.decode()):
        assert reverse("secretariat:pauses-show", args=[pause]) in html
        assert reverse("secretariat:offices-withdraw-closure", args=["HM01", closure]) not in html
    answer = staff.post(reverse("secretariat:offices-withdraw-closure", args=["HM01", closure]), follow=True)
    assert "停止による休業です" in answer.content.decode()
    with pytest.raises(ClosureOfPause):
        withdraw_closure(closure_id=closure, actor=SECRETARIAT)
    assert Closure.objects.get().withdrawn_at is None
    assert not Slot.objects.filter(office="HM01", starts_at__date=DAY.date(), capacity__gt=0).exists()


def test_a_closure_that_is_not_there_is_not_withdrawn():
    with pytest.raises(NotVisible):
        withdraw_closure(closure_id=1, actor=SECRETARIAT)
