"""Read the reservation ledger as frozen rows. Looks at people are recorded by the workflow that asks."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Literal

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, TruncDate

from madoguchi.common import clock
from madoguchi.common.births import BirthDate
from madoguchi.common.errors import NotVisible
from madoguchi.common.names import fold_kana, fold_name, query_bigrams
from madoguchi.common.phones import PhoneUnreadable, mask_phone, read_phone
from madoguchi.common.references import ReferenceUnreadable, read_reference
from madoguchi.reservations.models import (
    Applicant,
    Channel,
    DisruptedVisit,
    Reason,
    ReminderCall,
    Reservation,
    ReservedProcedure,
    Status,
    TryCount,
    Wait,
)
from madoguchi.reservations.people import (
    Person,
    link_hash,
    open_access_code,
    open_link_token,
    person_hash,
    person_version,
    phone_end_hash,
    read_details,
    show_columns,
    show_person,
)
from madoguchi.sealing.services import index_hash, tokens
from madoguchi.sealing.shown import shown

PAGE = 50
# In place of the name of who was erased, on a list of something that happened long ago.
ERASED = "（消去済）"


@dataclass(frozen=True, slots=True)
class ReservationRow:
    """A whole reservation with its person opened."""

    id: uuid.UUID
    reference: str
    link_token: str
    key_id: uuid.UUID
    office: str
    starts_at: datetime
    # How long its seats are taken, by whole slots; the time needed is `contract.selectors.visit_minutes`.
    occupied_minutes: int
    status: str
    channel: str
    procedures: tuple[str, ...]
    person: Person
    has_email: bool
    booked_at: datetime
    booked_by: str
    changed_at: datetime | None
    cancelled_at: datetime | None
    cancel_reason: str
    checked_at: datetime | None
    checked_by: str
    is_disrupted: bool
    party: uuid.UUID | None

    @property
    def is_booked(self) -> bool:
        """Tell whether it still stands."""
        return self.status == Status.BOOKED

    @property
    def shown(self) -> str:
        """What a page shows on which the visit is changed or cancelled."""
        return version(
            reservation_id=self.id, office=self.office, starts_at=self.starts_at, is_booked=self.is_booked
        )

    @property
    def shown_person(self) -> str:
        """What a page shows on which the person is corrected."""
        return person_version(reservation_id=self.id, person=self.person)


IN_A_LIST = (
    *("reference", "office_id", "starts_at", "minutes", "status", "channel", "booked_at", "checked_at"),
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
    checked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Found:
    """A page of a list and how many there are in all."""

    rows: list[ListRow]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Search:
    """What a list is narrowed to. `text` is a reference, a telephone number, a mail address or a name."""

    text: str = ""
    first: date | None = None
    last: date | None = None
    offices: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    procedures: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    birth_date: BirthDate | None = None
    unchecked: bool = False
    order: Literal["starts_at", "-starts_at", "-booked_at", "booked_at"] = "starts_at"
    page: int = 1


def _open_disruption() -> Exists:
    """Return the condition that a change hit a visit at its time and nobody has dealt with it yet."""
    return Exists(
        DisruptedVisit.objects.filter(
            reservation=OuterRef("pk"), was_at=OuterRef("starts_at"), resolved_at=None
        )
    )


def reservation(reservation_id: uuid.UUID) -> ReservationRow:
    """Return a whole reservation. Raises NotVisible when there is none or the person was erased.

    Raises KeyDestroyed when the key alone is gone, as for a moment after an older backup was restored.
    """
    found = reservations([reservation_id])
    if not found:
        raise NotVisible
    return found[0]


def reservations(wanted: Collection[uuid.UUID]) -> list[ReservationRow]:
    """Return whole reservations in the order of their keys, but for persons erased. Raises KeyDestroyed."""
    rows = Reservation.objects.filter(pk__in=list(wanted), erased_at=None).order_by("pk")
    return [_row(row) for row in _with_all(rows)]


def reservations_like(person: bytes) -> list[ReservationRow]:
    """Return all reservations of one name and birth date (`people.person_hash`), latest visit first."""
    rows = Reservation.objects.filter(
        applicant__person_hash=person, erased_at=None, applicant__key__wrapped__isnull=False
    )
    return [_row(row) for row in _with_all(rows).order_by("-starts_at", "pk")]


def who_is(record_id: uuid.UUID) -> bytes:
    """Return the hash of name and birth date of a reservation or of somebody on the waiting list.

    Raises NotVisible when there is none or the person was erased.
    """
    booked = Applicant.objects.filter(reservation=record_id).exclude(person_hash=b"")
    waiting = Wait.objects.filter(pk=record_id)
    for rows in (booked, waiting):
        if found := rows.values_list("person_hash", flat=True).first():
            return bytes(found)
    raise NotVisible


@dataclass(frozen=True, slots=True)
class ContactRow:
    """A telephone call to somebody, or a change of an office that they were told of."""

    reservation: uuid.UUID
    at: datetime
    what: str


def contacts_of(reservations: Collection[uuid.UUID]) -> list[ContactRow]:
    """Return whom we called about a visit and told of a change, by time."""
    of_these = {"reservation__in": list(reservations)}
    calls = [
        ContactRow(
            row.reservation_id, row.called_at, "電話でのお知らせ" + ("" if row.reached else "（不在）")
        )
        for row in ReminderCall.objects.filter(**of_these)
    ]
    hits = [
        ContactRow(
            row.reservation_id,
            row.told_at or row.disruption.created_at,
            f"枠変更に伴う連絡　{row.get_resolution_display()}".strip(),
        )
        for row in DisruptedVisit.objects.filter(**of_these).select_related("disruption")
    ]
    return sorted([*calls, *hits], key=lambda row: row.at)


def _with_all(rows: QuerySet[Reservation]) -> QuerySet[Reservation]:
    return (
        rows.select_related("applicant__key")
        .prefetch_related("procedures")
        .annotate(is_disrupted=_open_disruption())
    )


def _row(row: Any) -> ReservationRow:
    """Return the row of a reservation that is annotated with `is_disrupted`."""
    return ReservationRow(
        id=row.id,
        reference=row.reference,
        link_token=open_link_token(row.applicant),
        key_id=row.applicant.key_id,
        office=row.office_id,
        starts_at=row.starts_at,
        occupied_minutes=row.minutes,
        status=row.status,
        channel=row.channel,
        procedures=tuple(item.procedure_id for item in row.procedures.all()),
        person=show_person(row.applicant),
        has_email=row.applicant.has_email,
        booked_at=row.booked_at,
        booked_by=row.booked_by,
        changed_at=row.changed_at,
        cancelled_at=row.cancelled_at,
        cancel_reason=row.cancel_reason,
        checked_at=row.checked_at,
        checked_by=row.checked_by,
        is_disrupted=row.is_disrupted,
        party=row.party,
    )


@dataclass(frozen=True, slots=True)
class Companion:
    """One of those who were booked together, without the person: nothing of it is sealed."""

    id: uuid.UUID
    reference: str
    office: str
    starts_at: datetime
    is_booked: bool


def companions(row: ReservationRow) -> list[Companion]:
    """Return the others who were booked together with somebody, in the order of their visits."""
    if row.party is None:
        return []
    others = Reservation.objects.filter(party=row.party, erased_at=None).exclude(pk=row.id)
    return [_companion(each) for each in others.order_by("starts_at", "pk")]


def visit_of(reservation_id: uuid.UUID) -> Companion:
    """Return when and where a reservation is, without its person. Raises NotVisible."""
    found = Reservation.objects.filter(pk=reservation_id).first()
    if found is None:
        raise NotVisible
    return _companion(found)


def _companion(row: Reservation) -> Companion:
    return Companion(row.id, row.reference, row.office_id, row.starts_at, row.status == Status.BOOKED)


def disrupted(reservations: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Return which of these a change hit at their time, and nobody has dealt with yet."""
    found = Reservation.objects.filter(_open_disruption(), pk__in=list(reservations))
    return set(found.values_list("pk", flat=True))


