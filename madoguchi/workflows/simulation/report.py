"""The figures of a simulated term: as data, and as a report to read."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

from madoguchi.common import clock
from madoguchi.contract.selectors import program
from madoguchi.notifications.kinds import KIND_NAMES
from madoguchi.offices.selectors import offices
from madoguchi.rendering.documents import Bar, DayVisitorLine, TermReport, term_report
from madoguchi.workflows.booking.documents import issuer
from madoguchi.workflows.simulation.agenda import Plan
from madoguchi.workflows.simulation.reconciliation import Result
from madoguchi.workflows.simulation.term import Played

# In the order of the report; other events are in the figures alone.
LABELS = {
    "booked on the web": "予約（ウェブ）",
    "booked by telephone": "予約（電話）",
    "booked from the waiting list": "予約（空き待ちから）",
    "families": "うちご家族での予約（組）",
    "moved": "日時・郵便局の変更",
    "cancelled": "取消し",
    "cancelled by us": "取消し（休止のため）",
    "came": "来局",
    "stayed away": "連絡のない不来局",
    "favourite office full": "希望の郵便局が満席",
    "entered the waiting list": "空き待ちの受付",
    "left the waiting list": "空き待ちの辞退",
    "gave up while typing": "入力の途中でやめた",
    "somebody was quicker": "先を越されて選び直した",
    "submitted twice": "二度押し（同じ予約を返した）",
    "refused: deadline_passed": "締切の後のため断った操作",
    "checked": "事務局の確認",
    "reminder calls": "前日のお知らせの電話",
    "calls about offers": "空きのご案内の電話",
    "pauses": "受付の休止（局の故障・台風・国のシステム）",
    "pauses lifted": "うち早く再開したもの",
    "people affected by a pause": "休止で影響を受けた方",
    "asked by mail to move": "うちメールで変更をお願いした方",
    "calls about a pause": "休止の電話",
    "hours without a mail server": "メールサーバーが止まっていた時間",
}
BOOKED = ("booked on the web", "booked by telephone", "booked from the waiting list")
SEATS = """
    SELECT to_char(slot.starts_at AT TIME ZONE 'Asia/Tokyo', 'YYYY-MM'),
           count(*) FILTER (WHERE NOT seat.is_withdrawn),
           count(*) FILTER (WHERE seat.reservation_id IS NOT NULL)
      FROM reservations_seat seat JOIN offices_slot slot ON slot.id = seat.slot_id
     WHERE slot.starts_at < %s GROUP BY 1 ORDER BY 1"""
MAILS = "SELECT kind, state, count(*) FROM notifications_mail GROUP BY 1, 2 ORDER BY 1, 2"


def figures(plan: Plan, played: Played, results: Sequence[Result]) -> dict[str, Any]:
    """Return everything that was counted, ready for JSON; deterministic for a seed."""
    months: dict[str, dict[str, int]] = {}
    for (month, kind), times in sorted(played.received.counts.items()):
        months.setdefault(month, {})[kind] = times
    kinds = sorted({kind for _, kind in played.received.counts})
    with connection.cursor() as cursor:
        cursor.execute(SEATS, [clock.now()])
        seats = {month: {"offered": offered, "used": used} for month, offered, used in cursor.fetchall()}
        cursor.execute(MAILS)
        mails: dict[str, dict[str, int]] = {}
        for kind, state, times in cursor.fetchall():
            mails.setdefault(kind, {})[state] = times
    return {
        "plan": {
            "first": plan.first.isoformat(), "days": plan.days, "seed": plan.seed,
            "residents_per_day": plan.residents_per_day, "trouble": plan.trouble, "offices": len(offices()),
        },
        "reconciles": not any(result.differences for result in results),
        "totals": {kind: played.received.total(kind) for kind in kinds},
        "months": months,
        "seats": seats,
        "mails": mails,
        "comparisons": [
            {
                "what": result.sentence, "expected": result.expected, "actual": result.actual,
                "differences": len(result.differences), "examples": list(result.differences[:5]),
            }
            for result in results
        ],
    }  # fmt: skip


def report_pdf(found: Mapping[str, Any], *, seconds: float) -> bytes:
    """Return the figures as a PDF; `seconds` is how long the simulation took."""
    plan, totals = found["plan"], found["totals"]
    months = {month: [kinds.get(kind, 0) for kind in BOOKED] for month, kinds in found["months"].items()}
    return term_report(
        TermReport(
            issuer=issuer(),
            city=program().city_name,
            conditions=(
                DayVisitorLine("期間", f"{plan['first']} から {plan['days']}日間"),
                DayVisitorLine("郵便局", f"{plan['offices']}局"),
                DayVisitorLine("予約の数の設定", f"開所日に平均{plan['residents_per_day']}人"),
                DayVisitorLine("乱数の種", str(plan["seed"])),
                DayVisitorLine("かかった時間", f"{seconds / 60:.1f}分"),
            ),
            reconciles=found["reconciles"],
            totals=tuple(
                DayVisitorLine(word, f"{totals[kind]:,}") for kind, word in LABELS.items() if kind in totals
            ),
            mails=tuple(
                DayVisitorLine(KIND_NAMES[kind], f"{states.get('sent', 0):,}")
                for kind, states in found["mails"].items()
            ),
            legend=tuple(LABELS[kind] for kind in BOOKED),
            booked=tuple(Bar(month, tuple(numbers)) for month, numbers in months.items() if any(numbers)),
            seats=tuple(
                Bar(month, (each["used"], max(0, each["offered"] - each["used"])))
                for month, each in found["seats"].items()
            ),
            comparisons=tuple(
                DayVisitorLine(each["what"], _verdict(each["expected"], each["actual"], each["differences"]))
                for each in found["comparisons"]
            ),
        )
    )


def _verdict(expected: int, actual: int, differences: int) -> str:
    if differences:
        return f"不一致 {differences:,}件"
    return f"一致（{actual:,}件）" if expected else "異常なし"
