"""Papers about people, filled from the ledger for any staff site; the caller has the look on record.

Among them the 予約者リスト of each office (仕様書 4(6)ア 予約者リスト).
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import Final

from django.conf import settings
from django.urls import reverse

from madoguchi.common import clock, era
from madoguchi.common.phones import show_phone
from madoguchi.common.references import show_reference
from madoguchi.common.unreadable import Unreadable
from madoguchi.contract.selectors import belongings_for, procedures, program, visit_minutes, wards
from madoguchi.offices.selectors import office, offices
from madoguchi.rendering.csv_file import csv_file, plain_csv
from madoguchi.rendering.documents import (
    Belonging,
    BookingLetter,
    BookingSlip,
    CallLine,
    VisitorLine,
    VisitorSheet,
    booking_letter,
    booking_slip,
    call_list,
    visitor_list,
    visitor_register,
)
from madoguchi.rendering.excel import workbook
from madoguchi.rendering.tables import Column, Table
from madoguchi.reservations.labels import needs_labels, state_of
from madoguchi.reservations.search import ListRow, Search
from madoguchi.reservations.selectors import ReservationRow
from madoguchi.workflows.booking.offering import deadlines
from madoguchi.workflows.privacy.access import EXPORT_REASONS, ExportReason

SHOWN_OFFICES: Final = 3
COLUMNS: Final = [
    Column("来局日時", 18),
    Column("所要（分）", 10),
    Column("郵便局", 20),
    Column("予約番号", 15),
    Column("氏名", 20),
    Column("フリガナ", 24),
    Column("お呼びする名前", 20),
    Column("手続き", 28),
    Column("当日に必要なこと", 20),
    Column("状態", 12),
    Column("受付", 8),
    Column("受付日時", 18),
]


def visitor_list_document(
    rows: Iterable[ListRow],
    *,
    by: str,
    of: tuple[str, date] | None = None,
    notices: Sequence[str] = (),
    alerts: Mapping[uuid.UUID, str] | None = None,
) -> bytes:
    """Return the 予約者リスト of standing reservations, a page for each office and day: no address on it.

    `of` is the office and the day asked for: its page says so when nobody comes. `notices` stand on top,
    `alerts` beside the people whom they concern, by the key of their row.
    """
    places = {row.code: row.name for row in offices()}
    short = _short_procedures()
    standing = sorted((row for row in rows if row.status == "BOOKED"), key=_day_and_office)
    sheets = [
        VisitorSheet(
            office=places[code],
            day=day,
            lines=[_visitor(row, short, (alerts or {}).get(row.id, "")) for row in group],
            notices=tuple(notices),
        )
        for (day, code), group in groupby(standing, key=_day_and_office)
    ]
    if of and not sheets:
        sheets = [VisitorSheet(office=places[of[0]], day=of[1], lines=[], notices=tuple(notices))]
    return visitor_list(issuer=issuer(), sheets=sheets, printed_by=by)


def visitor_register_document(rows: Iterable[ListRow], *, query: Search, by: str) -> bytes:
    """Return the 予約者リスト of standing reservations on many days, a line for each person."""
    places = {row.code: row.short_name for row in offices()}
    short = _short_procedures()
    lines = [(places[row.office], _visitor(row, short)) for row in rows if row.status == "BOOKED"]
    return visitor_register(issuer=issuer(), period=days_label(query), lines=lines, printed_by=by)


def _visitor(row: ListRow, short: Mapping[str, str], alert: str = "") -> VisitorLine:
    return VisitorLine(
        at=row.starts_at,
        reference=show_reference(row.reference),
        name=row.name,
        kana=row.name_kana,
        procedures=tuple(short[each] for each in row.procedures),
        notes=needs_labels(row.needs),
        called_name=row.called_name,
        alert=alert,
    )


def list_document(
    rows: Sequence[ListRow], *, query: Search, kind: str, reason: ExportReason, by: str
) -> bytes:
    """Return the list that a search found as Excel, CSV or the 予約者リスト as PDF (仕様書 4(3)ア).

    The PDF of one day has a page for each office, of more days a line for each person. Kind "data" is the
    CSV for programs.
    """
    if kind == "pdf" and query.first != query.last:
        return visitor_register_document(rows, query=query, by=by)
    if kind == "pdf":
        is_one_day = len(query.offices) == 1 and query.first == query.last
        of = (query.offices[0], query.first) if is_one_day and query.first else None
        return visitor_list_document(rows, by=by, of=of)
    # Whoever carries it to an office finds that office's people together, in the order of the list.
    table = Table("予約の一覧", COLUMNS, _lines(sorted(rows, key=lambda row: row.office)))
    return (
        csv_file(table)
        if kind == "csv"
        else plain_csv(table)
        if kind == "data"
        else workbook([table], note=document_footer(by, EXPORT_REASONS[reason]))
    )


def list_name(query: Search, *, kind: str) -> str:
    """Return the start of the file name of a list: what it is, its office where it is one, and its days."""
    parts = ["visitors" if kind == "pdf" else "reservations-data" if kind == "data" else "reservations"]
    parts += [f"ward{code}" for code in query.wards]
    if query.offices:
        parts.append(query.offices[0] if len(query.offices) == 1 else f"{len(query.offices)}offices")
    if query.first:
        parts.append(f"{query.first:%Y%m%d}" if query.last else f"from{query.first:%Y%m%d}")
    if query.last and query.last != query.first:
        parts.append(f"{query.last:%Y%m%d}" if query.first else f"until{query.last:%Y%m%d}")
    return "-".join(parts)


def days_label(query: Search) -> str:
    """Return the days of a list in words."""
    first, last = (era.staff_day(day) if day else "" for day in (query.first, query.last))
    if not first and not last:
        return "すべての日"
    return first if first == last else f"{first}–{last}"


def list_label(query: Search) -> str:
    """Return what a list holds: its days, its offices, and that it was narrowed further; no name on it."""
    codes = query.offices
    places = "、".join(office(code).short_name for code in codes[:SHOWN_OFFICES])
    if len(codes) > SHOWN_OFFICES:
        places += f"ほか{len(codes) - SHOWN_OFFICES}局"
    names = {row.code: row.name for row in wards()}
    in_wards = "、".join(names.get(code, code) for code in query.wards)
    narrowed = (query.text, query.statuses, query.procedures, query.channels, query.unchecked)
    parts = [days_label(query), in_wards, places or ("" if in_wards else "すべての郵便局")]
    return "　".join([*filter(None, parts), *(["ほかの条件あり"] if any(narrowed) else [])])


def document_footer(by: str, reason: str = "") -> str:
    """Return what stands in the foot of each page that leaves: who took it, when and what for."""
    taken = f"{era.staff_datetime(clock.now())} {by}"
    return f"{taken}（{reason}）使用後は裁断" if reason else taken


def call_list_document(rows: Iterable[tuple[ListRow, str, str]], *, by: str) -> bytes:
    """Return the 電話連絡リスト: whom to call today, at which number, with a remark."""
    places = {row.code: row.name for row in offices()}
    short = _short_procedures()
    lines = [
        CallLine(
            reference=show_reference(visit.reference),
            name=visit.name,
            kana=visit.name_kana,
            phone=show_phone(phone),
            visit_at=visit.starts_at,
            office=places[visit.office],
            procedures=tuple(short[code] for code in visit.procedures),
            notes=tuple(filter(None, (*needs_labels(visit.needs), remark))),
        )
        for visit, phone, remark in rows
    ]
    return call_list(issuer=issuer(), day=clock.today(), lines=lines, printed_by=by)


def booking_slip_document(row: ReservationRow) -> bytes:
    """Return the 予約の控え of one person, with the secret link as a code."""
    return booking_slip(_slip(row))


def booking_letter_document(row: ReservationRow) -> bytes:
    """Return the 予約のお知らせ to be posted to one person, who changes and cancels by telephone."""
    postal, address = row.person.postal_code, row.person.address
    shown = postal if isinstance(postal, Unreadable) else f"{postal[:3]}-{postal[3:]}" if postal else ""
    return booking_letter(BookingLetter(_slip(row), shown, address))


def _slip(row: ReservationRow) -> BookingSlip:
    term, place, until = program(), office(row.office), deadlines(row.starts_at, row.office)
    return BookingSlip(
        issuer=issuer(),
        program=term.title,
        reference=show_reference(row.reference),
        name=row.person.name,
        visit_at=row.starts_at,
        duration=f"約{visit_minutes(row.procedures)}分",
        office=place.name,
        address=place.address,
        access=place.access,
        procedures=tuple(each.name for each in procedures(enabled_only=False) if each.code in row.procedures),
        belongings=tuple(Belonging(each.text, each.hint) for each in belongings_for(row.procedures)),
        change_until=until.change,
        cancel_until=until.cancel,
        phone_name=term.call_centre_name,
        phone=term.call_centre_phone,
        phone_hours=term.call_centre_hours,
        link=f"{settings.SITE_URL}{reverse('citizen:link-show', args=[row.link_token])}"
        if row.link_token
        else "",
    )


def issuer() -> str:
    """Return the city, with the contractor in brackets."""
    return f"{program().city_name}（{program().contractor_name}）"


def _day_and_office(row: ListRow) -> tuple[date, str]:
    return clock.to_jst(row.starts_at).date(), row.office


def _short_procedures() -> dict[str, str]:
    return {str(row.code): row.short_name for row in procedures(enabled_only=False)}


def _lines(rows: Iterable[ListRow]) -> Iterable[Sequence[str | int | date]]:
    places = {row.code: row.name for row in offices()}
    short = {row.code: row.short_name for row in procedures(enabled_only=False)}
    for row in rows:
        yield [
            row.starts_at,
            visit_minutes(row.procedures),
            places[row.office],
            show_reference(row.reference),
            row.name,
            row.name_kana,
            row.called_name,
            "・".join(short[code] for code in row.procedures),
            "・".join(needs_labels(row.needs)),
            state_of(row)[1],
            row.channel_label,
            row.booked_at,
        ]
