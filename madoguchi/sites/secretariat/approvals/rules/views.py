"""Show the rules in force, for the program and office by office, and how they were decided.

仕様書 4(3)ア 締切日時. A rule changes by a proposal that the city approves: approvals/proposals.
"""

from dataclasses import asdict, dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from madoguchi.accounts.kinds import Permission
from madoguchi.common import clock, era
from madoguchi.contract.rules import RULES, format_rule
from madoguchi.contract.selectors import booking_rules, own_rules, rule_history
from madoguchi.panels.rules import grouped
from madoguchi.sites.secretariat.capacity.offices.frame import ALL, place_context, rule_scope
from madoguchi.web.actors import names
from madoguchi.web.policies import StaffRequest, open_to


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One rule: what holds now, and what was decided to come."""

    key: str
    label: str
    value: str
    is_own: bool
    coming: str


@open_to(Permission.SECRETARIAT_OFFICE_READ, Permission.INSPECTION_OFFICE_READ)
@require_safe
def show_rules(request: StaffRequest, code: str = ALL) -> HttpResponse:
    """Show the rules in force for the program, or for one office with what differs there."""
    scope = rule_scope(code)
    now = clock.now()
    current = asdict(booking_rules(now, scope))
    own = own_rules(now, scope) if scope else frozenset()
    history = rule_history(scope)
    coming = {row.key: row for row in history if row.effective_from > now}
    lines = {
        key: RuleLine(
            key=key,
            label=kind.label,
            value=format_rule(key, current[key]),
            is_own=key in own,
            coming=(
                f"{era.staff_datetime(coming[key].effective_from)}から {format_rule(key, coming[key].value)}"
                if key in coming
                else ""
            ),
        )
        for key, kind in RULES.items()
        if kind.by_office or not scope
    }
    name = names(row.decided_by for row in history)
    return render(
        request,
        "secretariat/approvals/rules/show.html",
        {
            **place_context(request, code),
            "code": code,
            "groups": grouped(lines),
            "history": [
                {
                    "label": RULES[row.key].label,
                    "value": format_rule(row.key, row.value),
                    "from": era.staff_datetime(row.effective_from),
                    "who": name(row.decided_by),
                    "note": row.note,
                    "proposal": row.proposal,
                    "at": era.staff_datetime(row.created_at),
                }
                for row in history
                if row.key in RULES
            ],
        },
    )
