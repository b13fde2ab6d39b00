"""Reconcile what simulated residents were told with every ledger: nothing lost, doubled or mailed twice."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection

from madoguchi.audit.keys import seal_keys
from madoguchi.audit.seals import unsealed
from madoguchi.audit.verification import faults
from madoguchi.common import clock
from madoguchi.reservations.actions import ReservationAction
from madoguchi.workflows.operations.invariants import breaches
from madoguchi.workflows.simulation.term import Played

VISITS = """
    SELECT r.id::text, r.status = 'BOOKED', r.office_id, r.starts_at,
           (SELECT count(*) FROM reservations_seat s WHERE s.reservation_id = r.id)
      FROM reservations_reservation r"""
ENTRIES = """
    SELECT split_part(target, ':', 2), action, count(*) FROM audit_auditentry
     WHERE target LIKE %s AND action = ANY(%s) GROUP BY 1, 2"""
CALLS = """
    SELECT split_part(target, ':', 2), count(*), count(*) FILTER (WHERE (detail->>'reached')::boolean)
      FROM audit_auditentry WHERE action = %s GROUP BY 1"""
MAILS = "SELECT message_id, target, kind, occasion, state, due_at <= %s FROM notifications_mail"
WAITING = "SELECT id::text FROM reservations_wait WHERE state IN ('WAITING', 'OFFERED')"
LEFT_OVER = """
    SELECT h.id::text FROM reservations_bookingsession h
     WHERE NOT EXISTS (SELECT 1 FROM reservations_wait w WHERE w.session_id = h.id)"""
# The position of each kind in a tuple of counts; reminders and offers depend on the hour and are left out.
COUNT_INDEX = {"confirmation": 0, "changed": 1, "cancelled": 2, "office_cancelled": 2}


@dataclass(frozen=True, slots=True)
class Result:
    """One comparison: what was compared, the number of items on both sides, and the differences."""

    sentence: str
    expected: int
    actual: int
    differences: tuple[str, ...] = ()


def reconcile(played: Played) -> list[Result]:
    """Return every comparison; the ledgers reconcile when none has a difference. Read-only."""
    return [
        _visits(played),
        _history(played),
        _mails_about_visits(played),
        _delivered_mails(played),
        _unsent(),
        _waits(played),
        _calls(played),
        _orphaned_sessions(),
        _trail(),
        _none_expected("整合性の検査（システムの毎時の検査と同じもの）", _broken()),
        _none_expected("日々の画面（受付リスト・二度押し・週ごとの検査）", played.received.anomalies),
    ]


def _visits(played: Played) -> Result:
    expected = {
        str(visit): (row.stands, row.office, row.starts_at, row.slots if row.stands else 0)
        for visit, row in played.received.visits.items()
    }
    actual = {visit: tuple(facts) for visit, *facts in _query(VISITS)}
    return _compared("受け付けたと伝えた予約と、台帳の予約（郵便局・日時・状態・席の数）", expected, actual)


def _history(played: Played) -> Result:
    expected = {
        str(visit): _nonzero({"booked": 1, "moved": row.moves, "cancelled": int(not row.stands)})
        for visit, row in played.received.visits.items()
    }
    actions = [ReservationAction.BOOKED, ReservationAction.MOVED, ReservationAction.CANCELLED]
    actual = _entries("reservation:%", actions)
    return _compared("伝えた受付・変更・取消しと、操作記録", expected, actual)


def _mails_about_visits(played: Played) -> Result:
    expected = {
        str(visit): (1, row.moves, int(not row.stands)) if row.who.person.email else (0, 0, 0)
        for visit, row in played.received.visits.items()
    }
    found = {visit: [0, 0, 0] for visit in expected}
    stands = {str(visit) for visit, row in played.received.visits.items() if row.stands}
    for _, target, kind, _, state, _ in _query(MAILS, [clock.now()]):
        # An outdated mail may be withdrawn; a booked visit must have its confirmation.
        if kind in COUNT_INDEX and (state == "sent" or kind != "confirmation" or target not in stands):
            found.setdefault(target, [0, 0, 0])[COUNT_INDEX[kind]] += 1
    actual = {visit: tuple(numbers) for visit, numbers in found.items()}
    return _compared("予約の受付・変更・取消しと、それを知らせるメール（各1通）", expected, actual)


def _delivered_mails(played: Played) -> Result:
    """Compare the delivered mails with the outbox: each once, to its owner, one per occasion."""
    address = {str(visit): row.who.person.email for visit, row in played.received.visits.items()}
    address |= {str(wait): row.who.person.email for wait, row in played.received.waits.items()}
    occasions: Counter[Any] = Counter()
    sent, about = {}, {}
    for message_id, target, kind, occasion, state, _ in _query(MAILS, [clock.now()]):
        about[message_id] = (target, kind, occasion)
        if state == "sent":
            sent[message_id] = (1, address.get(target, "?"))
    got: dict[str, tuple[int, str]] = {}
    for message_id, recipient in played.mailbox.taken:
        got[message_id] = (got.get(message_id, (0, ""))[0] + 1, recipient)
        occasions[about.get(message_id)] += 1
    result = _compared("届いたメールと、送信の台帳（1つの用件に1通、宛先も同じ）", got, sent)
    twice = [f"{occasion}: {times}" for occasion, times in occasions.items() if times > 1]
    return Result(result.sentence, result.expected, result.actual, (*result.differences, *twice))


def _unsent() -> Result:
    found = [
        f"{message_id} {kind} {state}"
        for message_id, _, kind, _, state, is_due in _query(MAILS, [clock.now()])
        if state not in {"sent", "withdrawn"} and is_due
    ]
    return _none_expected("送るべきなのに残っているメール", found)


def _waits(played: Played) -> Result:
    waiting = {wait for (wait,) in _query(WAITING)}
    endings = {
        "booked": ReservationAction.WAIT_FULFILLED,
        "left": ReservationAction.LEFT,
        "": ReservationAction.LAPSED,
    }
    expected = {
        str(wait): _nonzero(
            {
                "entered": 1,
                endings[row.end].rpartition(".")[2]: int(bool(row.end) or str(wait) not in waiting),
            }
        )
        for wait, row in played.received.waits.items()
    }
    actual = _entries("wait:%", [ReservationAction.WAITED, *endings.values()])
    return _compared("空き待ちの受付と終わり方（予約・辞退・時間切れ）と、操作記録", expected, actual)


def _calls(played: Played) -> Result:
    expected = {
        str(visit): (row.calls, row.reached) for visit, row in played.received.visits.items() if row.calls
    }
    actual = {visit: tuple(numbers) for visit, *numbers in _query(CALLS, [ReservationAction.CALLED])}
    return _compared("前日のお知らせの電話と、その記録", expected, actual)


def _orphaned_sessions() -> Result:
    return _none_expected("だれのものでもない、席の確保", [session for (session,) in _query(LEFT_OVER)])


def _trail() -> Result:
    found = list(faults())
    if seal_keys() and (left := unsealed().count):
        found.append(f"{left} unsealed")
    return _none_expected("操作記録の封印（書換え・欠け・順序）", found)


def _broken() -> list[str]:
    return [f"{breach.check} {' '.join(breach.examples)}" for breach in breaches(clock.now())]


def _entries(target: str, actions: Iterable[str]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for row, action, times in _query(ENTRIES, [target, list(actions)]):
        found.setdefault(row, {})[action.rpartition(".")[2]] = times
    return found


def _nonzero(numbers: Mapping[str, int]) -> dict[str, int]:
    return {name: number for name, number in numbers.items() if number}


def _compared(sentence: str, expected: Mapping[str, object], actual: Mapping[str, object]) -> Result:
    differences = tuple(
        f"{key}: {expected.get(key)} / {actual.get(key)}"
        for key in sorted({*expected, *actual})
        if expected.get(key) != actual.get(key)
    )
    return Result(sentence, len(expected), len(actual), differences)


def _none_expected(sentence: str, found: Iterable[str]) -> Result:
    wrong = tuple(found)
    return Result(sentence, 0, len(wrong), wrong)


def _query(query: str, values: object = None) -> Iterator[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)  # type: ignore[arg-type]  # a list or nothing
        yield from cursor.fetchall()
