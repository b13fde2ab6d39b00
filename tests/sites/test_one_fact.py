"""One fact is one number at every door that shows it: days and times, seats, people hit, work that waits."""

import re
from datetime import date, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.urls import reverse
from support.callcentre import put_texts
from support.journeys import BIRTH, PROCEDURES, opens, text_of
from support.people import HANAKO, somebody
from support.secretariat import book, member
from support.tabs import Browser

from madoguchi.accounts.kinds import Role
from madoguchi.accounts.partners import issue_token
from madoguchi.audit.actor import SYSTEM
from madoguchi.common import clock, era
from madoguchi.common.cache import clear_caches
from madoguchi.common.clock import JST
from madoguchi.common.references import show_reference
from madoguchi.offices.pauses import Scope
from madoguchi.offices.services import close_office
from madoguchi.rendering.csv_file import read_csv
from madoguchi.reservations.disruption_lists import (
    affected_counts,
    disruption_of_pause,
    disruptions,
    part_sizes,
)
from madoguchi.workflows.approvals.simulator import compare
from madoguchi.workflows.booking.offering import deadlines, web_cutoff
from madoguchi.workflows.capacity.slots import change_offering, extend_slots
from madoguchi.workflows.outage.pauses import begin

pytestmark = pytest.mark.usefixtures("city")
TUESDAY = datetime(2026, 11, 24, 10, tzinfo=JST)
DAY = date(2026, 12, 15)


def close(day, office="HM01", days=1):
    since = clock.at(day, clock.MIDNIGHT)

    def change():
        close_office(
            office=office,
            starts_at=since,
            ends_at=since + days * clock.DAY,
            reason="FACILITY",
            note="",
            actor=SYSTEM,
        )

    change_offering(change=change, places=["HM01", "HM02"], title="休業", actor=SYSTEM)


