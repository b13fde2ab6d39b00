"""Read the reservation ledger as frozen rows. The calling workflow records access to people."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, QuerySet
from django.db.models.functions import Coalesce

from madoguchi.accounts.scope import PeopleScope
from madoguchi.common import clock
from madoguchi.common.errors import NotVisible
from madoguchi.reservations.kinds import ReservationStatus
from madoguchi.reservations.models import (
    Applicant,
    DisruptedVisit,
    ReminderCall,
    Reservation,
    ReservedProcedure,
    WaitingPerson,
)
from madoguchi.reservations.people import (
    Person,
    link_hash,
    open_access_code,
    open_link_token,
    person_version,
    phone_end_hash,
    show_columns,
    show_person,
)
from madoguchi.reservations.scopes import reservations_in
from madoguchi.reservations.search import (
    ListRow,
    list_rows,
    unresolved_disruption,
)
from madoguchi.sealing.services import index_hash
from madoguchi.sealing.shown import shown


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
        """Tell whether the reservation is booked."""
        return self.status == ReservationStatus.BOOKED

    @property
    def shown(self) -> str:
        """The fingerprint for pages on which the visit is changed or cancelled."""
        return version(
            reservation_id=self.id,
            office=self.office,
            starts_at=self.starts_at,
            is_booked=self.is_booked,
            procedures=self.procedures,
        )

    @property
    def shown_person(self) -> str:
        """The fingerprint for pages on which the person is corrected."""
        return person_version(reservation_id=self.id, person=self.person)


def reservation(reservation_id: uuid.UUID, *, scope: PeopleScope) -> ReservationRow:
    """Return a whole reservation. Raises NotVisible when the scope has none or the person was erased.

    Raises KeyDestroyed when the key alone is gone, as for a moment after an older backup was restored.
    """
    found = reservations([reservation_id], scope=scope)
    if not found:
        raise NotVisible
    return found[0]


def reservations(wanted: Collection[uuid.UUID], *, scope: PeopleScope) -> list[ReservationRow]:
    """Return whole reservations in the order of their keys, but for persons erased. Raises KeyDestroyed."""
    rows = Reservation.objects.filter(reservations_in(scope), pk__in=list(wanted), erased_at=None).order_by(
        "pk"
    )
    return [_row(row) for row in _with_all(rows)]


def reservations_of_person(person: bytes) -> list[ReservationRow]:
    """Return all reservations of one name and birth date (`people.person_hash`), latest visit first."""
    rows = Reservation.objects.filter(
        applicant__person_hash=person, erased_at=None, applicant__key__wrapped__isnull=False
    )
    return [_row(row) for row in _with_all(rows).order_by("-starts_at", "pk")]


def person_hash_of(record_id: uuid.UUID) -> bytes:
    """Return the hash of name and birth date of a reservation or of somebody on the waiting list.

    Raises NotVisible when there is none or the person was erased.
    """
    booked = Applicant.objects.filter(reservation=record_id).exclude(person_hash=b"")
    waiting = WaitingPerson.objects.filter(pk=record_id)
    for rows in (booked, waiting):
        if found := rows.values_list("person_hash", flat=True).first():
            return bytes(found)
    raise NotVisible


@dataclass(frozen=True, slots=True)
class ContactRow:
    """A telephone call about a visit, or the notification of a disruption."""

    reservation: uuid.UUID
    at: datetime
    what: str


def contacts_of(reservations: Collection[uuid.UUID]) -> list[ContactRow]:
    """Return the calls and notifications about a visit, by time."""
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
            row.notified_at or row.disruption.created_at,
            f"枠変更に伴う連絡　{row.get_resolution_display()}".strip(),
        )
        for row in DisruptedVisit.objects.filter(**of_these).select_related("disruption")
    ]
    return sorted([*calls, *hits], key=lambda row: row.at)


def _with_all(rows: QuerySet[Reservation]) -> QuerySet[Reservation]:
    return (
        rows.select_related("applicant__key")
        .prefetch_related("procedures")
        .annotate(is_disrupted=unresolved_disruption())
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


def companions(row: ReservationRow, *, scope: PeopleScope) -> list[Companion]:
    """Return the others who were booked together with somebody, in the order of their visits."""
    if row.party is None:
        return []
    others = Reservation.objects.filter(reservations_in(scope), party=row.party, erased_at=None).exclude(
        pk=row.id
    )
    return [_companion(each) for each in others.order_by("starts_at", "pk")]


def visit_of(reservation_id: uuid.UUID, *, scope: PeopleScope) -> Companion:
    """Return when and where a reservation is, without its person. Raises NotVisible."""
    found = Reservation.objects.filter(reservations_in(scope), pk=reservation_id).first()
    if found is None:
        raise NotVisible
    return _companion(found)


def standing_check(reference: str, *, scope: PeopleScope) -> datetime | None:
    """Return when a reservation was looked through, None where it waits, is cancelled or is none."""
    found = Reservation.objects.filter(
        reservations_in(scope), reference=reference, status=ReservationStatus.BOOKED
    )
    return found.values_list("checked_at", flat=True).first()


def _companion(row: Reservation) -> Companion:
    return Companion(
        row.id, row.reference, row.office_id, row.starts_at, row.status == ReservationStatus.BOOKED
    )


def disrupted(reservations: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Return which of these an unresolved disruption affects at their present time."""
    found = Reservation.objects.filter(unresolved_disruption(), pk__in=list(reservations))
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


