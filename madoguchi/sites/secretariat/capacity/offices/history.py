"""What was changed about an office: hours, seats, closures and rules, by whom (仕様書 4(3)ア)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from madoguchi.accounts.kinds import Permission
from madoguchi.audit.selectors import AuditRow, entries_about_any
from madoguchi.common import era
from madoguchi.contract.kinds import ProposalKind
from madoguchi.contract.rules import RULES, format_rule
from madoguchi.contract.selectors import rule_history
from madoguchi.offices.actions import ACTION_LABELS
from madoguchi.offices.selectors import closure_reasons, closures, day_kinds
from madoguchi.sites.secretariat.capacity.offices.frame import ALL, place_context, rule_scope
from madoguchi.web.actors import names
from madoguchi.web.policies import StaffRequest, open_to
from madoguchi.workflows.approvals.master import MASTERS, format_master

FIRST, LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class OfficeHistoryRow:
    """One thing that somebody changed."""

    at: datetime
    what: str
    detail: str
    who: str


@open_to(Permission.SECRETARIAT_OFFICE_READ, Permission.INSPECTION_OFFICE_READ)
@require_safe
def show_history(request: StaffRequest, code: str) -> HttpResponse:
    """Show who changed what about an office, or about all of them (仕様書 4(3)ア 設定及び変更)."""
    shut = closures(office=None if code == ALL else code, since=FIRST, until=LAST)
    targets = [f"office:{code}", *(f"closure:{row.id}" for row in shut if code != ALL or row.office is None)]
    entries = entries_about_any(targets)
    decided = rule_history(rule_scope(code))
    name = names([*(entry.actor for entry in entries), *(row.decided_by for row in decided)])
    changes = [
        OfficeHistoryRow(entry.at, ACTION_LABELS.get(entry.action, ""), _detail(entry), name(entry.actor))
        for entry in entries
    ]
    changes += [
        OfficeHistoryRow(
            row.created_at,
            RULES[row.key].label,
            f"{format_rule(row.key, row.value)}　{era.staff_datetime(row.effective_from)}から　{row.note}",
            name(row.decided_by),
        )
        for row in decided
        if row.key in RULES
    ]
    changes.sort(key=lambda change: change.at, reverse=True)
    return render(
        request,
        "secretariat/capacity/offices/history.html",
        {
            **place_context(request, code),
            "rows": [
                {
                    "at": era.staff_datetime(each.at),
                    "what": each.what,
                    "detail": each.detail,
                    "who": each.who,
                }
                for each in changes
            ],
        },
    )


def _detail(entry: AuditRow) -> str:
    """Return what was changed, from the codes of the record."""
    detail = entry.detail
    parts = [
        _day_words(str(detail[name])) + suffix
        for name, suffix in (("day", ""), ("from", "から"), ("until", "まで"))
        if detail.get(name)
    ]
    if reason := dict(closure_reasons()).get(str(detail.get("reason"))):
        parts.append(reason)
    if kind := dict(day_kinds()).get(str(detail.get("day_kind"))):
        parts.append(f"{kind} {detail.get('keep_one_in')}枠に1枠")
    content = detail.get("content")
    # A loaded pack writes all of them, which says nothing.
    if isinstance(content, dict) and len(content) < len(MASTERS[ProposalKind.OFFICE].fields):
        labels = MASTERS[ProposalKind.OFFICE].fields
        parts += [
            f"{labels[name]}：{format_master(name, content[name])}" for name in labels if name in content
        ]
    if note := detail.get("note"):
        parts.append(str(note))
    return "　".join(parts)


def _day_words(iso: str) -> str:
    """Return a day or an instant of a record as staff read it."""
    if "T" in iso:
        return era.staff_datetime(datetime.fromisoformat(iso))
    return era.staff_day(date.fromisoformat(iso))
