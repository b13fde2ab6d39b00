"""Days played through the real services: what people were told is what the ledgers hold, day for day."""

import json
import uuid
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pikepdf
import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from support import databases
from support.people import OPERATOR, SECRETARIAT

from madoguchi.common import clock
from madoguchi.reservations import booking_sessions
from madoguchi.workflows.simulation.agenda import Plan
from madoguchi.workflows.simulation.reconciliation import reconcile
from madoguchi.workflows.simulation.report import figures
from madoguchi.workflows.simulation.term import Played, play

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("transactional_db", "seal_keys_set")]
PACK = Path(__file__).resolve().parents[2] / "packs" / "hoshimi"
PLAN = Plan(
    first=date(2026, 11, 24),
    days=6,
    seed=3,
    residents_per_day=40,
    pack=PACK,
    operator=OPERATOR,
    secretariat=SECRETARIAT,
    mail_interval=timedelta(hours=2),
    trouble=12,
)


def play_again(plan: Plan) -> Played:
    """Play a plan on a database on which nothing was played before."""
    databases.lead_to("empty", shared=False)
    with clock.travel(clock.at(date(2026, 11, 1), clock.MIDNIGHT)):
        call_command("load_pack", PACK, interactive=False, verbosity=0)
    return play(plan)


def after(plan: Plan):
    """Travel to the moment at which a plan is settled."""
    return clock.travel(clock.at(plan.first + timedelta(plan.days + 1), clock.MIDNIGHT))


def differing(played: Played) -> list[str]:
    return [result.sentence for result in reconcile(played) if result.differences]


def lose_a_booking(played: Played) -> None:
    played.received.visits[uuid.uuid4()] = next(iter(played.received.visits.values()))


def double_a_booking(played: Played) -> None:
    played.received.visits.popitem()


def move_a_booking_in_silence(played: Played) -> None:
    next(iter(played.received.visits.values())).starts_at += timedelta(minutes=20)


def write_twice(played: Played) -> None:
    played.mailbox.taken.append(played.mailbox.taken[0])


def write_to_another(played: Played) -> None:
    played.mailbox.taken[0] = (played.mailbox.taken[0][0], "another@example.jp")


def lose_a_mail(played: Played) -> None:
    played.mailbox.taken.pop()


def forget_a_waiting_entry(played: Played) -> None:
    played.received.waits.popitem()


def invent_a_call(played: Played) -> None:
    next(iter(played.received.visits.values())).calls += 1


def sql(statement: str) -> Callable[[Played], None]:
    def damage(_played: Played) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement)

    return damage


def leave_a_hold(_played: Played) -> None:
    booking_sessions.start_session(source="nobody", form_data={})


def unguarded(statement: str) -> Callable[[Played], None]:
    """Change the audit trail as somebody with all rights could."""
    return sql(
        f"SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE audit_auditentry DISABLE TRIGGER USER; {statement}"
    )


# What is done behind the ledgers' back, and a word of the comparison that must speak.
DAMAGE = [
    (lose_a_booking, "台帳の予約"),
    (double_a_booking, "台帳の予約"),
    (move_a_booking_in_silence, "台帳の予約"),
    (sql("UPDATE reservations_seat SET reservation_id = NULL"), "台帳の予約"),
    (unguarded("UPDATE audit_auditentry SET action = 'x' WHERE action LIKE '%n.cancelled'"), "記録"),
    (sql("DELETE FROM notifications_mail WHERE kind = 'confirmation'"), "知らせるメール"),
    (sql("UPDATE notifications_mail SET kind = 'confirmation', occasion = 'x' WHERE kind = 'changed'"), "通"),
    (write_twice, "届いたメール"),
    (write_to_another, "届いたメール"),
    (lose_a_mail, "届いたメール"),
    (sql("UPDATE notifications_mail SET state = 'unsure', error = 'interrupted', sent_at = NULL"
         " WHERE state = 'sent'"), "残っているメール"),
    (forget_a_waiting_entry, "空き待ち"),
    (invent_a_call, "電話"),
    (leave_a_hold, "席の確保"),
    (unguarded("UPDATE audit_auditentry SET actor = 'staff:0' WHERE actor = 'system'"), "封印"),
]  # fmt: skip


def test_the_ledgers_reconcile_with_what_residents_were_told_and_every_damage_is_found():
    played = play_again(PLAN)
    for kind in (
        "booked on the web", "booked by telephone", "booked from the waiting list", "moved", "cancelled",
        "came", "submitted twice", "families", "people affected by a pause", "reminder calls",
        "hours without a mail server", "checked", "day lists opened",
    ):  # fmt: skip
        assert played.received.total(kind), kind
    with after(PLAN):
        assert differing(played) == []
        for damage, word in DAMAGE:
            with transaction.atomic():
                damaged = Played(deepcopy(played.received), deepcopy(played.mailbox))
                damage(damaged)
                assert any(word in sentence for sentence in differing(damaged)), (damage, word)
                transaction.set_rollback(True)


def test_a_seed_plays_the_same_days_and_another_one_others():
    plan = replace(PLAN, days=1, residents_per_day=20)

    def found(plan):
        played = play_again(plan)
        with after(plan):
            return figures(plan, played, reconcile(played))

    first = found(plan)
    assert first["totals"]["booked on the web"] > 10
    assert found(plan) == first
    assert found(replace(plan, seed=4))["totals"] != first["totals"]


def test_the_command_writes_figures_and_a_report_and_runs_on_an_empty_database_only(settings, tmp_path):
    settings.PROGRAM_PACK = PACK
    asked = {
        "first": PLAN.first,
        "days": 1,
        "residents_per_day": 10,
        "trouble": 0,
        "out": tmp_path,
        "verbosity": 0,
    }
    call_command("simulate_term", **asked)
    told = json.loads((tmp_path / "figures.json").read_text(encoding="utf-8"))
    assert told["reconciles"]
    assert told["plan"]["seed"] == 1
    with pikepdf.open(tmp_path / "report.pdf") as paper:
        assert len(paper.pages) >= 1
    with pytest.raises(CommandError, match="empty database"):
        call_command("simulate_term", **asked)
