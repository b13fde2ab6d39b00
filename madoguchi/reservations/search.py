"""Search and list reservations; the calling workflow records the access (仕様書 4(3)ア, 4(6)ア)."""

import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal

from django.contrib.postgres.expressions import ArraySubquery
from django.core.paginator import Paginator
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.expressions import OrderBy

from madoguchi.accounts.scope import PeopleScope
from madoguchi.common import clock
from madoguchi.common.births import BirthDate
from madoguchi.common.names import fold_kana, fold_name, holds_text, query_bigrams, tokens_may_mislead
from madoguchi.common.phones import PhoneUnreadable, mask_phone, read_phone
from madoguchi.common.references import ReferenceUnreadable, read_reference
from madoguchi.common.unreadable import Unreadable
from madoguchi.reservations.figures import waits_for_check
from madoguchi.reservations.kinds import ERASED
from madoguchi.reservations.models import (
    DisruptedVisit,
    Reservation,
    ReservedProcedure,
)
from madoguchi.reservations.people import (
    person_hash,
    phone_end_hash,
    read_details,
    show_columns,
)
from madoguchi.reservations.scopes import reservations_in
from madoguchi.sealing.services import index_hash, tokens

Order = Literal["starts_at", "-starts_at", "booked_at", "-booked_at", "office", "-office", "state", "-state"]
# About what a clerk sees at once; each person on a page is opened and on record as seen.
PAGE_SIZE = 20

IN_A_MASKED_LIST = ("reference", "office_id", "starts_at", "status", "channel", "booked_at", "checked_at")
IN_A_LIST = (
    *IN_A_MASKED_LIST,
    *("minutes", "changed_at", "cancelled_at"),
    *(f"applicant__{name}" for name in ("name", "name_kana", "phone", "details", "has_email", "contact_by")),
    *("applicant__key__ring_key", "applicant__key__wrapped"),
)


@dataclass(frozen=True, slots=True)
class ListRow:
    """One line of a list: the name in full, the telephone masked, nothing else of the person."""

    id: uuid.UUID
    reference: str
    office: str
    starts_at: datetime
    occupied_minutes: int
    status: str
    status_label: str
    channel: str
    channel_label: str
    procedures: tuple[str, ...]
    name: str
    name_kana: str
    called_name: str
    phone: str
    has_email: bool
    contact_by: str
    needs: tuple[str, ...]
    booked_at: datetime
    changed_at: datetime | None
    cancelled_at: datetime | None
    checked_at: datetime | None


@dataclass(frozen=True, slots=True)
class SearchPage:
    """A page of a list and the total number of rows."""

    rows: list[ListRow]
    total: int
    page: int


@dataclass(frozen=True, slots=True)
class Search:
    """The filters of a list. `text` is a reference, a telephone number, a mail address or a name.

    `wards` are those of the offices.
    """

    text: str = ""
    first: date | None = None
    last: date | None = None
    offices: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    procedures: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    birth_date: BirthDate | None = None
    unchecked: bool = False
    wards: tuple[str, ...] = ()
    order: Order = "starts_at"
    page: int = 1


def unresolved_disruption() -> Exists:
    """Return the condition that a disruption affects a visit at its present time and is not resolved."""
    return Exists(
        DisruptedVisit.objects.filter(
            reservation=OuterRef("pk"), was_at=OuterRef("starts_at"), resolved_at=None
        )
    )


def search(query: Search, *, scope: PeopleScope) -> SearchPage:
    """Return a page of reservations, the folded name found anywhere in it (仕様書 4(3)ア).

    Two queries whatever the length of the page.
    """
    rows = _narrowed(query, scope)
    if query.text.strip():
        # Looked for once, for the count and for the page: what a text finds is short.
        found = Paginator(_found(rows, query.text), PAGE_SIZE).get_page(query.page)
        rows = Reservation.objects.filter(pk__in=found.object_list).order_by(*_ordering(query.order))
        return SearchPage(list_rows(rows), found.paginator.count, found.number)
    page = Paginator(rows, PAGE_SIZE).get_page(query.page)
    rows = page.object_list  # type: ignore[assignment]  # the slice of a queryset is one
    return SearchPage(list_rows(rows), page.paginator.count, page.number)


