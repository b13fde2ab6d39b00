"""Cut-offs, windows, telephone seats and reminders, for the program and office by office, with history.

仕様書 4(3)ア 締切日時を設定及び変更できること. Also the history of what was changed about an office.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from functools import partial
from typing import Final

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from madoguchi.accounts.roles import Permission
from madoguchi.audit.selectors import AuditRow, entries_about_any
from madoguchi.common import clock, era
from madoguchi.common.errors import Refusal
from madoguchi.contract.rules import RULES, RuleValue
from madoguchi.contract.selectors import booking_rules, rule_history
from madoguchi.contract.services import decide_rule
from madoguchi.offices.actions import OfficeAction
from madoguchi.offices.selectors import closure_reasons, closures, day_kinds
from madoguchi.sites.secretariat.offices.views import ALL, place_codes, place_context
from madoguchi.sites.secretariat.rules.forms import RuleForm
from madoguchi.web.actors import names
from madoguchi.web.forms import add_refusal
from madoguchi.web.policies import StaffRequest, open_to
from madoguchi.workflows.slots import change_offering

FIRST, LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)
# Rules that decide which seats there are and who is offered them: the seats follow at once.
SHAPES_SEATS: Final = ("telephone_", "opens_")
GROUPS: Final = (
    ("予約の受付（申請者）", ("opens_", "register_")),
    ("変更・取消し（申請者）", ("change_", "cancel_")),
    ("電話での受付", ("staff_", "telephone_")),
    ("入力と確保の時間", ("hold_", "draft_", "offer_")),
    ("お知らせメール", ("reminder_",)),
    ("本市・郵便局への共有", ("relay_", "city_", "office_")),
    ("保存期間", ("keep_",)),
    ("手続きの条件", ("",)),
)
ACTIONS: Final[Mapping[str, str]] = {
    OfficeAction.PUT: "郵便局の情報",
    OfficeAction.HOURS_SET: "基本の受付時間と枠",
    OfficeAction.DAY_SET: "1日だけの受付時間・枠",
    OfficeAction.CLOSED: "休業",
    OfficeAction.REOPENED: "休業の取下げ",
    OfficeAction.PRESET_SET: "枠を減らす日",
    OfficeAction.ASSIGNED: "担当する係員",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that somebody changed."""

    at: datetime
    what: str
    detail: str
    who: str


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One rule: what holds now, and what was decided to come."""

    key: str
    label: str
    value: str
    is_own: bool
    coming: str


def words(key: str, value: RuleValue | object) -> str:
    """Return the value of a rule as people say it."""
    kind = RULES[key]
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    text = f"{value:%H:%M}" if hasattr(value, "hour") else str(value)
    return f"{text}{kind.unit}"


@open_to(Permission.SECRETARIAT_OFFICE_READ)
@require_safe
def show_rules(request: StaffRequest, code: str = ALL) -> HttpResponse:
    """Show the rules in force for the program, or for one office with what differs there."""
    scope = _scope(code)
    now = clock.now()
    current = asdict(booking_rules(now, scope))
    general = asdict(booking_rules(now))
    history = rule_history(scope)
    coming = {row.key: row for row in history if row.effective_from > now}
    lines = {
        key: RuleLine(
            key=key,
            label=kind.label,
            value=words(key, current[key]),
            is_own=bool(scope) and current[key] != general[key],
            coming=(
                f"{era.staff_datetime(coming[key].effective_from)}から {words(key, coming[key].value)}"
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
        "secretariat/rules/show.html",
        {
            **place_context(request, code),
            "code": code,
            "groups": _grouped(lines),
            "history": [
                {
                    "label": RULES[row.key].label,
                    "value": words(row.key, row.value),
                    "from": era.staff_datetime(row.effective_from),
                    "who": name(row.decided_by),
                    "note": row.note,
                    "at": era.staff_datetime(row.created_at),
                }
                for row in history
                if row.key in RULES
            ],
        },
    )


def _grouped(lines: dict[str, RuleLine]) -> list[tuple[str, Sequence[RuleLine]]]:
    """Return the rules by what they are about; whatever fits nowhere else stands last."""
    left = dict(lines)
    groups: list[tuple[str, Sequence[RuleLine]]] = []
    for title, prefixes in GROUPS:
        keys = [key for key in left if key.startswith(prefixes)]
        if keys:
            groups.append((title, [left.pop(key) for key in keys]))
    return groups


@open_to(Permission.SECRETARIAT_RULE_WRITE)
@require_http_methods(["GET", "POST"])
def edit_rule(request: StaffRequest, code: str, key: str) -> HttpResponse:
    """Decide the next value of a rule; what held before stays in the history."""
    scope = _scope(code)
    if key not in RULES or (scope and not RULES[key].by_office):
        raise Http404
    current = asdict(booking_rules(clock.now(), scope))[key]
    form = RuleForm(
        request.POST or None, kind=RULES[key], initial={"value": current, "effective_on": clock.today()}
    )
    if request.method == "POST" and form.is_valid():
        change = partial(
            decide_rule,
            key=key,
            scope=scope,
            value=form.value,
            effective_from=form.effective_from,
            actor=request.actor,
            note=form.cleaned_data["note"],
        )
        try:
            if key.startswith(SHAPES_SEATS):
                title = f"{RULES[key].label}の変更"
                change_offering(change=change, places=place_codes(code), title=title, actor=request.actor)
            else:
                change()
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(
                request,
                f"{RULES[key].label}を、{era.staff_datetime(form.effective_from)}から"
                f"{words(key, form.value)}にします。",
            )
            return redirect("secretariat:offices-rules", code)
    return render(
        request,
        "secretariat/rules/edit.html",
        {
            **place_context(request, code),
            "code": code,
            "rule": RULES[key],
            "current": words(key, current),
            "form": form,
        },
    )


@open_to(Permission.SECRETARIAT_OFFICE_READ)
@require_safe
def show_history(request: StaffRequest, code: str) -> HttpResponse:
    """Show who changed what about an office, or about all of them (R32)."""
    shut = closures(office=None if code == ALL else code, since=FIRST, until=LAST)
    targets = [f"office:{code}", *(f"closure:{row.id}" for row in shut)]
    entries = entries_about_any(targets)
    decided = rule_history(_scope(code))
    name = names([*(entry.actor for entry in entries), *(row.decided_by for row in decided)])
    changes = [
        Change(entry.at, ACTIONS.get(entry.action, ""), _detail(entry), name(entry.actor))
        for entry in entries
    ]
    changes += [
        Change(
            row.created_at,
            RULES[row.key].label,
            f"{words(row.key, row.value)}　{era.staff_datetime(row.effective_from)}から　{row.note}",
            name(row.decided_by),
        )
        for row in decided
        if row.key in RULES
    ]
    changes.sort(key=lambda change: change.at, reverse=True)
    return render(
        request,
        "secretariat/offices/history.html",
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
    if note := detail.get("note"):
        parts.append(str(note))
    return "　".join(parts)


def _day_words(iso: str) -> str:
    """Return a day or an instant of a record as staff read it."""
    if "T" in iso:
        return era.staff_datetime(datetime.fromisoformat(iso))
    return era.staff_day(date.fromisoformat(iso))


def _scope(code: str) -> str:
    return "" if code == ALL else code