def fill(day):
    for number in range(16):
        book(somebody(number), day=day, hour=9 + number // 2, minute=30 * (number % 2))


def stop(day, procedure=""):
    since = clock.at(day, clock.MIDNIGHT)
    scope = Scope(starts_at=since, ends_at=since + clock.DAY, procedure=procedure)
    begin(scope=scope, cause="TYPHOON", is_open_ended=False, title="台風", banner=None, actor=SYSTEM)


def nothing():
    """Leave the city as it is."""


MOMENTS = {
    "an ordinary day": (TUESDAY, nothing),
    "the first day lies on a weekend": (datetime(2026, 11, 27, 18, tzinfo=JST), nothing),
    "the first day is closed": (TUESDAY, lambda: close(date(2026, 12, 1))),
    "the first day is full": (TUESDAY, lambda: fill(1)),
    "the first day is stopped": (TUESDAY, lambda: stop(date(2026, 12, 1))),
    "a procedure is stopped": (TUESDAY, lambda: stop(date(2026, 12, 1), "CERT_RENEW")),
    "all days are closed": (TUESDAY, lambda: close(date(2026, 11, 24), days=120)),
    "the holidays": (datetime(2026, 12, 24, 10, tzinfo=JST), nothing),
    "before the opening": (datetime(2026, 8, 3, 10, tzinfo=JST), nothing),
    "the first day of a wave": (datetime(2026, 8, 17, 9, tzinfo=JST), nothing),
    "the last days of the term": (datetime(2027, 3, 23, 10, tzinfo=JST), nothing),
    "after the last deadline": (datetime(2027, 3, 30, 10, tzinfo=JST), nothing),
    "after the term": (datetime(2027, 4, 2, 10, tzinfo=JST), nothing),
}


@pytest.fixture(params=MOMENTS)
def moment(request):
    """A moment of the service, as the jobs of the night before have left it."""
    at, prepare = MOMENTS[request.param]
    if at == TUESDAY:
        prepare()
    with clock.travel(at):
        extend_slots()
        clear_caches()
        yield at


def calendar_days():
    """Return the days of the citizen's calendar of an office with their signs."""
    client, marks, month = Browser(), {}, clock.today().replace(day=1)
    client.post("/reserve/", PROCEDURES)
    for _ in range(5):
        times = client.get(f"/reserve/HM01/?month={month:%Y-%m}").context["times"]
        year, number = map(int, re.findall(r"\d+", times.month.title))
        # Days that only the telephone can book have a sign of their own.
        marks |= {
            date(year, number, cell.number): cell.state for cell in times.month.days if cell.state != "phone"
        }
        month = (month + timedelta(days=31)).replace(day=1)
    return marks, times


def api_starts(procedure="CERT_RENEW"):
    answer = Browser().get("/api/v1/availability", {"office": "HM01", "procedures": procedure})
    return [(datetime.fromisoformat(row["starts_at"]), row["free"]) for row in answer.json()]


def staff(role=Role.SECRETARIAT, name="jimukyoku"):
    client = Browser()
    client.force_login(member(role, name))
    return client


def test_first_and_last_day_are_the_same_in_calendar_simulator_and_api(moment):
    marks, _ = calendar_days()
    wanted = (min(marks), max(marks)) if marks else None
    days = compare(moment=clock.now(), office_code="HM01", codes=PROCEDURES["procedures"]).now.days
    assert (days and (days.first, days.last)) == wanted
    starts = [at.date() for at, _ in api_starts()]
    assert ((min(starts), max(starts)) if starts else None) == wanted
    page = staff().get("/secretariat/simulator/", {"office": "HM01", "procedure": "CERT_RENEW"})
    if page.context["seen"] is None:
        # After the term there is no moment to look at.
        assert wanted is None
        return
    facts = {each["label"]: each["now"] for each in page.context["seen"]["facts"]}
    shown = facts["予約できる最初の日"], facts["予約できる最後の日"]
    assert shown == (tuple(map(era.citizen_day, wanted)) if wanted else ("－", "－"))


def test_the_earliest_free_time_is_the_same_on_top_in_calendar_list_embed_and_api(moment):
    free = [at for at, left in api_starts() if left]
    wanted = era.citizen_datetime(free[0]) if free else ""
    _, times = calendar_days()
    assert (times.earliest.label if times.earliest else "") == wanted
    client = Browser()
    client.post("/reserve/", PROCEDURES)
    found = client.get("/reserve/office/", {"by": "earliest"}).context["search"].offices
    assert {office.code: office.earliest for office in found}.get("HM01", "") == wanted
    # Pages that do not know the procedure yet show what is free for any that is served.
    free = [at for at, left in api_starts("PIN_RESET") if left]
    wanted = era.citizen_datetime(free[0]) if free else ""
    embedded = text_of(Browser().get("/embed/times/", {"office": "HM01"}))
    assert wanted in embedded
    top = {office.code: office.earliest for office in Browser().get("/").context["top"].earliest}
    assert top.get("HM01", "") == wanted


def test_the_day_until_which_the_web_is_open_is_the_same_on_home_and_over_the_matrix(moment):
    home, found = staff().get("/secretariat/"), web_cutoff()
    note = home.context["day_note"]
    if found is None:
        assert "Webで受け付けている日はありません" in note
        return
    day, until = found
    assert f"{era.staff_day(day)}の予約を受付" in note
    matrix = staff(name="nibanme").get("/secretariat/matrix/").context["matrix"]
    assert matrix.before_cutoff == sum(head.iso < day.isoformat() for head in matrix.days) % len(matrix.days)
    if matrix.before_cutoff:
        assert f"{clock.to_jst(until):%H:%M}" in matrix.cutoff_note
        assert era.staff_day(day) in matrix.cutoff_note


SEATS = {
    "free": nothing,
    "full": lambda: fill(15),
    "closed": lambda: close(DAY),
    "closed with people": lambda: (book(), close(DAY)),
    "stopped with people": lambda: (book(), stop(DAY)),
    "one booked": book,
}


@pytest.mark.parametrize("prepare", SEATS.values(), ids=SEATS)
def test_a_day_has_the_same_seats_in_matrix_file_month_day_and_api(prepare):
    prepare()
    clear_caches()
    client = staff()
    matrix = client.get("/secretariat/matrix/", {"from": DAY.isoformat()}).context["matrix"]
    cell = next(row for row in matrix.rows if row.code == "HM01").cells[0]
    file = client.get("/secretariat/matrix/", {"from": DAY.isoformat(), "file": "csv"}).content
    in_file = list(read_csv(file))[1][2]
    month = client.get(reverse("secretariat:offices-month", args=["HM01"]), {"month": "2026-12"})
    of_month = next(
        each for week in month.context["month"].weeks for each in week if each.number == str(DAY.day)
    )
    day = client.get(reverse("secretariat:offices-day", args=["HM01", DAY]))
    load = day.context["load"] or SimpleNamespace(seats=0, free=0, booked=0)
    assert (of_month.seats, of_month.booked) == (load.seats, day.context["total"])
    assert sum(each["free"] for each in day.context["times"]) == load.free
    assert "0/0" not in client.get("/secretariat/matrix/", {"from": DAY.isoformat()}).content.decode()
    if not load.seats:
        assert in_file.startswith("休業")
        assert (cell.word[:2], cell.sign, of_month.note, of_month.tone) == ("休業", "", "休業", "closed")
        assert "枠" not in day.content.decode().split("空き <b>")[0].split("予約 <b>")[-1] or "休業" in str(
            day.context["no_seats"]
        )
    else:
        assert in_file == f"{load.free}/{load.seats}"
        assert (cell.sign == "満") == (load.free == 0)
    api = [free for at, free in api_starts() if at.date() == DAY]
    assert sum(api) <= load.free
    assert bool(api) == bool(load.seats)


def test_the_seats_ahead_are_the_same_in_the_list_and_in_the_matrix():
    fill(1)
    close(date(2026, 12, 2))
    client = staff()
    matrix = client.get("/secretariat/matrix/").context["matrix"]
    totals = {row.code: (row.total.number, row.total.of) for row in matrix.rows}
    listed = {row["code"]: row for row in client.get("/secretariat/offices/").context["rows"]}
    assert {code: (str(listed[code]["free"]), f"/{listed[code]['seats']}") for code in totals} == totals


@pytest.mark.parametrize("with_mail", [0, 2, 3])
def test_people_in_a_preview_are_those_of_the_list_that_is_saved(with_mail):
    for number in range(3):
        mail = f"demo{number}@example.jp" if number < with_mail else ""
        book(somebody(number, email=mail), hour=9 + number)
    client = staff()
    asked = {
        "day": DAY.isoformat(), "kind": "closure", "start": "540", "end": "1020", "reason": "FACILITY",
        "seats": "1",
    }  # fmt: skip
    effect = client.get(reverse("secretariat:offices-month", args=["HM01"]), asked).context["effect"]
    assert f"メールで知らせる方 {with_mail}人、電話などで知らせる方 {3 - with_mail}人" in effect.consequence
    saved = client.post(reverse("secretariat:offices-save-day", args=["HM01"]), asked)
    page = client.get(saved.url)
    assert page.context["sizes"]["mail"] == with_mail
    assert page.context["sizes"]["call"] == 3 - with_mail == len(effect.people) - with_mail
    before = [(each.when, each.name, each.contact) for each in effect.people]
    assert [(row["was"], row["name"], row["contact"]) for row in page.context["rows"]] == before


@pytest.mark.parametrize("procedure", ["", "CERT_RENEW"])
def test_people_a_stop_would_reach_are_those_of_its_list(procedure):
    book(HANAKO)
    book(somebody(1), hour=11)
    since = clock.at(DAY, clock.MIDNIGHT)
    scope = Scope(starts_at=since, ends_at=since + clock.DAY, procedure=procedure)
    said = affected_counts(scope)
    made = begin(scope=scope, cause="TYPHOON", is_open_ended=False, title="台風", banner=None, actor=SYSTEM)
    listed = part_sizes(disruption_of_pause(made).id)
    assert (said.visits, said.with_mail, said.without_mail) == (listed["all"], listed["mail"], listed["call"])


def test_counts_on_home_are_those_of_the_lists_they_lead_to():
    book(HANAKO)
    for number in range(3):
        book(somebody(number), day=1, hour=9 + number)
    close(DAY)
    client = staff()
    with clock.travel(datetime(2026, 11, 30, 10, tzinfo=JST)):
        cards = {card.title: card for card in client.get("/secretariat/").context["cards"]}
        assert (
            cards["確認待ちの予約"].number
            == client.get("/secretariat/checks/").context["page"].paginator.count
            == 4
        )
        listed = client.get("/secretariat/disruptions/").context["rows"]
        assert cards["枠変更の影響を受けた方"].number == sum(row["left"] for row in listed) == 1
        calls = client.get("/secretariat/calls/").context
        assert cards["メール不達・電話連絡"].number == calls["left"] == 3
        assert disruptions(unresolved_only=True)[0].left == 1


@pytest.mark.parametrize("at", [TUESDAY, datetime(2026, 12, 8, 16, 59, tzinfo=JST)])
def test_the_deadlines_of_a_visit_are_the_same_on_link_slip_look_up_operator_and_api(at):
    made = book(HANAKO)
    with clock.travel(at):
        until = deadlines(made.starts_at, made.office)
        change, cancel = map(era.citizen_datetime, (until.change, until.cancel))
        client = Browser()
        link = opens(client, made.link_token)
        pages = [text_of(client.get(link)), text_of(client.get(f"{link}slip/"))]
        found = client.post("/lookup/", {"reference": show_reference(made.reference), **BIRTH}).url
        pages.append(text_of(client.get(found)))
        put_texts()
        operator, visit = staff(Role.OPERATOR, "callcentre"), f"/operator/visits/{made.reference}/"
        said = {"name": HANAKO.name, "birth_date": "S25.4.1", "phone": HANAKO.phone, "do": "check"}
        operator.post(visit, said)
        operator.post(visit, {"do": "reached"})
        pages.append(text_of(operator.get(visit)))
        for page in pages:
            assert change in page
            assert cancel in page
        token = issue_token(name="見本アプリ", actor=SYSTEM)
        clear_caches()
        headers = {"Authorization": f"Bearer {token}", "Date-Of-Birth": "1950-04-01"}
        answer = Browser().get(f"/api/v1/reservations/{made.reference}", headers=headers).json()
        told = [datetime.fromisoformat(answer[name]) for name in ("change_until", "cancel_until")]
        assert told == [until.change, until.cancel]
