"""What a resident reads about post offices: near, early, open, full (仕様書 4(3)ア)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, time
from itertools import pairwise
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from madoguchi.common import clock
from madoguchi.common.era import (
    citizen_datetime,
    citizen_day,
    citizen_time,
)
from madoguchi.common.languages import MAIN
from madoguchi.common.unreadable import Unreadable
from madoguchi.contract.addresses import town_address
from madoguchi.contract.rows import PostalAreaRow
from madoguchi.contract.selectors import postal_area, program, wards
from madoguchi.offices.selectors import OfficeRow, usual_hours
from madoguchi.sites.citizen.presenters.procedures import Link
from madoguchi.workflows.booking.offering import Offer, by_day_then_distance, next_day_opens, roomy_offices

# So many offices with many free seats are named at most.
ROOMY_SHOWN = 3


def format_postal_code(code: str) -> str:
    """Return a postal code as it is written in an address."""
    return code if isinstance(code, Unreadable) else f"〒{code[:3]}-{code[3:]}"


@dataclass(frozen=True, slots=True)
class OfficeChoice:
    """An office in a list, with its earliest free time ("" when full)."""

    code: str
    name: str
    ward: str
    distance: str
    address: str
    hours: str
    facilities: str
    earliest: str
    is_roomy: bool
    href: str

    @classmethod
    def of(cls, offer: Offer, href: str = "") -> "OfficeChoice":
        """Describe an office that is on offer."""
        row = offer.office
        return cls(
            code=row.code,
            name=row.name,
            ward=row.ward_name,
            distance=_("道のり約%(km)dkm") % {"km": offer.road_km} if offer.road_km is not None else "",
            address=row.address,
            hours=office_hours(row),
            facilities=told_of(row),
            earliest=citizen_datetime(offer.earliest.starts_at) if offer.earliest else "",
            is_roomy=offer.earliest is not None and row.code in roomy_offices(),
            href=href,
        )


def mark_where_it_helps(choices: Sequence[OfficeChoice]) -> list[OfficeChoice]:
    """Return the offices of a list; where all have many free seats, without the mark, which tells nothing."""
    if all(office.is_roomy for office in choices):
        return [replace(office, is_roomy=False) for office in choices]
    return list(choices)


def told_of(row: OfficeRow) -> str:
    """Return what there is to know of a building: its equipment, and what is different now."""
    return "\n".join(filter(None, (row.facilities, row.notes)))


def office_hours(row: OfficeRow) -> str:
    """Return the usual hours of an office: 「平日 午前9時〜午後5時」, with a break if there is one."""
    spans = usual_hours(max(clock.today(), row.opens_on)).get(row.code, ())
    if not spans:
        return ""
    words = _("平日 %(opens)s〜%(closes)s") % {
        "opens": _clock(spans[0].start),
        "closes": _clock(spans[-1].end),
    }
    return words + "".join(
        _("（%(since)s〜%(until)sは休み）") % {"since": _clock(before.end), "until": _clock(after.start)}
        for before, after in pairwise(spans)
        if before.end < after.start
    )


def _clock(minute_of_day: int) -> str:
    return citizen_time(time(minute_of_day // 60 % 24, minute_of_day % 60))


@dataclass(frozen=True, slots=True)
class WardChoice:
    """A ward in a list of choices."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class DayChoice:
    """A day in a list of choices."""

    iso: str
    name: str


@dataclass(frozen=True, slots=True)
class OfficeSearch:
    """The offices found and how they were looked for; `empty` says it when there is none."""

    by: str
    ward: str
    days: list[DayChoice]
    day: str
    wards: list[WardChoice]
    total: int
    title: str
    count: str
    # The other order, where the place of the visitor is known; "" for none.
    orders: list["Link"]
    offices: list[OfficeChoice]
    more: str
    # Offices with many free seats, where none of those shown is one.
    roomy: list[OfficeChoice]
    empty: str


