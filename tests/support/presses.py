"""How a browser comes before each button of the sites, and everything that a press could change."""

from datetime import date

from support.callcentre import put_texts
from support.crowd import sell_out
from support.journeys import CONTACT, DETAILS, PROCEDURES, opens, slot_at, to_confirm, to_details
from support.people import HANAKO, OPERATOR
from support.secretariat import book, filled, made_proposals, member

from madoguchi.accounts.kinds import Role
from madoguchi.accounts.models import Device, OfficeAssignment, Pin, RoleGrant, User
from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.audit.actor import SYSTEM, Actor
from madoguchi.audit.models import AuditEntry
from madoguchi.contract.models import Proposal
from madoguchi.notifications.models import Announcement, Mail
from madoguchi.offices.models import CapacityPreset, Closure, DayHours, Pause, Slot, WeeklyHours
from madoguchi.reservations.actions import ReservationAction
from madoguchi.reservations.models import (
    Applicant,
    BookingSession,
    DisruptedVisit,
    Disruption,
    Reservation,
    ReservedProcedure,
    Seat,
    Wait,
)
from madoguchi.reservations.selectors import reservation
from madoguchi.retention.models import ErasureOrder, Export, LegalHold
from madoguchi.sealing.services import unseal
from madoguchi.sites.citizen.booking.access import grant
from madoguchi.workflows.approvals import proposals as workflow
from madoguchi.workflows.booking import changes

DAY = date(2026, 12, 15)
WISH = {"offices": ["HM01"], "first_day": DAY.isoformat(), "last_day": DAY.isoformat(), "times": "any"}
STAFF_PERSON = {
    "name": "福岡　花子",
    "name_kana": "フクオカ　ハナコ",
    "birth_date": "S25.4.1",
    "phone": "090-0000-1111",
    "postal_code": "999-0002",
    "address": "星見市西区見本町2丁目1番1号",
    "email": "hanako@example.jp",
    "contact_by": "PHONE",
}

# How to come before each button, and what is typed beside it.


def _procedures(client):
    to_details(client)
    return "/reserve/", {**PROCEDURES, "procedures": ["PIN_RESET"]}


def _times(client):
    to_details(client)
    return "/reserve/HM01/", {"slot": slot_at(16, 9)}


def _details(client):
    to_details(client)
    return "/reserve/details/", {**DETAILS, "person": 1}


def _extend(client):
    to_confirm(client)
    return "/reserve/extend/", {"back": "confirm"}


def _confirm(client):
    to_confirm(client)
    return "/reserve/confirm/", {"consent": "on"}


def _leave_out(client):
    client.post("/reserve/", {**PROCEDURES, "people": 3})
    for number in (2, 3):
        client.post(f"/reserve/?person={number}", {**PROCEDURES, "person": number})
    return "/reserve/leave-out/", {"person": 2}


def wish(client):
    """Come before the form of the waiting list, and return where it goes and what is typed."""
    client.post("/reserve/", PROCEDURES)
    return "/reserve/wait/", WISH


def _wait_check(client):
    sell_out(DAY)
    client.post(*wish(client))
    client.post("/reserve/details/", DETAILS)
    return "/reserve/wait/check/", {"consent": "on"}


def _wait(client):
    visits = sell_out(DAY)
    client.post(*wish(client))
    client.post("/reserve/details/", DETAILS)
    link = client.post("/reserve/wait/check/", {"consent": "on"}).url.partition("?")[0]
    changes.cancel(reservation_id=visits[0].id, actor=OPERATOR, channel="PHONE")
    return link


def _of_wait(page):
    return lambda client: (f"{_wait(client)}{page}/", {})


def by_look_up(client):
    """Look up a booking, and return its page."""
    made = book(HANAKO)
    answer = grant(made.id, is_full=True)
    client.cookies.update(answer.cookies)
    return answer.url


def by_link(client):
    """Open a booking by its secret link, and return its page."""
    return opens(client, reservation(book(HANAKO).id, scope=EVERYWHERE).link_token)


def _of(way, page, typed=dict):
    return lambda client: (f"{way(client)}{page}/", typed())


def _move():
    return {"slot": slot_at(16, 9), "sure": "1"}


def called(client):
    put_texts()
    client.force_login(member(Role.OPERATOR, "callcentre"))
    made = book(HANAKO)
    page = f"/operator/visits/{made.reference}/"
    client.post(
        page, {"name": HANAKO.name_kana, "birth_date": "S25.4.1", "phone": HANAKO.phone, "do": "check"}
    )
    client.post(page, {"do": "reached"})
    return page


def _at_the_secretariat(client):
    client.force_login(member())
    return f"/secretariat/reservations/{book(HANAKO).reference}/"


def _secretariat_move(client):
    return f"{_at_the_secretariat(client)}move/?slot={slot_at(16, 9)}", {"reason": "SCHEDULE"}