def reservation_by_birth_date(*, reference: str, birth_date: date) -> uuid.UUID | None:
    """Return the reservation of a reference when the birth date fits, else None."""
    return (
        Reservation.objects.filter(
            reference=reference, applicant__birth_hash=index_hash("birth", birth_date.isoformat())
        )
        .values_list("pk", flat=True)
        .first()
    )


def reservation_by_link(token: str) -> uuid.UUID:
    """Return the reservation of a secret link. Raises NotVisible."""
    found = Reservation.objects.filter(link_hash=link_hash(token)).values_list("pk", flat=True).first()
    if found is None:
        raise NotVisible
    return found


def reservation_by_reference(reference: str) -> uuid.UUID:
    """Return the reservation of a reference, for staff. Raises NotVisible."""
    found = (
        Reservation.objects.filter(reference=reference, erased_at=None).values_list("pk", flat=True).first()
    )
    if found is None:
        raise NotVisible
    return found


@dataclass(frozen=True, slots=True)
class VisitRow:
    """A visit without the person: where, when, and whether it still stands."""

    id: uuid.UUID
    reference: str
    office: str
    starts_at: datetime
    occupied_minutes: int
    status: str
    procedures: tuple[str, ...]
    booked_by: str

    @property
    def is_booked(self) -> bool:
        """Tell whether it still stands."""
        return self.status == Status.BOOKED


