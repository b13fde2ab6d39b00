"""The simulator says what the citizen site will show once the proposal is in force; and it writes nothing."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date, time, timedelta

import pytest
from support.journeys import DETAILS, PROCEDURES, text_of
from support.people import TARO, somebody
from support.secretariat import book, member, slot_at
from support.tabs import Browser

from madoguchi.accounts.kinds import Role
from madoguchi.audit.actor import SYSTEM, Actor
from madoguchi.audit.models import AuditEntry
from madoguchi.common import clock
from madoguchi.common.era import citizen_datetime
from madoguchi.common.errors import NotVisible
from madoguchi.contract.kinds import ProposalKind
from madoguchi.contract.models import Proposal, Rule
from madoguchi.contract.rows import GuidanceRow
from madoguchi.contract.selectors import booking_rules, guidance
from madoguchi.contract.services import put_rows
from madoguchi.notifications.models import Announcement
from madoguchi.offices.models import Slot
from madoguchi.offices.pauses import Scope
from madoguchi.reservations.models import Seat
from madoguchi.workflows.approvals import proposals, simulator
from madoguchi.workflows.approvals.simulator import compare
from madoguchi.workflows.capacity.slots import extend_slots
from madoguchi.workflows.outage.pauses import begin

pytestmark = pytest.mark.usefixtures("city")
FROM = clock.at(date(2026, 12, 1), time())
WRITER = Actor("staff", "900001")
TEXT = {"title": "費用", "body": "いりません。\n"}


def write(content, **changes):
    facts = {"kind": ProposalKind.RULES, "effective_from": FROM, "reason": "協議", "content": content}
    return proposals.save_proposal(**{**facts, **changes}, actor=WRITER)


def put_in_force(made):
    approver = Actor("staff", str(member(Role.CITY, "shi").pk))
    proposals.send_proposal(proposal_id=made, actor=WRITER)
    proposals.approve_proposal(proposal_id=made, actor=approver)


def on_the_site(moment, office):
    """Walk the citizen site at a moment as the jobs of that night have left it; return days and minutes."""
    with clock.travel(moment):
        extend_slots()
        client = Browser()
        client.post("/reserve/", PROCEDURES)
        marks, month = {}, clock.today().replace(day=1)
        for _ in range(4):
            times = client.get(f"/reserve/{office}/?month={month:%Y-%m}").context["times"]
            year, number = map(int, re.findall(r"\d+", times.month.title))
            days = [cell for cell in times.month.days if cell.state != "phone"]
            marks |= {date(year, number, cell.number): cell.state for cell in days}
            month = (month + timedelta(days=31)).replace(day=1)
        return marks, times.hold_minutes


MOMENTS = (FROM, FROM + timedelta(days=8, hours=9), FROM + timedelta(days=50, hours=16, minutes=59))
CONTENTS = (
    ({"opens_days_before": 30}, "", {"HM01", "HM02"}),
    ({"register_days": 10, "register_time": "12:00"}, "HM01", {"HM01"}),
    ({"telephone_percent": 100, "telephone_release_days": 20, "hold_minutes": 5}, "", {"HM01", "HM02"}),
    ({"opens_time": "17:00", "telephone_percent": 0}, "HM02", {"HM02"}),
)
# Each content at one moment and each moment with some content in the gate; all pairs in the soak.
PAIRS = [
    pytest.param(*content, moment, marks=[] if place % 3 == number else pytest.mark.soak)
    for place, content in enumerate(CONTENTS)
    for number, moment in enumerate(MOMENTS)
]


@pytest.mark.parametrize(("content", "scope", "differs", "moment"), PAIRS)
def test_the_simulator_shows_what_the_site_shows_under_the_proposal(moment, content, scope, differs):
    for number in range(14):
        book(somebody(number), day=15, hour=9 + number // 2, minute=30 * (number % 2))
    made = write(content, scope=scope)
    codes = PROCEDURES["procedures"]
    said = {
        code: compare(moment=moment, office_code=code, codes=codes, proposal_id=made)
        for code in ("HM01", "HM02")
    }
    today = {code: on_the_site(moment, code) for code in said}
    assert {code: (dict(each.now.marks), each.now.rules.hold_minutes) for code, each in said.items()} == today
    put_in_force(made)
    later = {code: on_the_site(moment, code) for code in said}
    assert {
        code: (dict(each.then.marks), each.then.rules.hold_minutes) for code, each in said.items()
    } == later
    assert {code for code in said if said[code].now.rules != said[code].then.rules} == differs


def test_a_procedure_that_is_stopped_is_full_in_both():
    stop = Scope(starts_at=FROM, ends_at=FROM + timedelta(days=21), procedure="CERT_RENEW")
    begin(scope=stop, cause="TYPHOON", is_open_ended=False, title="台風", banner=None, actor=SYSTEM)
    said = compare(moment=FROM, office_code="HM01", codes=PROCEDURES["procedures"])
    assert dict(said.now.marks) == on_the_site(FROM, "HM01")[0]
    assert said.now.marks[date(2026, 12, 15)] == "full"
    assert compare(moment=FROM, office_code="HM01", codes=["PIN_RESET"]).now.free > said.now.free


def test_the_deadlines_it_names_stand_on_the_page_of_a_booking_made_then():
    made = write({"change_days": 2, "change_time": "15:00", "cancel_days": 0})
    moment = FROM + timedelta(hours=10)
    said = compare(moment=moment, office_code="HM01", codes=PROCEDURES["procedures"], proposal_id=made)
    assert said.now.deadlines != said.then.deadlines
    put_in_force(made)
    with clock.travel(moment):
        client, visit = Browser(), clock.to_jst(said.visit)
        client.post("/reserve/", PROCEDURES)
        client.post("/reserve/HM01/", {"slot": slot_at(visit.day, visit.hour)})
        client.post("/reserve/details/", DETAILS)
        page = text_of(client.get(client.post("/reserve/confirm/", {"consent": "on"}).url))
    for deadline in (said.then.deadlines.change, said.then.deadlines.cancel):
        assert citizen_datetime(deadline) in page


def test_texts_and_announcements_are_seen_in_the_words_of_the_proposal_and_from_its_instant_on():
    row = GuidanceRow(name="faq.fee", language="ja", title="費用", body="無料です。", position=1)
    put_rows(kind=GuidanceRow, rows=[row])
    text = write(TEXT, kind=ProposalKind.TEXT, scope="faq.fee")
    shown = {
        "kind": "MAINTENANCE",
        "title": "夜間の停止",
        "body": "",
        "shows_until": "2026-12-03T00:00+09:00",
    }
    banner = write(shown, kind=ProposalKind.ANNOUNCEMENT)

    def look(made, moment):
        return compare(moment=moment, office_code="HM01", codes=["CERT_RENEW"], proposal_id=made)

    assert look(text, FROM).then.text == TEXT
    assert look(text, FROM).now.text == look(text, FROM - timedelta(seconds=1)).then.text
    assert [each.title for each in look(banner, FROM).then.banners] == ["夜間の停止"]
    assert look(banner, FROM).now.banners == look(banner, FROM - timedelta(seconds=1)).then.banners == ()


def test_nothing_is_written_and_nobody_else_is_told():
    book(TARO)
    made = write({"opens_days_before": 120, "telephone_percent": 100})

    def everything():
        return [
            list(model.objects.order_by("pk").values())
            for model in (Proposal, Rule, Announcement, Slot, Seat, AuditEntry)
        ]

    before, seen = everything(), []
    instant = clock.now()
    told = simulator.open_starts

    def meanwhile(**asked):
        # The clock and the memory of another thread, in the middle of the look.
        with ThreadPoolExecutor(1) as others:
            seen.append(others.submit(clock.now).result())
        return told(**asked)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(simulator, "open_starts", meanwhile)
        found = compare(moment=FROM, office_code="HM01", codes=["CERT_RENEW"], proposal_id=made)
    assert found.then.rules.telephone_percent == 100
    assert everything() == before
    assert seen == [instant, instant]
    assert clock.now() == instant
    assert booking_rules(FROM).telephone_percent == 20
    assert guidance("") == ()


def test_without_a_proposal_only_today_is_simulated():
    assert compare(moment=FROM, office_code="HM01", codes=["CERT_RENEW"]).then is None
    with pytest.raises(NotVisible):
        compare(moment=FROM, office_code="HM99", codes=["CERT_RENEW"])