@dataclass(frozen=True, slots=True)
class MaskedRow:
    """One line of a list without the person: nothing sealed was read for it."""

    reference: str
    office: str
    starts_at: datetime
    status: str
    channel_label: str
    procedures: tuple[str, ...]
    booked_at: datetime
    checked_at: datetime | None


def search_masked(query: Search, *, scope: PeopleScope) -> tuple[list[MaskedRow], int, int]:
    """Return a page of reservations without their people, how many there are, and which page it is.

    Its text may be a reference and nothing else: a name would tell who is booked.
    """
    rows = _narrowed(replace(query, text=""), scope)
    if query.text:
        rows = rows.filter(reference=query.text)
    codes = ReservedProcedure.objects.filter(reservation=OuterRef("pk")).order_by("procedure_id")
    shown = rows.only(*IN_A_MASKED_LIST).annotate(codes=ArraySubquery(codes.values("procedure_id")))
    page = Paginator(shown, PAGE_SIZE).get_page(query.page)
    rows_of_page: Any = page.object_list
    found = [
        MaskedRow(
            row.reference,
            row.office_id,
            row.starts_at,
            row.status,
            row.get_channel_display(),
            tuple(row.codes),
            row.booked_at,
            row.checked_at,
        )
        for row in rows_of_page
    ]
    return found, page.paginator.count, page.number


def search_all(query: Search, *, scope: PeopleScope, limit: int = 50_000) -> list[ListRow]:
    """Return every row of a list, for its files."""
    rows = list_rows(_narrowed(query, scope)[:limit])
    if not _must_look(query.text):
        return rows
    return [row for row in rows if _holds(row.name, row.name_kana, query.text)]


def _found(rows: QuerySet[Reservation], text: str) -> list[uuid.UUID]:
    """Return the keys of what a text found; names are opened where their tokens may mislead."""
    if not _must_look(text):
        return list(rows.values_list("pk", flat=True))
    opened = (
        (row.pk, show_columns(row.applicant, ["name", "name_kana"]))
        for row in rows.select_related("applicant__key").only(*IN_A_LIST)
    )
    return [key for key, names in opened if _holds(names["name"], names["name_kana"], text)]


def _must_look(text: str) -> bool:
    return _is_name(text.strip()) and tokens_may_mislead(text)


def _holds(name: str, name_kana: str, text: str) -> bool:
    # What cannot be read cannot be ruled out: the list says so.
    return (
        isinstance(name, Unreadable)
        or isinstance(name_kana, Unreadable)
        or holds_text([name, name_kana], text)
    )


def _ordering(order: Order) -> tuple[str | OrderBy, ...]:
    """Return the columns of an order; 状態 begins with what nobody looked through and ends with 取消し."""
    if order == "state":
        return "status", F("checked_at").asc(nulls_first=True), "starts_at", "pk"
    if order == "-state":
        return "-status", F("checked_at").desc(nulls_last=True), "starts_at", "pk"
    return (order, "starts_at", "pk") if order.endswith("office") else (order, "pk")


def _narrowed(query: Search, scope: PeopleScope) -> QuerySet[Reservation]:
    rows = Reservation.objects.filter(reservations_in(scope), erased_at=None).order_by(
        *_ordering(query.order)
    )
    if query.first:
        rows = rows.filter(starts_at__gte=clock.at(query.first, clock.MIDNIGHT))
    if query.last:
        rows = rows.filter(starts_at__lt=clock.at(query.last, clock.MIDNIGHT) + clock.DAY)
    if query.offices:
        rows = rows.filter(office__in=query.offices)
    if query.statuses:
        rows = rows.filter(status__in=query.statuses)
    if query.channels:
        rows = rows.filter(channel__in=query.channels)
    if query.procedures:
        rows = rows.filter(
            Exists(
                ReservedProcedure.objects.filter(reservation=OuterRef("pk"), procedure__in=query.procedures)
            )
        )
    if query.birth_date:
        rows = rows.filter(applicant__birth_hash=index_hash("birth", query.birth_date.isoformat()))
    if query.wards:
        rows = rows.filter(office__ward__in=query.wards)
    if query.unchecked:
        rows = rows.filter(waits_for_check())
    return rows.filter(_matches(query.text)) if query.text.strip() else rows