def _check(client):
    client.force_login(member())
    return f"/secretariat/checks/{book(HANAKO).reference}/", {}


def _written(client):
    client.force_login(member())
    return made_proposals()[2]


def sent_proposal(client):
    """Sign in as the city that has a proposal before it, and return the proposal."""
    made = made_proposals()[2]
    workflow.send_proposal(proposal_id=made, actor=SYSTEM)
    client.force_login(member(Role.CITY, "shi"))
    return made


def _approved(client):
    made = sent_proposal(client)
    workflow.approve_proposal(proposal_id=made, actor=Actor("staff", str(member(Role.CITY, "hoka").pk)))
    return made


def _edit(client):
    client.force_login(member())
    url = f"/secretariat/proposals/{made_proposals()[0]}/edit/"
    return url, filled(client, url, register_days="8")


def _issue():
    return {"procedures": ["CERT_ISSUE"], "sure": "1"}


CARRIES = {
    "citizen:reserve-procedures": _procedures,
    "citizen:reserve-times": _times,
    "citizen:reserve-details": _details,
    "citizen:reserve-extend": _extend,
    "citizen:reserve-confirm": _confirm,
    "citizen:reserve-leave-out": _leave_out,
    "citizen:reserve-wait": wish,
    "citizen:reserve-wait-check": _wait_check,
    "citizen:wait-accept": _of_wait("accept"),
    "citizen:wait-pass": _of_wait("pass"),
    "citizen:wait-leave": _of_wait("leave"),
    "citizen:booking-change": _of(by_look_up, "change", _move),
    "citizen:booking-contact": _of(by_look_up, "contact", lambda: CONTACT),
    "citizen:booking-cancel": _of(by_look_up, "cancel"),
    "citizen:link-change": _of(by_link, "change", _move),
    "citizen:booking-procedures": _of(by_look_up, "procedures", _issue),
    "citizen:link-procedures": _of(by_link, "procedures", _issue),
    "citizen:link-contact": _of(by_link, "contact", lambda: CONTACT),
    "citizen:link-cancel": _of(by_link, "cancel"),
    "operator:visits-move": _of(
        called, "move", lambda: {"do": "move", "slot": slot_at(16, 9), "reason": "SCHEDULE"}
    ),
    "operator:visits-procedures": _of(called, "procedures", _issue),
    "secretariat:reservations-procedures": _of(_at_the_secretariat, "procedures", _issue),
    "operator:visits-correct": _of(called, "correct", lambda: STAFF_PERSON),
    "operator:visits-cancel": _of(called, "cancel", lambda: {"reason": "SCHEDULE"}),
    "secretariat:reservations-move": _secretariat_move,
    "secretariat:reservations-correct": _of(_at_the_secretariat, "correct", lambda: STAFF_PERSON),
    "secretariat:reservations-cancel": _of(_at_the_secretariat, "cancel", lambda: {"reason": "SCHEDULE"}),
    "secretariat:checks-check": _check,
    "secretariat:proposals-edit": _edit,
    "secretariat:proposals-send": lambda client: (f"/secretariat/proposals/{_written(client)}/send/", {}),
    "secretariat:proposals-withdraw": lambda client: (
        f"/secretariat/proposals/{_written(client)}/withdraw/",
        {},
    ),
    "city:proposals-approve": lambda client: (f"/city/proposals/{sent_proposal(client)}/approve/", {}),
    "city:proposals-return": lambda client: (
        f"/city/proposals/{sent_proposal(client)}/return/",
        {"answer": "直す"},
    ),
    "city:proposals-take-back": lambda client: (
        f"/city/proposals/{_approved(client)}/take-back/",
        {"reason": "日程の変更"},
    ),
}
LEDGERS = (
    *(Reservation, ReservedProcedure, Applicant, Seat, Wait, Proposal),
    *(User, RoleGrant, OfficeAssignment, Pin, Device),
    *(WeeklyHours, DayHours, Closure, CapacityPreset, Slot, Pause),
    *(Announcement, Mail, LegalHold, ErasureOrder, Export, Disruption, DisruptedVisit),
)
# What staff read of people is on record each time that a page shows it.
LOOKS = (ReservationAction.VIEWED, ReservationAction.LISTED, ReservationAction.REVEALED)


def ledgers():
    """Return everything that a press could change; what was typed opened, for sealed anew they differ."""
    sessions = [
        (each.pk, each.held_until, each.extensions, each.reservation_id, _opened(each))
        for each in BookingSession.objects.select_related("key").order_by("pk")
    ]
    recorded = AuditEntry.objects.exclude(action__in=LOOKS)
    tables = (recorded, *(model.objects for model in LEDGERS))
    return [sessions, *(sorted(map(str, rows.values_list())) for rows in tables)]


def _opened(session):
    return unseal(
        session.key, "reservations_bookingsession", session.pk, "form_data", bytes(session.form_data)
    )
