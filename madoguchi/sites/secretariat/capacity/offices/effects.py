"""Preview a change of capacity before it is saved: the affected people and alternatives for them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from madoguchi.common import era
from madoguchi.reservations.availability import Start
from madoguchi.reservations.labels import notice_channel
from madoguchi.reservations.search import ListRow
from madoguchi.web.policies import StaffRequest
from madoguchi.web.shown import seen_in
from madoguchi.workflows.booking.offering import nearest_starts, slots_for
from madoguchi.workflows.capacity.slots import Shown, change_offering, preview_offering
from madoguchi.workflows.privacy.access import record_access

Change = Callable[[], object]
# Read once for all people of an office; a window holds far fewer.
MAX_STARTS = 100_000


@dataclass(frozen=True, slots=True)
class CapacityChange:
    """A change of capacity at some offices: the action, its title and its time.

    `version` reads the fingerprint of what the change replaces at some offices, None where it only adds;
    the page is about the offices `page`.
    """

    change: Change
    codes: Sequence[str]
    title: str
    since: datetime | None = None
    until: datetime | None = None
    page: Sequence[str] = ()
    version: Callable[[Sequence[str]], str] | None = None

    @property
    def words(self) -> str:
        """What the preview of this change shows, for the form that saves it."""
        return " ".join(self.version(codes) for codes in (self.page, self.codes)) if self.version else ""

    def shown(self, seen: str, codes: Sequence[str]) -> Shown | None:
        """Return what a form showed of some offices, None where nothing is replaced."""
        return Shown(seen, partial(self.version, codes)) if self.version else None


@dataclass(frozen=True, slots=True)
class AffectedPerson:
    """One affected person."""

    when: str
    name: str
    contact: str
    offer: str


@dataclass(frozen=True, slots=True)
class EffectView:
    """The preview of a change, in words."""

    people: Sequence[AffectedPerson]
    slots: int
    consequence: str
    button: str


def preview(request: StaffRequest, asked: CapacityChange) -> EffectView:
    """Return the preview of a change; nothing is written but the access to these people."""
    shown = asked.shown(seen_in(request), asked.page) if request.method == "POST" else None
    effect = preview_offering(change=asked.change, places=asked.codes, shown=shown)
    record_access(rows=effect.affected, actor=request.actor)
    count, by_mail = len(effect.affected), sum(row.has_email for row in effect.affected)
    return EffectView(
        people=_affected_people(effect.affected, asked),
        slots=effect.slots,
        consequence=(
            "保存しても、予約は自動では取り消しません。空き枠の受付だけを止めて、"
            f"{count}人への連絡の一覧を作ります"
            f"（メールで知らせる方 {by_mail}人、電話などで知らせる方 {count - by_mail}人）。"
            if count
            else "予約に影響はありません。"
        ),
        button=f"保存して{count}人への連絡に進む" if count else "保存する",
    )


def save(request: StaffRequest, asked: CapacityChange, *, back: str) -> HttpResponse:
    """Save a change and redirect to the list of affected people, or back."""
    effect = change_offering(
        change=asked.change,
        places=asked.codes,
        title=asked.title,
        actor=request.actor,
        shown=asked.shown(seen_in(request), asked.codes),
    )
    if effect.was_done:
        messages.info(request, f"もう保存してあります（{asked.title}）。")
        return redirect(
            reverse("secretariat:disruptions-show", args=[effect.disruption]) if effect.disruption else back
        )
    if effect.disruption is None:
        messages.success(request, f"保存しました（{asked.title}）。予約に影響はありません。")
        return redirect(back)
    messages.success(request, f"保存しました（{asked.title}）。{len(effect.affected)}人に連絡してください。")
    return redirect(reverse("secretariat:disruptions-show", args=[effect.disruption]))


def _affected_people(rows: Sequence[ListRow], asked: CapacityChange) -> list[AffectedPerson]:
    """Return the people with the nearest free start for each, no start offered twice."""
    free: dict[tuple[str, int], list[Start]] = {}
    given: set[int] = set()
    hits = []
    for row in rows:
        key = (row.office, slots_for(row.procedures))
        if key not in free:
            near = nearest_starts(
                office_code=key[0],
                slots=key[1],
                around=row.starts_at,
                channel="SECRETARIAT",
                limit=MAX_STARTS,
            )
            free[key] = [start for start in near if not _bites(start, asked)]
        left = (start for start in free[key] if start.slot not in given)
        offer = min(left, key=lambda start: abs(start.starts_at - row.starts_at), default=None)
        if offer:
            given.add(offer.slot)
        hits.append(
            AffectedPerson(
                when=era.staff_datetime(row.starts_at),
                name=row.name,
                contact=notice_channel(row),
                offer=era.staff_datetime(offer.starts_at) if offer else "ほかの郵便局",
            )
        )
    return hits


def _bites(start: Start, asked: CapacityChange) -> bool:
    """Tell whether the change may close this start as well; without an end it always may."""
    return (
        start.office in asked.codes
        and (asked.since is None or start.starts_at >= asked.since)
        and (asked.until is None or start.starts_at < asked.until)
    )
