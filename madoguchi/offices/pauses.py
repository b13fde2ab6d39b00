"""Unplanned pauses of service: a national system, a storm, an accident (仕様書 4(3)ア)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from madoguchi.audit.actor import Actor
from madoguchi.audit.services import record
from madoguchi.common import clock
from madoguchi.common.cache import cached, clear_caches_on_commit
from madoguchi.common.errors import NotVisible
from madoguchi.common.languages import gettext_noop
from madoguchi.offices.actions import OfficeAction
from madoguchi.offices.errors import AlreadyPaused, PauseOver, PauseWithoutTime
from madoguchi.offices.kinds import ClosureReason
from madoguchi.offices.models import Closure, Pause
from madoguchi.offices.services import lock_offering
from madoguchi.sealing.shown import refuse_other, shown

# In the words of staff.
CAUSES: Final[Mapping[str, str]] = {
    ClosureReason.NATIONAL_SYSTEM: "国のシステム（J-LIS）の停止",
    ClosureReason.TYPHOON: "台風・災害",
    ClosureReason.ACCIDENT: "郵便局の事故",
    ClosureReason.EQUIPMENT: "設備の故障",
    ClosureReason.OTHER: "その他",
}
# What citizens read as the cause, in mails and on top of pages.
WORDS: Final[Mapping[str, str]] = {
    ClosureReason.NATIONAL_SYSTEM: gettext_noop("国のシステムの停止"),
    ClosureReason.TYPHOON: gettext_noop("台風・災害"),
    ClosureReason.ACCIDENT: gettext_noop("郵便局の事故"),
    ClosureReason.EQUIPMENT: gettext_noop("設備の故障"),
    ClosureReason.OTHER: gettext_noop("やむを得ない事情"),
}
# Shared by every booking (a trigger takes it), taken alone by a pause of one procedure: who books at this
# very moment is seen by the pause, and who books later sees the pause.
ALONE: Final = "SELECT pg_advisory_xact_lock(hashtext('offices_pause'))"


@dataclass(frozen=True, slots=True)
class Scope:
    """The scope of a pause: every office when `offices` is empty, every procedure when `procedure` is."""

    starts_at: datetime
    ends_at: datetime
    offices: tuple[str, ...] = ()
    procedure: str = ""

    def stops(self, office: str, codes: Sequence[str]) -> bool:
        """Tell whether visits for these procedures at an office are stopped."""
        return (not self.offices or office in self.offices) and (
            not self.procedure or self.procedure in codes
        )


@dataclass(frozen=True, slots=True)
class PauseRow:
    """A pause; `scope.ends_at` is the planned end, also of one that was lifted early."""

    id: int
    scope: Scope
    cause: str
    is_open_ended: bool
    announcement: int | None
    created_at: datetime
    created_by: str
    lifted_at: datetime | None
    lifted_by: str

    @property
    def is_in_force(self) -> bool:
        """Tell whether the pause is in force, now or later."""
        return self.lifted_at is None and clock.now() < self.scope.ends_at

    @property
    def shown(self) -> str:
        """The fingerprint of the pause, for the forms that extend or lift it."""
        ends_at = self.scope.ends_at.astimezone(UTC).isoformat()
        return shown("pause", self.id, ends_at, self.is_open_ended, self.lifted_at is None)


@transaction.atomic
def begin_pause(*, scope: Scope, cause: str, is_open_ended: bool, actor: Actor) -> int:
    """Create a pause and return its id; rebuild the slots afterwards. Idempotent.

    Raises PauseWithoutTime, and AlreadyPaused when the same is stopped at that time.
    """
    if scope.ends_at <= max(scope.starts_at, clock.now()):
        raise PauseWithoutTime
    if not scope.procedure:
        lock_offering()
    with connection.cursor() as cursor:
        # Two who stop the same at once make one pause.
        cursor.execute("LOCK TABLE offices_pause IN SHARE ROW EXCLUSIVE MODE")
        if scope.procedure:
            cursor.execute(ALONE)
    during = DateTimeTZRange(scope.starts_at, scope.ends_at)
    offices = sorted(set(scope.offices))
    same = Pause.objects.filter(offices=offices, procedure=scope.procedure or None, lifted_at=None)
    if pressed_before := same.filter(during=during, cause=cause).first():
        return pressed_before.pk
    if same.filter(during__overlap=during).exists():
        raise AlreadyPaused
    pause = Pause.objects.create(
        cause=cause,
        offices=offices,
        procedure_id=scope.procedure or None,
        during=during,
        is_open_ended=is_open_ended,
        created_at=clock.now(),
        created_by=str(actor),
    )
    if not scope.procedure:
        Closure.objects.bulk_create(
            Closure(
                pause=pause,
                office_id=office,
                during=during,
                reason=cause,
                created_at=pause.created_at,
                created_by=pause.created_by,
            )
            for office in (*offices,) or (None,)
        )
    record(
        action=OfficeAction.PAUSED,
        actor=actor,
        target=f"pause:{pause.pk}",
        detail={
            "cause": cause,
            "offices": offices,
            "procedure": scope.procedure,
            "from": scope.starts_at.isoformat(),
            "until": scope.ends_at.isoformat(),
        },
    )
    clear_caches_on_commit()
    return pause.pk


def close_slots(scope: Scope) -> list[int]:
    """Close the slots of a pause in one statement, and return the changed slots.

    The plan says the same, for its closures are written; but asking it takes ten seconds for a whole city.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE offices_slot SET capacity = 0
             WHERE capacity > 0 AND starts_at < %(until)s AND ends_at > %(since)s
               AND (%(offices)s::text[] = '{}' OR office_id = ANY(%(offices)s::text[])) RETURNING id
            """,
            {"since": scope.starts_at, "until": scope.ends_at, "offices": list(scope.offices)},
        )
        return [row[0] for row in cursor.fetchall()]


def announce_pause(*, pause_id: int, announcement: int) -> None:
    """Link an announcement to a pause, so that it ends with the pause."""
    Pause.objects.filter(pk=pause_id).update(announcement=announcement)


@transaction.atomic
def extend_pause(
    *, pause_id: int, ends_at: datetime, is_open_ended: bool, actor: Actor, seen: str | None = None
) -> None:
    """Extend a pause; rebuild the slots afterwards. What was extended so by the press before is done.

    `seen` is what the page showed (`PauseRow.shown`). Raises ContentChanged, NotVisible, PauseOver, and
    PauseWithoutTime when it would not last longer.
    """
    lock_offering()
    pause = _in_force(pause_id)
    stands = _row(pause)
    if seen not in {None, stands.shown} and (ends_at, is_open_ended) == (
        pause.during.upper,
        pause.is_open_ended,
    ):
        return
    refuse_other(seen, stands.shown)
    if ends_at <= pause.during.upper:
        raise PauseWithoutTime("新しい終わりは、いまの終わりより後にしてください。")
    if pause.procedure_id:
        with connection.cursor() as cursor:
            cursor.execute(ALONE)
    pause.during = DateTimeTZRange(pause.during.lower, ends_at)
    pause.is_open_ended = is_open_ended
    pause.save(update_fields=["during", "is_open_ended"])
    pause.closures.update(during=pause.during)
    record(
        action=OfficeAction.PAUSE_EXTENDED,
        actor=actor,
        target=f"pause:{pause_id}",
        detail={"until": ends_at.isoformat()},
    )
    clear_caches_on_commit()


@transaction.atomic
def lift_pause(*, pause_id: int, actor: Actor, seen: str | None = None) -> None:
    """End a pause now; rebuild the slots afterwards. Raises NotVisible, PauseOver and ContentChanged."""
    lock_offering()
    pause = _in_force(pause_id)
    refuse_other(seen, _row(pause).shown)
    pause.lifted_at, pause.lifted_by = clock.now(), str(actor)
    pause.save(update_fields=["lifted_at", "lifted_by"])
    pause.closures.update(withdrawn_at=pause.lifted_at, withdrawn_by=pause.lifted_by)
    record(action=OfficeAction.PAUSE_LIFTED, actor=actor, target=f"pause:{pause_id}")
    clear_caches_on_commit()


def _in_force(pause_id: int) -> Pause:
    pause = Pause.objects.select_for_update().filter(pk=pause_id).first()
    if pause is None:
        raise NotVisible
    if pause.lifted_at or pause.during.upper <= clock.now():
        raise PauseOver
    return pause


def pauses() -> list[PauseRow]:
    """Return every pause, the latest first."""
    return [_row(row) for row in Pause.objects.order_by("-created_at", "-pk")[:200]]


def pause(pause_id: int) -> PauseRow:
    """Return one pause. Raises NotVisible."""
    row = Pause.objects.filter(pk=pause_id).first()
    if row is None:
        raise NotVisible
    return _row(row)


@cached
def _unlifted() -> tuple[PauseRow, ...]:
    return tuple(_row(row) for row in Pause.objects.filter(lifted_at=None, during__endswith__gt=clock.now()))


def pauses_in_force() -> list[PauseRow]:
    """Return the pauses in force, now or later. Remembered for a moment: for what is shown."""
    return [row for row in _unlifted() if row.is_in_force]


def stops(codes: Sequence[str], office: str) -> list[Scope]:
    """Return the pauses in force that stop visits for these procedures at an office.

    Remembered for a moment: it decides what is shown and which sentence is said. That nobody books into a
    pause is decided by seats and trigger.
    """
    return [row.scope for row in _unlifted() if row.is_in_force and row.scope.stops(office, codes)]


def _row(row: Pause) -> PauseRow:
    return PauseRow(
        id=row.pk,
        scope=Scope(row.during.lower, row.during.upper, tuple(row.offices), row.procedure_id or ""),
        cause=row.cause,
        is_open_ended=row.is_open_ended,
        announcement=row.announcement_id,
        created_at=row.created_at,
        created_by=row.created_by,
        lifted_at=row.lifted_at,
        lifted_by=row.lifted_by,
    )