def office_search(
    offers: Sequence[Offer],
    *,
    by: str,
    ward: str,
    area: PostalAreaRow | None,
    is_early_first: bool,
    total: int,
    shown: int,
    more: str,
    days: Sequence[date],
    day: date | None,
) -> OfficeSearch:
    """Describe a page of offices; by day only those with a free time on it."""
    empty = ""
    if by == "date":
        offers = [offer for offer in offers if day and offer.earliest]
        name = citizen_day(day) if day else ""
        title, order = _("%(day)sに空いている郵便局") % {"day": name}, _("早い順")
        empty = (
            _("%(day)sに空いている郵便局はありません。別の日を選んでください。") % {"day": name}
            if day
            else ""
        )
    elif ward:
        title, order = next(row.name for row in wards() if row.code == ward), _("早い順")
        empty = _("%(ward)sには、予約を受け付けている郵便局がありません。ほかの区の郵便局も選べます。") % {
            "ward": title
        }
        title = _("%(ward)sの郵便局") % {"ward": title}
    elif area is not None:
        title, order = _("%(place)sから近い郵便局") % {"place": _place(area)}, _("近い順")
        if is_early_first:
            order = _("早い順。同じ日は近い順")
            offers = by_day_then_distance(offers)
    else:
        title, order = _("早い日時から"), _("早い順")
    return OfficeSearch(
        by=by,
        ward=ward,
        days=[DayChoice(each.isoformat(), citizen_day(each)) for each in days],
        day=day.isoformat() if day else "",
        wards=[WardChoice(row.code, row.name) for row in wards()],
        total=total,
        title=title,
        count=_("%(total)d局のうち 1〜%(shown)d局目（%(order)s）")
        % {"total": len(offers), "shown": min(shown, len(offers)), "order": order},
        orders=_orders(is_early_first=is_early_first) if area is not None else [],
        offices=mark_where_it_helps([OfficeChoice.of(offer) for offer in offers[:shown]]),
        more=more if shown < len(offers) else "",
        roomy=_roomy(offers, shown) if by == "postal" or ward else [],
        empty=empty,
    )


def _orders(*, is_early_first: bool) -> list["Link"]:
    """Return the two orders of the offices around a place; the one in use has no address."""
    return [
        Link(_("近い順"), "?by=postal#offices" if is_early_first else ""),
        Link(_("早い順"), "" if is_early_first else "?by=postal&order=early#offices"),
    ]


def _roomy(offers: Sequence[Offer], shown: int) -> list[OfficeChoice]:
    """Return the first offices with many free seats, where none of those shown is one."""
    if any(OfficeChoice.of(offer).is_roomy for offer in offers[:shown]):
        return []
    others = (
        OfficeChoice.of(offer, reverse("citizen:reserve-times", args=[offer.office.code]))
        for offer in offers[shown:]
    )
    return mark_where_it_helps([office for office in others if office.is_roomy][:ROOMY_SHOWN])


@dataclass(frozen=True, slots=True)
class AllFull:
    """No office has a free time: until when was looked ("" where nothing bounds it), what there is to do."""

    until: str
    opens: str
    new_issue: str


def all_full(codes: Sequence[str], last: date | None) -> AllFull:
    """Say what somebody can do for whom no time is left at any office on the days that make sense."""
    rest = [code for code in codes if code not in {"CERT_RENEW", "CERT_ISSUE"}]
    query = urlencode({"procedure": ["CERT_ISSUE", *rest], "who": "self"}, doseq=True)
    opens = next_day_opens(last)
    return AllFull(
        until=citizen_day(last) if last else "",
        opens=citizen_datetime(opens) if opens else "",
        new_issue=f"{reverse('citizen:reserve-procedures')}?{query}" if "CERT_RENEW" in codes else "",
    )


def _place(area: PostalAreaRow) -> str:
    with translation.override(MAIN):
        return town_address(area).removeprefix(program().city_name)


def area_of(postal_code: str) -> PostalAreaRow | None:
    """Return the area of a postal code, None for an unknown one."""
    return postal_area(postal_code) if postal_code else None
