"""Play days of the contract through the real services with a set clock, from a seed.

It fills the demo, feeds load tests and shows that the ledgers reconcile (reservations.invariants). The same
seed gives the same days.
"""

import random
import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

from madoguchi.audit.actor import CITIZEN, Actor
from madoguchi.common import clock
from madoguchi.common.errors import Refusal
from madoguchi.contract.rows import CalendarCode
from madoguchi.contract.selectors import calendar
from madoguchi.reservations.people import Details, Person
from madoguchi.reservations.selectors import unchecked_before
from madoguchi.reservations.services import Created, check_completeness
from madoguchi.workflows import booking, mail
from madoguchi.workflows.offering import PHONE, WEB, offers, slots_for
from madoguchi.workflows.slots import extend_slots

PROCEDURE_SETS: dict[tuple[str, ...], int] = {
    ("CERT_RENEW",): 60,
    ("CERT_RENEW", "PIN_RESET"): 20,
    ("CERT_ISSUE",): 8,
    ("PIN_RESET",): 6,
    ("FACE_CHANGE", "CERT_ISSUE"): 6,
}
PHONE_SHARE, MAIL_SHARE, KANA_SHARE = 0.25, 0.6, 0.95
CANCEL_SHARE, MOVE_SHARE = 0.08, 0.06
# How many come with the one who books, by weight.
COMPANIONS = {0: 90, 1: 7, 2: 2, 3: 1}
NEEDS = ("WRITING", "WHEELCHAIR", "READING")


@dataclass(slots=True)
class Summary:
    """What happened, counted by kind; refusals by their code."""

    days: int = 0
    counts: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Crowd:
    """Where made-up people come from."""

    surnames: list[str]
    given: list[str]
    latin: list[str]
    dice: random.Random
    number: int = 0

    @classmethod
    def of_pack(cls, pack: Path, dice: random.Random) -> "Crowd":
        """Read the names of a program pack; each ends in its kana."""
        with (pack / "demo" / "people.toml").open("rb") as file:
            words = tomllib.load(file)
        return cls(words["surnames"], words["given"], words["latin"], dice)

    def somebody(self, procedures: tuple[str, ...]) -> Person:
        """Return a made-up person, like nobody before."""
        self.number += 1
        dice = self.dice
        surname, surname_kana = dice.choice(self.surnames).split()
        given, given_kana = dice.choice(self.given).split()
        name, kana = f"{surname}　{given}", f"{surname_kana}　{given_kana}"
        if dice.random() > KANA_SHARE:
            name, kana = dice.choice(self.latin), ""
        born = date(1935, 1, 1) + timedelta(days=dice.randrange(27_000) + self.number % 7)
        moved = "FACE_CHANGE" in procedures
        return Person(
            name=name,
            name_kana=kana,
            birth_date=born,
            postal_code="8140006",
            address=f"見本町{dice.randrange(1, 9)}丁目{dice.randrange(1, 40)}番{dice.randrange(1, 20)}号",
            phone=f"0900000{self.number % 10_000:04d}",
            email=f"demo{self.number}@example.jp" if dice.random() < MAIL_SHARE else "",
            details=Details(
                unknown_pins=("FOUR_DIGITS",) if "PIN_RESET" in procedures else (),
                new_address="見本町1丁目1番1号" if moved else "",
                changed_on="2026-10-01" if moved else "",
                needs=(dice.choice(NEEDS),) if dice.random() < 0.05 else (),  # noqa: PLR2004 - one in twenty
            ),
        )


def simulate(
    *, first: date, days: int, seed: int, a_day: int, pack: Path, operator: Actor, secretariat: Actor
) -> Summary:
    """Let residents book, move and cancel from one day on, by web and telephone, and return what happened.

    `a_day` is the mean number of bookings. Mail that falls due is drained at the end of each day.
    """
    dice = random.Random(seed)  # noqa: S311 - a seed is the point
    crowd, summary = Crowd.of_pack(pack, dice), Summary(days=days)
    standing: list[Created] = []
    for day in (first + timedelta(days=step) for step in range(days)):
        if (day - first).days % 7 == 0:
            # The nightly job; once a week is enough, since slots reach two weeks beyond the window.
            with clock.travel(clock.at(day, time(3))):
                extend_slots()
        is_open = calendar(CalendarCode.CALL_CENTRE).is_open(day)
        if is_open:
            _check(summary, secretariat, clock.at(day, time(9, 30)))
        count = max(0, round(dice.gauss(a_day if is_open else a_day * 0.5, a_day * 0.15)))
        for at in sorted(dice.randrange(7 * 60, 23 * 60) for _ in range(count)):
            with clock.travel(clock.at(day, time()) + timedelta(minutes=at, seconds=dice.randrange(60))):
                _one_act(crowd, standing, summary, operator, phones=is_open and 9 * 60 <= at < 17 * 60)
        with clock.travel(clock.at(day, time(23, 30))):
            mail.queue_due_reminders()
            while mail.drain(limit=200):
                pass
    return summary


