"""The time a visit needs is one number on every page, paper and file: of its procedures, not of its seats."""

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from icalendar import Calendar
from support.callcentre import CallScreen, put_texts
from support.journeys import DETAILS, PROCEDURES, opens, slot_at, text_of
from support.people import HANAKO
from support.secretariat import book, member
from support.tabs import Browser

from madoguchi.accounts.assignments import assign_offices
from madoguchi.accounts.kinds import Role
from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.audit.actor import SYSTEM
from madoguchi.common import clock
from madoguchi.common.cache import clear_caches
from madoguchi.common.references import show_reference
from madoguchi.contract.rows import ProcedureRow
from madoguchi.contract.selectors import procedures, visit_minutes
from madoguchi.contract.services import put_rows
from madoguchi.rendering.csv_file import read_csv
from madoguchi.reservations.search import Search, list_of
from madoguchi.reservations.selectors import reservation
from madoguchi.workflows.booking import documents
from madoguchi.workflows.messages.mail import calendar_entry

pytestmark = pytest.mark.usefixtures("city", "short_change")
# 45 minutes, in two slots of 30: the seats are taken for 60.
LONG = ("CERT_ISSUE", "FACE_CHANGE")
MORE = {"changes": ["ADDRESS"], "new_address": "星見市西区見本町"}
NEEDED = re.compile(r"45分|10:30–11:15|\"minutes\": 45|11:15:00")
TAKEN = re.compile(r"60分|10:30–11:00|10:30–11:30|\"minutes\": 60|11:30:00")


def change_procedure(**changes):
    rows = [replace(row, **changes) if row.code == "FACE_CHANGE" else row for row in procedures()]
    put_rows(kind=ProcedureRow, rows=rows)
    clear_caches()


@pytest.fixture
def short_change(city):
    """A change of the card takes a quarter of an hour, as in the pack."""
    change_procedure(minutes_alone=15, minutes_beside=15)


def citizen(made):
    client = Browser()
    return client, opens(client, reservation(made.id, scope=EVERYWHERE).link_token)


def steps(made):
    client = Browser()
    client.post("/reserve/", {**PROCEDURES, "procedures": LONG})
    yield text_of(client.get("/reserve/HM01/"))
    client.post("/reserve/HM01/", {"slot": slot_at(1, 9)})
    client.post("/reserve/details/", {**DETAILS, **MORE, "name": "博多　太郎", "name_kana": ""})
    yield text_of(client.get("/reserve/confirm/"))
    yield text_of(client.get(client.post("/reserve/confirm/", {"consent": "on"}).url))


def link(made):
    client, path = citizen(made)
    yield text_of(client.get(path))
    yield text_of(client.get(f"{path}slip/"))


def looked_up(made):
    client = Browser()
    birth = {name: text for name, text in DETAILS.items() if name.startswith("birth_date")}
    found = client.post("/lookup/", {"reference": show_reference(made.reference), **birth}).url
    yield text_of(client.get(found))


def calendars(made):
    client, path = citizen(made)
    (event,) = Calendar.from_ical(client.get(f"{path}calendar.ics").content).walk("VEVENT")
    yield f"{event.decoded('dtend'):%H:%M:%S}"
    yield f"{clock.to_jst(calendar_entry(reservation(made.id, scope=EVERYWHERE)).ends_at):%H:%M:%S}"


def paper(made):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(documents, "booking_slip", lambda slip: slip.duration)
        yield documents.booking_slip_document(reservation(made.id, scope=EVERYWHERE))


def listed(made):
    rows = list_of([made.id], scope=EVERYWHERE)
    head, line = list(read_csv(documents.list_document(rows, query=Search(), kind="csv", reason="", by="")))[
        :2
    ]
    yield dict(zip(head, line, strict=True))["所要（分）"] + "分"


def secretariat(made):
    client = Browser()
    client.force_login(member())
    yield client.get("/secretariat/reservations/", {"open": made.reference}).content.decode()


def operator(made):
    put_texts()
    client = Browser()
    client.force_login(member(Role.OPERATOR, "callcentre"))
    said = {"name": HANAKO.name, "birth_date": "S25.4.1", "phone": HANAKO.phone, "do": "check"}
    client.post(f"/operator/visits/{made.reference}/", said)
    client.post(f"/operator/visits/{made.reference}/", {"do": "reached"})
    yield client.get(f"/operator/visits/{made.reference}/").content.decode()
    yield CallScreen(client).press(procedures=LONG).html


def office(made):
    client, user = Browser(), member(Role.OFFICE, "kyoku")
    assign_offices(user_id=user.pk, offices=["HM01"], actor=SYSTEM)
    client.force_login(user)
    with clock.travel(clock.at(date(2026, 12, 15), clock.to_jst(clock.now()).time())):
        yield client.get(f"/office/visits/{made.reference}/").content.decode()


@pytest.mark.parametrize(
    "door", [steps, link, looked_up, calendars, paper, listed, secretariat, operator, office]
)
def test_every_door_shows_the_minutes_of_the_procedures_and_never_those_of_the_seats(door):
    made = book(codes=LONG)
    assert (visit_minutes(LONG), made.occupied_minutes) == (45, 60)
    for shown in door(made):
        assert NEEDED.search(shown), shown
        assert not TAKEN.search(shown)


def test_a_procedure_that_is_no_longer_offered_still_takes_its_time():
    made = book(codes=LONG)
    change_procedure(is_enabled=False)
    for shown in link(made):
        assert NEEDED.search(shown)


def test_only_the_schedule_of_seats_reads_how_long_they_are_taken():
    """所要時間 comes from `visit_minutes`; whoever shows `occupied_minutes` shows another fact."""
    pages = [*Path("madoguchi/sites").rglob("*.py"), *Path("madoguchi/web").rglob("*.py")]
    assert [path for path in pages if "occupied_minutes" in path.read_text()] == []