def has_phone_end(reservation_id: uuid.UUID, digits: str) -> bool:
    """Tell whether the registered telephone number of a reservation ends with these four digits."""
    return Reservation.objects.filter(
        pk=reservation_id, applicant__phone_end_hash=phone_end_hash(digits)
    ).exists()


def reservation_by_link(token: str) -> uuid.UUID:
    """Return the reservation of a secret link. Raises NotVisible."""
    found = Reservation.objects.filter(link_hash=link_hash(token)).values_list("pk", flat=True).first()
    if found is None:
        raise NotVisible
    return found


def reservation_by_reference(reference: str, *, scope: PeopleScope) -> uuid.UUID:
    """Return the reservation of a reference, for staff. Raises NotVisible."""
    found = (
        Reservation.objects.filter(reservations_in(scope), reference=reference, erased_at=None)
        .values_list("pk", flat=True)
        .first()
    )
    if found is None:
        raise NotVisible
    return found


def records_of_person(reference: str) -> list[tuple[str, uuid.UUID]]:
    """Return kind (reservation, wait) and id of all that is held under one person's name and birth date.

    `reference` is of any reservation of theirs. No person is opened. An erased person leaves that reservation
    alone. Raises NotVisible.
    """
    found = (
        Reservation.objects.filter(reference=reference).values_list("pk", "applicant__person_hash").first()
    )
    if found is None:
        raise NotVisible
    if not found[1]:
        return [("reservation", found[0])]
    booked = Reservation.objects.filter(applicant__person_hash=found[1]).values_list("pk", flat=True)
    waiting = WaitingPerson.objects.filter(person_hash=found[1]).values_list("wait", flat=True)
    return [*(("reservation", each) for each in booked), *(("wait", each) for each in waiting)]


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
        """Tell whether the reservation is booked."""
        return self.status == ReservationStatus.BOOKED


def version(
    *,
    reservation_id: uuid.UUID,
    office: str,
    starts_at: datetime,
    is_booked: bool,
    procedures: Collection[str],
) -> str:
    """Return a fingerprint of a visit and its state, which changes with every change.

    Keyed: from a plain hash, whoever may not see the place could find it by trying all offices.
    """
    begins = starts_at.astimezone(UTC).isoformat()
    return shown("visit", str(reservation_id), office, begins, is_booked, sorted(procedures))


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


def references_of(reservations: Sequence[uuid.UUID], *, scope: PeopleScope) -> dict[uuid.UUID, str]:
    """Return the references of these reservations, for links; no person is opened."""
    rows = Reservation.objects.filter(reservations_in(scope), pk__in=list(reservations))
    return dict(rows.values_list("pk", "reference"))


def access_code(reservation_id: uuid.UUID) -> str:
    """Return the code that waits for a person, for the mail; empty when there is none."""
    row = (
        Reservation.objects.select_related("access_code", "applicant__key")
        .filter(pk=reservation_id, access_code__isnull=False)
        .first()
    )
    return open_access_code(row.access_code) if row else ""


def phone_of(reservation_id: uuid.UUID, *, scope: PeopleScope) -> str:
    """Return the telephone number alone; the caller records the access."""
    rows = Reservation.objects.select_related("applicant__key")
    row = rows.filter(reservations_in(scope), pk=reservation_id).first()
    if row is None:
        raise NotVisible
    return show_columns(row.applicant, ["phone"])["phone"]


def phones_of(reservations: Sequence[uuid.UUID], *, scope: PeopleScope) -> dict[uuid.UUID, str]:
    """Return the telephone numbers of these reservations in one query; the caller records the access."""
    every = Reservation.objects.select_related("applicant__key")
    rows = every.filter(reservations_in(scope), pk__in=list(reservations))
    return {row.id: show_columns(row.applicant, ["phone"])["phone"] for row in rows}


@dataclass(frozen=True, slots=True)
class CallRow:
    """A person without mail to be reminded by telephone."""

    visit: ListRow
    tries: int
    reached: bool


def reminder_calls(*, day: date, scope: PeopleScope) -> list[CallRow]:
    """Return who has a visit on a day and no mail address, with the calls made so far (仕様書 4(5)ウ).

    People affected by a closure get no reminder: staff call them from its list.
    """
    rows = _to_be_called(day).filter(reservations_in(scope)).order_by("starts_at", "pk")
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
        ~unresolved_disruption(),
        status=ReservationStatus.BOOKED,
        applicant__has_email=False,
        starts_at__gte=clock.at(day, clock.MIDNIGHT),
        starts_at__lt=clock.at(day, clock.MIDNIGHT) + clock.DAY,
    )


def due_visits(*, since: datetime, until: datetime) -> Sequence[tuple[uuid.UUID, datetime, str, datetime]]:
    """Return (reservation, visit, office, since when so) of standing reservations with mail, for reminders.

    None of a visit that a closure affects: nobody is reminded to come to a closed office.
    """
    return list(
        Reservation.objects.filter(
            ~unresolved_disruption(),
            status=ReservationStatus.BOOKED,
            applicant__has_email=True,
            starts_at__gte=since,
            starts_at__lt=until,
        )
        .order_by("starts_at")
        .values_list("pk", "starts_at", "office_id", Coalesce("changed_at", "booked_at"))
    )
