"""What every page of one post office has: its name, its tabs, whom a change is for."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from django.urls import reverse

from madoguchi.common import clock
from madoguchi.contract.selectors import program
from madoguchi.offices.rules import Span
from madoguchi.offices.selectors import (
    day_hours,
    format_hours,
    office,
    offices,
    weekly_hours,
)
from madoguchi.web.policies import StaffRequest, may_open

ALL: Final = "all"


FORM_METHODS: Final = ["GET", "HEAD", "POST"]


@dataclass(frozen=True, slots=True)
class Tab:
    """One page about an office."""

    label: str
    url: str
    current: bool


def tabs_of(request: StaffRequest, code: str) -> list[Tab]:
    """Return the tabs of one office, those that the person may open."""
    pages = [
        ("offices-month", "カレンダー"),
        ("offices-hours", "基本の受付時間と枠"),
        ("offices-closures", "休業"),
        ("offices-presets", "枠を減らす日"),
        ("offices-rules", "締切日時"),
        ("offices-history", "変更の履歴"),
    ]
    here = request.resolver_match.url_name if request.resolver_match else ""
    here = {"rules-show": "offices-rules"}.get(here or "", here)
    tabs = [
        Tab(label, reverse(f"secretariat:{name}", args=[code]), name == here)
        for name, label in pages
        if code != ALL or name not in {"offices-month", "offices-hours"}
    ]
    return [tab for tab in tabs if may_open(request, tab.url)]


@dataclass(frozen=True, slots=True)
class OfficePage:
    """What a page about an office, or about all of them, is headed with."""

    code: str
    name: str
    about: str
    codes: tuple[str, ...]


def office_page(code: str) -> OfficePage:
    """Return what a page says of an office, or of all of them. Raises NotVisible for an unknown code."""
    if code == ALL:
        rows = offices()
        return OfficePage(
            ALL, "すべての郵便局", f"{len(rows)}局に共通の設定", tuple(row.code for row in rows)
        )
    row = office(code)
    spans = [each for each in weekly_hours(code, on=clock.today()) if each.weekday == 0]
    hours = format_hours([each.span for each in spans]) or "受付時間 未設定"
    seats = "・".join(str(each) for each in dict.fromkeys(each.span.seats for each in spans))
    about = f"{row.ward_name}・{row.wave_name}　基本 {hours}"
    return OfficePage(code, row.name, f"{about}　{program().slot_minutes}分ごと・{seats or 0}枠", (code,))


def place_codes(code: str) -> tuple[str, ...]:
    """Return the codes of one office, or of all."""
    return office_page(code).codes


def place_context(request: StaffRequest, code: str) -> dict[str, object]:
    """Return what every page about an office shows around its content."""
    return {"office": office_page(code), "tabs": tabs_of(request, code)}


def spans_of(code: str, day: date) -> list[Span]:
    """Return the hours of a day: its own, else the weekday's."""
    special = day_hours(code, first=day, last=day)
    if day in special:
        return special[day]
    return [row.span for row in weekly_hours(code, on=day) if row.weekday == day.weekday()]


def rule_scope(code: str) -> str:
    """Return the scope of the rules of an office, or of all of them."""
    return "" if code == ALL else code
