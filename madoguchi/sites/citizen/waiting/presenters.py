"""The waiting list in words."""

from collections.abc import Sequence
from itertools import chain

from django.utils.translation import gettext as _

from madoguchi.common import clock
from madoguchi.common.era import citizen_datetime, citizen_day, citizen_time
from madoguchi.contract.selectors import booking_rules, procedures
from madoguchi.offices.selectors import office
from madoguchi.reservations.waiting_entries import WaitRow, Wish
from madoguchi.sites.citizen.presenters.procedures import SummaryRow
from madoguchi.sites.citizen.waiting.forms import TIMES


def wish_rows(wish: Wish, visits: Sequence[Sequence[str]], *, change: str = "") -> list[SummaryRow]:
    """Describe what somebody waits for; `visits` are the procedures of each of those who come."""
    names = {row.code: row.name for row in procedures(enabled_only=False)}
    words = {"any": _("いつでもよい"), "morning": _("午前"), "afternoon": _("午後")}
    times = next((name for name, bounds in TIMES.items() if bounds == (wish.earliest, wish.latest)), "")
    only = _("%(time)sだけ") % {"time": citizen_time(wish.earliest)}
    first, last = citizen_day(wish.first_day), citizen_day(wish.last_day)
    days = first if first == last else _("%(first)sから%(last)sまで") % {"first": first, "last": last}
    return [
        SummaryRow(_("郵便局"), [office(code).name for code in wish.offices], change=change),
        SummaryRow(_("希望の日"), [days], change=change),
        SummaryRow(_("時間帯"), [words.get(times, only)], change=change),
        *people_row(len(visits)),
        SummaryRow(_("手続き"), [names[code] for code in dict.fromkeys(chain.from_iterable(visits))]),
    ]


def people_row(people: int) -> list[SummaryRow]:
    """Say for how many people the seats are; nothing for one alone."""
    return [SummaryRow(_("人数"), [_("%(people)d人") % {"people": people}])] if people > 1 else []


def answer_time(*, by_phone: bool) -> str:
    """Say how long one has to answer an offer."""
    rules = booking_rules(clock.now())
    if by_phone:
        words = _(
            "空きが出てから%(minutes)d分以内に、お返事をお願いします。コールセンターの受付時間だけを数えます。"
        )
        return words % {"minutes": rules.offer_minutes}
    return _(
        "お知らせしてから%(minutes)d分以内に、お返事をお願いします。"
        "%(opens)sから%(closes)sまでの時間だけを数えます。"
    ) % {
        "minutes": rules.offer_minutes,
        "opens": citizen_time(rules.offer_from),
        "closes": citizen_time(rules.offer_to),
    }


def _times_of_all(row: WaitRow) -> list[str]:
    if len(row.visitors) == 1 or row.ends_at is None:
        return []
    ends = citizen_time(clock.to_jst(row.ends_at).time())
    return [
        _("全員分の予約枠です。同時に、または続けて手続きし、%(ends)sまでに終わります。") % {"ends": ends}
    ]


def offer_rows(row: WaitRow) -> list[SummaryRow]:
    """Describe the time that is offered."""
    if row.starts_at is None or row.offer_until is None:
        return []
    place = office(row.office)
    return [
        SummaryRow(_("日時"), [citizen_datetime(row.starts_at)], _times_of_all(row), strong=True),
        *people_row(len(row.visitors)),
        SummaryRow(_("郵便局"), [place.name], [place.address]),
        SummaryRow(_("お返事の期限"), [citizen_datetime(row.offer_until)], strong=True),
    ]