def _matches(text: str) -> Q:
    """Turn the text of the search box into a condition; nonsense finds nothing."""
    text = text.strip()
    if "@" in text:
        return Q(applicant__email_hash=index_hash("email", text.casefold()))
    with suppress(ReferenceUnreadable):
        return Q(reference=read_reference(text))
    return _matches_name(text) if _is_name(text) else _matches_number(text)


def _is_name(text: str) -> bool:
    """Tell whether a text is looked for among the names: it is no mail address, reference or number."""
    if "@" in text:
        return False
    with suppress(ReferenceUnreadable):
        return not read_reference(text)
    digits = _digits(text)
    return not digits or len(digits) < len(text.replace("-", "").replace(" ", ""))


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdecimal())


def _matches_number(text: str) -> Q:
    digits = _digits(text)
    if len(digits) == 4:  # noqa: PLR2004 - the last four digits, as callers are asked for
        return Q(applicant__phone_end_hash=phone_end_hash(digits))
    try:
        return Q(applicant__phone_hash=index_hash("phone", read_phone(text)))
    except PhoneUnreadable:
        return Q(pk__in=[])


def _matches_name(text: str) -> Q:
    names = query_bigrams(fold_name(text))
    kana = query_bigrams(fold_kana(text))
    if not names:
        return Q(pk__in=[])
    found = Q(applicant__name_tokens__contains=tokens("name", names))
    return found if names == kana else found | Q(applicant__name_tokens__contains=tokens("name", kana))


def list_rows(rows: QuerySet[Reservation]) -> list[ListRow]:
    """Return lines of a list with names opened; telephones stay masked, and all else stays sealed."""
    found = []
    codes = ReservedProcedure.objects.filter(reservation=OuterRef("pk")).order_by("procedure_id")
    shown = rows.select_related("applicant__key").only(*IN_A_LIST)
    for row in shown.annotate(codes=ArraySubquery(codes.values("procedure_id"))):
        texts = show_columns(row.applicant, ["name", "name_kana", "phone", "details"])
        details = read_details(texts["details"])
        found.append(
            ListRow(
                id=row.id,
                reference=row.reference,
                office=row.office_id,
                starts_at=row.starts_at,
                occupied_minutes=row.minutes,
                status=row.status,
                status_label=row.get_status_display(),
                channel=row.channel,
                channel_label=row.get_channel_display(),
                procedures=tuple(row.codes),
                name=texts["name"] or ERASED,
                name_kana=texts["name_kana"],
                called_name=details.called_name,
                phone=mask_phone(texts["phone"]),
                has_email=row.applicant.has_email,
                contact_by=row.applicant.contact_by,
                needs=details.needs,
                booked_at=row.booked_at,
                changed_at=row.changed_at,
                cancelled_at=row.cancelled_at,
                checked_at=row.checked_at,
            )
        )
    return found


def list_of(reservations: Sequence[uuid.UUID], *, scope: PeopleScope) -> list[ListRow]:
    """Return the lines of these reservations, by time."""
    return list_rows(
        Reservation.objects.filter(reservations_in(scope), pk__in=list(reservations)).order_by(
            "starts_at", "pk"
        )
    )


def similar_people(
    *, name: str, birth_date: BirthDate | None, phone: str, scope: PeopleScope
) -> list[ListRow]:
    """Return reservations that may be the same person's or household's: a hint, never a refusal."""
    same = Q(applicant__phone_hash=index_hash("phone", phone)) if phone else Q(pk__in=[])
    if name and birth_date:
        same |= Q(applicant__person_hash=person_hash(name=name, birth_date=birth_date))
    return list_rows(Reservation.objects.filter(reservations_in(scope), same).order_by("-starts_at")[:10])