def version(*, reservation_id: uuid.UUID, office: str, starts_at: datetime, is_booked: bool) -> str:
    """Return a word for which visit it is and how it stands: another one after a change.

    Keyed: from a plain hash, whoever may not see the place could find it by trying all offices.
    """
    return shown("visit", str(reservation_id), office, starts_at.astimezone(UTC).isoformat(), is_booked)


def visit(*, reference: str) -> VisitRow | None:
    """Return the visit of a reference without opening the person, None when there is none."""
    codes = ReservedProcedure.objects.filter(reservation=OuterRef("pk")).order_by("procedure_id")
    row = (
        Reservation.objects.annotate(codes=ArraySubquery(codes.values("procedure_id")))
        .filter(reference=reference)
        .first()
    )
    if row is None:
        return None
    return VisitRow(
        id=row.id,
        reference=row.reference,
        office=row.office_id,
        starts_at=row.starts_at,
        occupied_minutes=row.minutes,
        status=row.status,
        procedures=tuple(row.codes),
        booked_by=row.booked_by,
    )


def references_of(reservations: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Return the references of these reservations, for links; no person is opened."""
    return dict(Reservation.objects.filter(pk__in=list(reservations)).values_list("pk", "reference"))


def access_code(reservation_id: uuid.UUID) -> str:
    """Return the code that waits for a person, for the mail; empty when there is none."""
    row = (
        Reservation.objects.select_related("access_code", "applicant__key")
        .filter(pk=reservation_id, access_code__isnull=False)
        .first()
    )
    return open_access_code(row.access_code) if row else ""


def search(query: Search) -> Found:
    """Return a page of reservations, the folded name found anywhere in it (R29).

    Two queries whatever the length of the page.
    """
    rows = _narrowed(query)
    total = rows.count()
    pages = max(1, -(-total // PAGE))
    page = min(max(1, query.page), pages)
    return Found(list_rows(rows[(page - 1) * PAGE : page * PAGE]), total, page, pages)


def search_all(query: Search, *, most: int = 50_000) -> list[ListRow]:
    """Return every row of a list, for its files."""
    return list_rows(_narrowed(query)[:most])


def _narrowed(query: Search) -> QuerySet[Reservation]:
    rows = Reservation.objects.filter(erased_at=None).order_by(query.order, "pk")
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
    if query.unchecked:
        rows = rows.filter(checked_at=None, status=Status.BOOKED)
    return rows.filter(_matches(query.text)) if query.text.strip() else rows


def _matches(text: str) -> Q:
    """Turn what was typed into the search box into a condition; what fits nothing finds nothing."""
    text = text.strip()
    if "@" in text:
        return Q(applicant__email_hash=index_hash("email", text.casefold()))
    try:
        return Q(reference=read_reference(text))
    except ReferenceUnreadable:
        return _matches_number_or_name(text)


def _matches_number_or_name(text: str) -> Q:
    digits = "".join(character for character in text if character.isdecimal())
    if digits and len(digits) >= len(text.replace("-", "").replace(" ", "")):
        if len(digits) == 4:  # noqa: PLR2004 - the last four digits, as callers are asked for
            return Q(applicant__phone_end_hash=phone_end_hash(digits))
        try:
            return Q(applicant__phone_hash=index_hash("phone", read_phone(text)))
        except PhoneUnreadable:
            return Q(pk__in=[])
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
                checked_at=row.checked_at,
            )
        )
    return found


def list_of(reservations: Sequence[uuid.UUID]) -> list[ListRow]:
    """Return the lines of these reservations, by time."""
    return list_rows(Reservation.objects.filter(pk__in=list(reservations)).order_by("starts_at", "pk"))


def visitors(*, office: str, first: date, last: date) -> list[ListRow]:
    """Return who is expected at an office, by time (仕様書 4(6)ア 予約者リスト)."""
    return search_all(Search(first=first, last=last, offices=(office,), statuses=(Status.BOOKED.value,)))


def office_of(reservation_id: uuid.UUID) -> str:
    """Return the office of a reservation, for checking whose it is. Raises NotVisible."""
    found = Reservation.objects.filter(pk=reservation_id).values_list("office", flat=True).first()
    if found is None:
        raise NotVisible
    return found


def phone_of(reservation_id: uuid.UUID) -> str:
    """Return the telephone number alone; the caller records the look."""
    row = Reservation.objects.select_related("applicant__key").filter(pk=reservation_id).first()
    if row is None:
        raise NotVisible
    return show_columns(row.applicant, ["phone"])["phone"]


def phones_of(reservations: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Return the telephone numbers of these reservations in one query; the caller records the looks."""
    rows = Reservation.objects.select_related("applicant__key").filter(pk__in=list(reservations))
    return {row.id: show_columns(row.applicant, ["phone"])["phone"] for row in rows}


def similar_people(*, name: str, birth_date: BirthDate | None, phone: str) -> list[ListRow]:
    """Return reservations that may be the same person's or household's: a hint, never a refusal (R164)."""
    same = Q(applicant__phone_hash=index_hash("phone", phone)) if phone else Q(pk__in=[])
    if name and birth_date:
        same |= Q(applicant__person_hash=person_hash(name=name, birth_date=birth_date))
    return list_rows(Reservation.objects.filter(same).order_by("-starts_at")[:10])


@dataclass(frozen=True, slots=True)
class CallRow:
    """A person without mail to be reminded by telephone."""

    visit: ListRow
    tries: int
    reached: bool


def reminder_calls(*, day: date) -> list[CallRow]:
    """Return who has a visit on a day and no mail address, with the calls made so far (R170).

    Who is hit by a closure is not reminded of the visit: they are called from its list.
    """
    rows = _to_be_called(day).order_by("starts_at", "pk")
    calls: dict[uuid.UUID, list[bool]] = {}
    made = ReminderCall.objects.filter(reservation__in=rows, visit_at=F("reservation__starts_at"))
    for call in made:
        calls.setdefault(call.reservation_id, []).append(call.reached)
    return [CallRow(row, len(calls.get(row.id, [])), any(calls.get(row.id, []))) for row in list_rows(rows)]


def reminder_calls_left(*, day: date) -> int:
    """Return how many people with a visit on a day are still to be called."""
    reached = ReminderCall.objects.filter(
        reservation=OuterRef("pk"), visit_at=OuterRef("starts_at"), reached=True
    )
    return _to_be_called(day).exclude(Exists(reached)).count()


def _to_be_called(day: date) -> QuerySet[Reservation]:
    return Reservation.objects.filter(
        ~_open_disruption(),
        status=Status.BOOKED,
        applicant__has_email=False,
        starts_at__gte=clock.at(day, clock.MIDNIGHT),
        starts_at__lt=clock.at(day, clock.MIDNIGHT) + clock.DAY,
    )


def visits_by_day(*, office: str, first: date, last: date) -> dict[date, int]:
    """Return how many people an office expects on each day that has any, in one query."""
    rows = (
        Reservation.objects.filter(
            office=office,
            status=Status.BOOKED,
            starts_at__gte=clock.at(first, clock.MIDNIGHT),
            starts_at__lt=clock.at(last, clock.MIDNIGHT) + clock.DAY,
        )
        .annotate(day=TruncDate("starts_at", tzinfo=clock.JST))
        .values_list("day")
        .annotate(people=Count("pk"))
    )
    return dict(rows)


@dataclass(frozen=True, slots=True)
class Backlog:
    """Work that waits: how many, and since when the oldest."""

    count: int
    oldest: datetime | None


def unchecked() -> Backlog:
    """Return the reservations the secretariat has not looked through yet (R68)."""
    found = Reservation.objects.filter(
        status=Status.BOOKED, checked_at=None, starts_at__gt=clock.now()
    ).aggregate(count=Count("pk"), oldest=Min("booked_at"))
    return Backlog(found["count"], found["oldest"])


def last_booked_at() -> datetime | None:
    """Return when the latest reservation was made, None before the first."""
    return Reservation.objects.order_by("-booked_at").values_list("booked_at", flat=True).first()


def unchecked_before(instant: datetime) -> list[uuid.UUID]:
    """Return the standing reservations made before an instant and not looked through, oldest first."""
    return list(
        Reservation.objects.filter(status=Status.BOOKED, checked_at=None, booked_at__lt=instant)
        .order_by("booked_at")
        .values_list("pk", flat=True)
    )


@dataclass(frozen=True, slots=True)
class DayFigures:
    """The day in numbers, each a sum of rows."""

    visits: int
    booked_web: int
    booked_phone: int
    changed: int
    cancelled: int


def day_figures(day: date) -> DayFigures:
    """Return the figures of a day in one query."""
    since = clock.at(day, clock.MIDNIGHT)
    until = since + clock.DAY
    found = Reservation.objects.aggregate(
        visits=Count("pk", filter=Q(status=Status.BOOKED, starts_at__gte=since, starts_at__lt=until)),
        booked_web=Count("pk", filter=Q(channel=Channel.WEB, booked_at__gte=since, booked_at__lt=until)),
        booked_phone=Count("pk", filter=Q(channel=Channel.PHONE, booked_at__gte=since, booked_at__lt=until)),
        changed=Count("pk", filter=Q(changed_at__gte=since, changed_at__lt=until)),
        cancelled=Count("pk", filter=Q(cancelled_at__gte=since, cancelled_at__lt=until)),
    )
    return DayFigures(**found)


def refused_tries(*, since: datetime, limits: Mapping[str, int]) -> int:
    """Return how many tries were refused in windows begun since an instant, by the limit of each scope."""
    rows = TryCount.objects.filter(window__gte=since, count__gt=min(limits.values()))
    return sum(
        max(0, count - limits[scope])
        for scope, count in rows.values_list("scope", "count")
        if scope in limits
    )


def reasons() -> list[tuple[str, str]]:
    """Return the reasons for a change or cancellation, as choices."""
    return list(Reason.choices)


def channels() -> list[tuple[str, str]]:
    """Return where reservations come from, as choices."""
    return list(Channel.choices)


def due_visits(*, since: datetime, until: datetime) -> Sequence[tuple[uuid.UUID, datetime, str, datetime]]:
    """Return (reservation, visit, office, since when so) of standing reservations with mail, for reminders.

    None of a visit that a closure has hit: nobody is reminded to come before a closed door.
    """
    return list(
        Reservation.objects.filter(
            ~_open_disruption(),
            status=Status.BOOKED,
            applicant__has_email=True,
            starts_at__gte=since,
            starts_at__lt=until,
        )
        .order_by("starts_at")
        .values_list("pk", "starts_at", "office_id", Coalesce("changed_at", "booked_at"))
    )
