"""本日の処理: what waits for the secretariat, in order of urgency, and the day in numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from madoguchi.accounts.kinds import Permission
from madoguchi.common import clock, era
from madoguchi.contract.kinds import CalendarCode, ProposalState
from madoguchi.contract.proposals import proposals
from madoguchi.contract.selectors import booking_rules, calendar, check_deadline
from madoguchi.notifications.selectors import Backlog as MailBacklog
from madoguchi.notifications.selectors import backlog
from madoguchi.offices.selectors import offices_taking_bookings
from madoguchi.reservations.disruption_lists import DisruptionRow, disruptions
from madoguchi.reservations.figures import Backlog, day_figures, unchecked
from madoguchi.reservations.selectors import reminder_calls_left
from madoguchi.sites.secretariat.admin.status.views import lines
from madoguchi.sites.secretariat.capacity.offices.loads import format_deadlines, loads_ahead
from madoguchi.sites.secretariat.capacity.offices.presenters import service_days
from madoguchi.web.policies import StaffRequest, open_to
from madoguchi.workflows.booking.offering import offers, web_cutoff
from madoguchi.workflows.callcentre.calls import reminder_day
from madoguchi.workflows.operations.status import system_status
from madoguchi.workflows.outage.notices import stop_notices

DAYS: Final = 10
LOW_STOCK_SHARE: Final = 0.1


@dataclass(frozen=True, slots=True)
class HomeCard:
    """Work that waits: how much, since when, and where it is done."""

    title: str
    tone: str
    tag: str
    number: int
    unit: str
    lines: Sequence[str]
    url: str
    action: str


@dataclass(frozen=True, slots=True)
class OfficeStock:
    """What is left at one office in the coming days."""

    name: str
    tone: str
    tag: str
    free: int
    seats: int
    taken: int
    earliest: str
    url: str


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of the day."""

    label: str
    value: int
    unit: str
    part: bool = False


@open_to(Permission.SECRETARIAT_RESERVATION_READ)
@require_safe
def show(request: StaffRequest) -> HttpResponse:
    """Show what to do today."""
    now, today = clock.now(), clock.today()
    status = system_status()
    lines_of_offices = _offices(today)
    half = -(-len(lines_of_offices) // 2)
    days = service_days(today, DAYS)
    return render(
        request,
        "secretariat/home/show.html",
        {
            "now": era.staff_datetime(now),
            "stops": stop_notices(today),
            "day_note": _day_note(),
            "returned": len(proposals(states=[ProposalState.RETURNED])),
            "cards": [
                _check_card(unchecked(), now),
                _disruption_card(disruptions(unresolved_only=True)),
                _contact_card(backlog(), now),
            ],
            "offices_period": f"{era.staff_day(days[0])}–{era.staff_day(days[-1])} {DAYS}営業日",
            "offices": [lines_of_offices[:half], lines_of_offices[half:]] if lines_of_offices else [],
            "figures": _figures(today),
            "states": [
                {"tone": line["tone"], "word": f"{line['title']} {line['state']}"} for line in lines(status)
            ],
        },
    )


def _day_note() -> str:
    """Return whether the city works today, and until which visit day citizens can still book."""
    why, found = calendar(CalendarCode.CITY).why_closed(clock.today()), web_cutoff()
    kind = f"閉庁日（{why}）" if why else "開庁日"
    if found is None:
        return f"{kind}・Webで受け付けている日はありません"
    return f"{kind}・Web受付は{format_deadlines(found[1])}まで {era.staff_day(found[0])}の予約を受付"


def _check_card(waiting: Backlog, now: datetime) -> HomeCard:
    """Return the reservations to look through, and until when."""
    tone, tag, rows = "done", "", ["すべて確認済です"]
    if waiting.oldest:
        due = check_deadline(waiting.oldest)
        tone = (
            "overdue"
            if due < now
            else "attention"
            if clock.to_jst(due).date() == clock.today()
            else "running"
        )
        tag = "期限切れ" if due < now else f"{_day_word(due)} {clock.to_jst(due):%H:%M}まで"
        rows = [f"最も古い受付 {era.staff_datetime(waiting.oldest)}", f"期限 {era.staff_datetime(due)}"]
    return HomeCard(
        "確認待ちの予約",
        tone,
        tag,
        waiting.count,
        "件",
        rows,
        reverse("secretariat:checks-list"),
        "内容を確認する",
    )


def _day_word(instant: datetime) -> str:
    day = clock.to_jst(instant).date()
    return "本日" if day == clock.today() else era.staff_day(day)


def _disruption_card(rows: Sequence[DisruptionRow]) -> HomeCard:
    """Return the people whose time is no longer offered and who wait for a word."""
    left = sum(row.left for row in rows)
    oldest = min((row.created_at for row in rows), default=None)
    return HomeCard(
        "枠変更の影響を受けた方",
        "overdue" if left else "done",
        "要連絡" if left else "",
        left,
        "人",
        [f"最も古い変更 {era.staff_datetime(oldest)}", f"変更 {len(rows)}件"]
        if oldest
        else ["連絡が必要な方はいません"],
        reverse("secretariat:disruptions-list"),
        "連絡先の一覧を開く",
    )


def _contact_card(mail: MailBacklog, now: datetime) -> HomeCard:
    """Return mails that did not arrive and people without mail to be called, together."""
    day = reminder_day()
    calls = reminder_calls_left(day=day)
    due = clock.at(clock.today(), booking_rules(now).reminder_time)
    number = mail.troubled + calls
    return HomeCard(
        "メール不達・電話連絡",
        "attention" if number else "done",
        f"本日 {clock.to_jst(due):%H:%M}まで" if calls and now <= due else "",
        number,
        "人",
        [f"メール不達 {mail.troubled}通", f"電話連絡 {calls}人（{era.staff_day(day)}来局）"],
        reverse("secretariat:mails-list")
        if mail.troubled or not calls
        else reverse("secretariat:calls-list"),
        "一覧を開く",
    )


def _offices(today: date) -> list[OfficeStock]:
    """Return the offices by what is left over the coming business days, the fewest first."""
    days = service_days(today, DAYS)
    places = {row.code: row for row in offices_taking_bookings()}
    loads = loads_ahead(list(places), days)
    free = {code: load[0] for code, load in loads.items()}
    seats = {code: load[1] for code, load in loads.items()}
    earliest = {offer.office.code: offer.earliest for offer in offers(slots=1)}
    found = []
    for code in sorted(places, key=lambda code: (free[code], code)):
        start = earliest.get(code)
        few = seats[code] and free[code] / seats[code] < LOW_STOCK_SHARE
        tone, tag = (
            ("neutral", "休業")
            if not seats[code]
            else ("overdue", "空きなし")
            if not free[code]
            else ("attention", "残りわずか")
            if few
            else ("", "")
        )
        found.append(
            OfficeStock(
                name=places[code].short_name,
                tone=tone,
                tag=tag,
                free=free[code],
                seats=seats[code],
                taken=seats[code] - free[code],
                earliest=era.staff_day(clock.to_jst(start.starts_at).date()) if start else "空きなし",
                url=reverse("secretariat:offices-month", args=[code]),
            )
        )
    return found


def _figures(today: date) -> list[Figure]:
    row = day_figures(today)
    return [
        Figure("来局の予定", row.visits, "人"),
        Figure("新しい予約（本日0時から）", sum(row.booked.values()), "件"),
        *(Figure(str(channel.label), count, "件", part=True) for channel, count in row.booked.items()),
        Figure("変更・訂正", row.changed, "件"),
        Figure("取消し", row.cancelled, "件"),
    ]
