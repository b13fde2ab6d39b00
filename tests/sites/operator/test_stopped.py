"""Calls to people without mail whose time is stopped, or stands again."""

from datetime import datetime

import pytest
from support.people import HANAKO, SECRETARIAT, TARO, somebody
from support.secretariat import book
from support.staff_pages import page

from madoguchi.audit.models import AuditEntry
from madoguchi.common import clock
from madoguchi.common.clock import JST
from madoguchi.common.phones import show_phone
from madoguchi.offices.pauses import Scope
from madoguchi.reservations.models import DisruptedVisit
from madoguchi.workflows.outage import pauses

pytestmark = pytest.mark.usefixtures("city")
LIST = "/operator/stopped/"


def stop():
    begins = datetime(2026, 12, 15, tzinfo=JST)
    scope = Scope(begins, begins + clock.DAY)
    return pauses.begin(
        scope=scope, cause="TYPHOON", is_open_ended=False, title="台風", banner=None, actor=SECRETARIAT
    )


def entry(made):
    return DisruptedVisit.objects.get(reservation=made.id)


def test_people_without_mail_are_called_in_the_order_of_their_visits_and_each_number_is_on_record(staff):
    book(HANAKO)
    late, early = book(TARO, hour=14), book(somebody(1), hour=9)
    stop()
    html = page(staff.get(LIST))
    assert html.index("見本　1郎") < html.index("博多　太郎")
    assert "福岡　花子" not in html
    assert show_phone(TARO.phone) not in html
    assert "停止の連絡 <b>2</b>人" in html
    html = page(staff.get(f"{LIST}?open={entry(late).pk}"))
    assert show_phone(TARO.phone) in html
    assert AuditEntry.objects.filter(
        action="reservations.reservation.revealed", target=f"reservation:{late.id}"
    ).exists()
    assert early.id != late.id


def press(staff, outcome, made):
    """Press a button of the page that has it: the line that is open, or the one just done."""
    visit = entry(made).pk
    staff.get(f"{LIST}?{'done' if outcome == 'undo' else 'open'}={visit}")
    return staff.post(LIST, {"visit": visit, "outcome": outcome})


def test_a_notified_person_leaves_the_call_list_and_returns_when_the_visit_is_reinstated(staff):
    made = book(TARO)
    pause = stop()
    told = press(staff, "notified", made)
    html = page(staff.get(told.url))
    assert "電話する方はいません" in html
    assert f"{TARO.name}「伝えた」を取り消す" in html
    press(staff, "undo", made)
    press(staff, "undo", made)
    assert TARO.name in page(staff.get(LIST))
    assert AuditEntry.objects.filter(action="reservations.disruption.untold").count() == 1
    press(staff, "notified", made)
    pauses.lift(pause_id=pause, people=0, actor=SECRETARIAT)
    assert "予定どおりと伝える" in page(staff.get(LIST))
    press(staff, "notified", made)
    assert "電話する方はいません" in page(staff.get(LIST))
    assert entry(made).reinstatement_notified_at
    press(staff, "undo", made)
    assert entry(made).reinstatement_notified_at is None
    assert entry(made).notified_at


def test_an_affected_visit_is_moved_from_the_call_list(staff):
    made = book(TARO)
    stop()
    answer = staff.post(LIST, {"visit": entry(made).pk, "outcome": "open"})
    assert answer.url == f"/operator/visits/{made.reference}/"
    assert TARO.name in page(staff.get(answer.url))


@pytest.mark.parametrize(
    "data", [{"visit": "x", "outcome": "notified"}, {"visit": "999", "outcome": "notified"}, {}]
)
def test_nonsense_changes_nothing(staff, data):
    made = book(TARO)
    stop()
    assert staff.post(LIST, data).status_code == 200
    assert entry(made).notified_at is None