def _check(summary: Summary, secretariat: Actor, at: datetime) -> None:
    """Let the secretariat look through what came in since the last business day (R68)."""
    with clock.travel(at):
        for reservation in unchecked_before(at):
            check_completeness(reservation_id=reservation, actor=secretariat)
            summary.counts["checked"] += 1


def _one_act(
    crowd: Crowd, standing: list[Created], summary: Summary, operator: Actor, *, phones: bool
) -> None:
    dice = crowd.dice
    fate = dice.random()
    try:
        if standing and fate < CANCEL_SHARE:
            chosen = standing.pop(dice.randrange(len(standing)))
            booking.cancel(reservation_id=chosen.id, actor=CITIZEN, channel=WEB, reason="SCHEDULE")
            summary.counts["cancelled"] += 1
        elif standing and fate < CANCEL_SHARE + MOVE_SHARE:
            _move(dice.choice(standing), dice)
            summary.counts["moved"] += 1
        else:
            by_phone = phones and dice.random() < PHONE_SHARE
            made = [_book_by_phone(crowd, operator)] if by_phone else _book_on_the_web(crowd)
            standing.extend(made)
            summary.counts["booked by phone" if by_phone else "booked on the web"] += len(made)
            summary.counts["families"] += len(made) > 1
    except Refusal as refusal:
        summary.counts[f"refused: {refusal.code}"] += 1


def _visitor(crowd: Crowd) -> booking.Visitor:
    codes = crowd.dice.choices(list(PROCEDURE_SETS), list(PROCEDURE_SETS.values()))[0]
    return booking.Visitor(codes, crowd.somebody(codes))


def _slot(dice: random.Random, lengths: Sequence[int], channel: str) -> int:
    found = offers(slots=lengths[0], others=lengths[1:], channel=channel, first=_some_day(dice))
    free = [offer.earliest for offer in found if offer.earliest]
    if not free:
        raise Refusal("空きがありません。")
    return dice.choice(free).slot


def _book_by_phone(crowd: Crowd, operator: Actor) -> Created:
    visitor = _visitor(crowd)
    slot = _slot(crowd.dice, [slots_for(visitor.procedures)], PHONE)
    return booking.book(
        request=booking.Request(slot=slot, procedures=visitor.procedures, person=visitor.person),
        channel=PHONE,
        actor=operator,
        submission=f"simulation {clock.now().isoformat()} {crowd.number}",
        fingerprint="",
    )


def _book_on_the_web(crowd: Crowd) -> list[Created]:
    """Book for one person, or for some who live together."""
    dice = crowd.dice
    first = _visitor(crowd)
    home = {name: getattr(first.person, name) for name in ("postal_code", "address", "phone", "email")}
    others = [_visitor(crowd) for _ in range(dice.choices(list(COMPANIONS), list(COMPANIONS.values()))[0])]
    visitors = [first, *(replace(each, person=replace(each.person, **home)) for each in others)]
    codes, *along = (visitor.procedures for visitor in visitors)
    slot = _slot(dice, [slots_for(each) for each in (codes, *along)], WEB)
    token = booking.start_hold(source=f"simulation {crowd.number}", draft={})
    booking.hold_slot(token=token, slot=slot, codes=codes, others=along)
    with clock.travel(clock.now() + timedelta(minutes=dice.randrange(2, 9))):
        return booking.book_together(token=token, visitors=visitors)


def _move(chosen: Created, dice: random.Random) -> None:
    free = [offer.earliest for offer in offers(slots=2, first=_some_day(dice)) if offer.earliest]
    if free:
        booking.move(reservation_id=chosen.id, slot=dice.choice(free).slot, actor=CITIZEN, channel=WEB)


def _some_day(dice: random.Random) -> date:
    """Most people take what is soon; some a day weeks away."""
    return clock.today() + timedelta(days=min(50, int(dice.expovariate(1 / 9))))
