"""Papers about people, filled from the ledger for any staff site; the caller has the look on record."""

from collections.abc import Iterable
from datetime import date
from itertools import groupby

from django.conf import settings
from django.urls import reverse

from madoguchi.common import clock
from madoguchi.common.phones import show_phone
from madoguchi.common.references import show_reference
from madoguchi.contract.selectors import belongings_for, procedures, program
from madoguchi.offices.selectors import office, offices
from madoguchi.rendering.papers import (
    Belonging,
    BookingSlip,
    CallLine,
    VisitorLine,
    VisitorSheet,
    booking_slip,
    call_list,
    visitor_list,
)
from madoguchi.reservations.selectors import CallRow, ListRow, ReservationRow
from madoguchi.reservations.words import needs_in_words
from madoguchi.workflows.offering import deadlines


def visitor_paper(rows: Iterable[ListRow], *, by: str) -> bytes:
    """Return the 予約者リスト of standing reservations, a page for each office and day: no address on it.

    Raises GlyphMissing.
    """
    places = {row.code: row.name for row in offices()}
    short = _short_procedures()
    standing = sorted((row for row in rows if row.status == "BOOKED"), key=_day_and_office)
    sheets = [
        VisitorSheet(
            office=places[code],
            day=day,
            lines=[
                VisitorLine(
                    at=row.starts_at,
                    reference=show_reference(row.reference),
                    name=row.name,
                    kana=row.name_kana,
                    procedures=tuple(short[each] for each in row.procedures),
                    notes=needs_in_words(row.needs),
                    called_name=row.called_name,
                )
                for row in group
            ],
        )
        for (day, code), group in groupby(standing, key=_day_and_office)
    ]
    return visitor_list(issuer=issuer(), sheets=sheets, printed_by=by)


def call_paper(rows: Iterable[tuple[CallRow, str]], *, by: str) -> bytes:
    """Return the 電話連絡リスト: whom to call today, with the numbers. Raises GlyphMissing."""
    places = {row.code: row.name for row in offices()}
    short = _short_procedures()
    lines = [
        CallLine(
            reference=show_reference(row.visit.reference),
            name=row.visit.name,
            kana=row.visit.name_kana,
            phone=show_phone(phone),
            visit_at=row.visit.starts_at,
            office=places[row.visit.office],
            procedures=tuple(short[each] for each in row.visit.procedures),
            notes=needs_in_words(row.visit.needs),
        )
        for row, phone in rows
    ]
    return call_list(issuer=issuer(), day=clock.today(), lines=lines, printed_by=by)


def slip_paper(row: ReservationRow) -> bytes:
    """Return the 予約の控え of one person, with the secret link as a code. Raises GlyphMissing."""
    term, place, until = program(), office(row.office), deadlines(row.starts_at, row.office)
    return booking_slip(
        BookingSlip(
            issuer=issuer(),
            program=term.title,
            reference=show_reference(row.reference),
            name=row.person.name,
            visit_at=row.starts_at,
            duration=f"約{row.minutes}分",
            office=place.name,
            address=place.address,
            access=place.access,
            procedures=tuple(
                each.name for each in procedures(enabled_only=False) if each.code in row.procedures
            ),
            belongings=tuple(Belonging(each.text, each.hint) for each in belongings_for(row.procedures)),
            change_until=until.change,
            cancel_until=until.cancel,
            phone_name=term.call_centre_name,
            phone=term.call_centre_phone,
            phone_hours=term.call_centre_hours,
            link=f"{settings.SITE_URL}{reverse('citizen:link-show', args=[row.link_token])}",
        )
    )


def issuer() -> str:
    """Return the city, with the contractor in brackets."""
    return f"{program().city_name}（{program().contractor_name}）"


def _day_and_office(row: ListRow) -> tuple[date, str]:
    return clock.to_jst(row.starts_at).date(), row.office


def _short_procedures() -> dict[str, str]:
    return {str(row.code): row.short_name for row in procedures(enabled_only=False)}
