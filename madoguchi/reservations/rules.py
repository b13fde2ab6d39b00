"""Eligibility: whether a visit can lead to its procedures. Plain Python."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Self

from madoguchi.common.births import BirthDate, latest
from madoguchi.contract.rules import renewal_opens

# Channels of staff: they book closer to the day than citizens and partners, and take seats kept for callers.
STAFF_CHANNELS = frozenset({"PHONE", "SECRETARIAT", "COUNTER"})
# So many people may be booked together.
MAX_PARTY_SIZE = 4
# Reasons for which it is we who cancel: page and mail apologise.
OUR_REASONS = frozenset({"OFFICE_CLOSED", "OPERATOR_ERROR"})


@dataclass(frozen=True, slots=True)
class Conditions:
    """The answers about the card and the visit; None where not answered."""

    procedures: tuple[str, ...]
    comes_in_person: bool = True
    lives_in_city: bool = True
    is_of_age: bool = True
    has_moved_in: bool = False
    continuation_done: bool = True
    has_period_of_stay: bool = False
    has_face_auth_card: bool = False
    card_expires_on: date | None = None
    cert_expires_on: date | None = None

    @classmethod
    def from_answers(cls, answers: Mapping[str, Any], *, comes_in_person: bool) -> Self:
        """Return the conditions of a valid form with `procedures`, `conditions` and both dates of expiry."""
        ticked = answers["conditions"]
        return cls(
            procedures=tuple(answers["procedures"]),
            comes_in_person=comes_in_person,
            lives_in_city="not_resident" not in ticked,
            is_of_age="under_15" not in ticked,
            has_moved_in="continuation" in ticked,
            continuation_done="continuation" not in ticked,
            has_period_of_stay="period_of_stay" in ticked,
            has_face_auth_card="face_auth_card" in ticked,
            card_expires_on=answers["card_expires_on"],
            cert_expires_on=answers["cert_expires_on"],
        )


@dataclass(frozen=True, slots=True)
class Advice:
    """Why the visit should not be booked as asked: a guidance page, or other procedures, or a later day."""

    guidance: str = ""
    instead: tuple[str, ...] = ()
    not_before: date | None = None
    is_too_early: bool = False


def advise(
    conditions: Conditions, *, today: date, first: date, last: date, window_months: int
) -> Advice | None:
    """Return why these procedures should not be booked, or None (domain: eligibility).

    `first` and `last` are the days between which a visit can be booked now. `guidance` is the name of the
    page that says which counter helps. `not_before` is the first day of the renewal window when it has not
    begun, `is_too_early` when no day in it can be booked yet; `visit_days` bounds the day of the visit.
    """
    says = [
        ("ward.AGENT_VISIT", not conditions.comes_in_person),
        ("ward.UNDER_15", not conditions.is_of_age),
        ("ward.NOT_RESIDENT", not conditions.lives_in_city),
        ("ward.CONTINUATION_PENDING", conditions.has_moved_in and not conditions.continuation_done),
        ("ward.RESIDENCE_CARD_TYPE", conditions.has_period_of_stay),
        ("ward.FACE_AUTH_CARD", conditions.has_face_auth_card),
        ("ward.CARD_EXPIRED_OR_DUE", _card_ends(conditions, first)),
        ("ward.EXPIRES_SOON", _certificate_ends(conditions, today, first)),
    ]
    for guidance, applies in says:
        if applies:
            return Advice(guidance=guidance)
    return _renewal_advice(conditions, today=today, last=last, window_months=window_months)


def _card_ends(conditions: Conditions, first: date) -> bool:
    """Tell whether the card itself must be made anew: over by any visit, or when its certificate would be.

    Who comes for a PIN or a change only needs a card that is valid on the day.
    """
    card, certificate = conditions.card_expires_on, conditions.cert_expires_on
    renews = "CERT_RENEW" in conditions.procedures
    return card is not None and (card < first or (renews and card == certificate))


def _certificate_ends(conditions: Conditions, today: date, first: date) -> bool:
    """Tell whether a certificate that is valid today cannot be renewed in time at a post office."""
    certificate = conditions.cert_expires_on
    return "CERT_RENEW" in conditions.procedures and certificate is not None and today <= certificate < first


def asks_for_certificate(conditions: Conditions, *, last: date, window_months: int) -> bool:
    """Tell whether the end of the certificate decides where to go, and was left out.

    The card itself may be due by the last day that can be booked: with both ends the same it is made anew at
    the ward office, otherwise the certificate is renewed at a post office.
    """
    card = conditions.card_expires_on
    if "CERT_RENEW" not in conditions.procedures or conditions.cert_expires_on or card is None:
        return False
    return renewal_opens(card, months=window_months) <= last


def _renewal_advice(conditions: Conditions, *, today: date, last: date, window_months: int) -> Advice | None:
    certificate = conditions.cert_expires_on
    if certificate is None or "CERT_RENEW" not in conditions.procedures:
        return None
    if certificate < today:
        others = tuple(code for code in conditions.procedures if code != "CERT_RENEW")
        return Advice(instead=("CERT_ISSUE", *(code for code in others if code != "CERT_ISSUE")))
    opens = renewal_opens(certificate, months=window_months)
    return Advice(not_before=opens, is_too_early=opens > last) if today < opens else None


def visit_days(
    *,
    procedures: Collection[str],
    card_expires_on: date | None,
    cert_expires_on: date | None,
    window_months: int,
) -> tuple[date | None, date | None]:
    """Return the first and last day on which a visit makes sense, None where nothing bounds it."""
    first = last = None
    if cert_expires_on is not None and "CERT_RENEW" in procedures:
        first = renewal_opens(cert_expires_on, months=window_months)
        last = cert_expires_on
    if card_expires_on is not None and (last is None or card_expires_on < last):
        last = card_expires_on
    return first, last


def age_on(birth_date: BirthDate, day: date) -> int:
    """Return the age in years on a day, counted from the birthday itself; the least where it is not known."""
    born = latest(birth_date)
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def sit_together(
    free: Mapping[datetime, int], *, start: datetime, slot_counts: Sequence[int], slot_length: timedelta
) -> list[datetime] | None:
    """Return when each person of a family starts, in order, or None where they do not fit (仕様書 4(3)ア).

    `free` is how many seats each slot has left, `slot_counts` how many slots each person fills. The first
    starts at `start`. Each next one starts at the earliest time from then on at which a seat is free
    throughout, but never once all before are done: from the first start to the last end somebody is being
    served.
    """
    taken: Counter[datetime] = Counter()
    begins, end = [], start
    for slot_count in slot_counts:
        at = start
        while not all(free.get(slot, 0) > taken[slot] for slot in _slots(at, slot_count, slot_length)):
            at += slot_length
            if at > end:
                return None
        taken.update(_slots(at, slot_count, slot_length))
        begins.append(at)
        end = max(end, at + slot_length * slot_count)
    return begins


def _slots(at: datetime, slot_count: int, slot_length: timedelta) -> list[datetime]:
    return [at + slot_length * place for place in range(slot_count)]
