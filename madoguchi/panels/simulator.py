"""The simulator's page, for the secretariat and the city: what citizens see today, and under a proposal."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any, Final

from django import forms
from django.http import HttpRequest

from madoguchi.common import clock, era
from madoguchi.common.calendar import WEEKDAYS, add_months
from madoguchi.common.differences import word_difference
from madoguchi.common.errors import Refusal
from madoguchi.contract.kinds import ProposalKind, ProposalState
from madoguchi.contract.proposals import proposals
from madoguchi.contract.rows import ProposalRow
from madoguchi.contract.rules import RULES, format_rule
from madoguchi.contract.selectors import procedures
from madoguchi.web.days import TermDayField
from madoguchi.web.forms import CheckList, TimeField
from madoguchi.workflows.approvals.effects import reach
from madoguchi.workflows.approvals.simulator import Comparison, PreviewResult, compare, places
from madoguchi.workflows.approvals.wording import proposal_title
from madoguchi.workflows.messages.preview import render_sample_mail

# What citizens meet of the rules, beyond days and deadlines.
SHOWN_RULES: Final = (
    "hold_minutes", "hold_extensions", "telephone_percent", "telephone_release_days", "min_age",
    "renewal_window_months", "ask_sex",
)  # fmt: skip
# Only these change days, deadlines or what stands above them; for the others nothing is compared.
MOVES_DAYS: Final = (ProposalKind.RULES, ProposalKind.ANNOUNCEMENT, ProposalKind.WAVE)
OF_ONE_OFFICE: Final = (ProposalKind.RULES, ProposalKind.OFFICE)
# Who is counted, and what of theirs does not change with it.
WHO_COMES: Final = {
    ProposalKind.OFFICE: "この局に来る方です。送ったメールや控えには、前の内容が残ります。",
    ProposalKind.BELONGING: "この持参物の手続きで来る方です。送ったメールや控えには、前の内容が残ります。",
    ProposalKind.PROCEDURE: "この手続きで来る方です。送ったメールや控えには、前の文が残ります。",
}
# What may still come into force: a look at anything else tells nothing new.
COMING: Final = (ProposalState.WRITTEN, ProposalState.RETURNED, ProposalState.SENT)


class SimulatorForm(forms.Form):
    """The proposal, moment, office and procedures to simulate."""

    proposal = forms.ChoiceField(label="案", required=False)
    day = TermDayField(label="見る日")
    time = TimeField(
        label="見る時刻",
        widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
        error_messages={"invalid": "時刻は、09:00 のように入力してください"},
    )
    office = forms.ChoiceField(label="郵便局")
    procedure = forms.MultipleChoiceField(label="手続き", widget=CheckList)

    def __init__(self, *args: Any, rows: list[ProposalRow], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [
            (str(row.id), f"案{row.id}　{proposal_title(row)}　{era.staff_datetime(row.effective_from)}から")
            for row in rows
        ]
        self.fields["proposal"].choices = [("", "案を選ばない（いまの決まりだけを見る）"), *choices]  # type: ignore[attr-defined]
        self.fields["office"].choices = [(row.code, row.name) for row in places()]  # type: ignore[attr-defined]
        self.fields["procedure"].choices = [(row.code, row.short_name) for row in procedures()]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Refuse a past moment: its free seats are unknown."""
        cleaned = super().clean() or {}
        if "day" in cleaned and "time" in cleaned and self.moment < clock.now() - timedelta(minutes=1):
            self.add_error("day", "これからの日時を選んでください")
        return cleaned

    @property
    def moment(self) -> datetime:
        """The instant to simulate."""
        return clock.at(self.cleaned_data["day"], self.cleaned_data["time"])


def simulator_context(request: HttpRequest) -> dict[str, Any]:
    """Return the form filled from the address, and the comparison when the form is valid."""
    rows = proposals(states=COMING)
    asked = request.GET.get("proposal", "")
    about = next((row for row in rows if str(row.id) == asked), None)
    typed = request.GET.copy()
    for name, values in _usual(about).items():
        if name not in typed:
            typed.setlist(name, values)
    form = SimulatorForm(typed, rows=rows)
    if not form.is_valid():
        return {"form": form, "seen": None}
    chosen = form.cleaned_data
    found = compare(
        moment=max(form.moment, clock.now()),
        office_code=chosen["office"],
        codes=chosen["procedure"],
        proposal_id=about.id if about else None,
    )
    return {
        "form": form,
        "seen": _seen(found, about),
        "proposal": {"id": about.id, "name": f"案{about.id}"} if about else None,
        "is_waiting": about is not None and form.moment < about.effective_from,
        "starts": era.staff_datetime(about.effective_from) if about else "",
        "at": era.staff_datetime(form.moment),
    }


def effect_context(row: ProposalRow) -> dict[str, Any]:
    """Return what a proposal changes for citizens at its first instant, and whom it reaches.

    Of the office it is about, or of the first one, as the simulator opens. Where the proposal can no longer
    be applied, `refused` says why, and nothing is compared.
    """
    usual = _usual(row)
    try:
        met = reach(row)
    except Refusal as refusal:
        return {"at": era.staff_datetime(row.effective_from), "refused": refusal.message}
    place = usual["office"][0]
    effect: dict[str, Any] = {
        "at": era.staff_datetime(met.since),
        "until": era.staff_datetime(met.until) if met.until else "",
        "expected": met.expected,
        "mails": met.mails,
        "misfits": met.misfits,
        "who": WHO_COMES.get(ProposalKind(row.kind), ""),
        "place": next((each.name for each in places() if each.code == place), ""),
        "is_everywhere": not (row.kind in OF_ONE_OFFICE and row.scope),
    }
    if row.kind not in MOVES_DAYS:
        return effect
    try:
        found = compare(moment=met.since, office_code=place, codes=usual["procedure"], proposal_id=row.id)
    except Refusal as refusal:
        return {**effect, "refused": refusal.message}
    seen = _seen(found, row)
    changed = [each for each in seen["facts"] if each["differs"]]
    return {**effect, "changed": changed, "days": seen["days"]}


def _usual(about: ProposalRow | None) -> dict[str, list[str]]:
    """Return what the form shows by default: the instant from which the proposal holds, or now."""
    moment = clock.to_jst(max(about.effective_from, clock.now()) if about else clock.now())
    here = about.scope if about and about.kind in OF_ONE_OFFICE and about.scope else ""
    if about and about.kind == ProposalKind.WAVE:
        here = next((row.code for row in places() if row.wave_code == about.scope), "")
    return {
        "day": [f"{moment:%Y-%m-%d}"],
        "time": [f"{moment:%H:%M}"],
        "office": [here or next((row.code for row in places()), "")],
        "procedure": [row.code for row in procedures()][:1],
    }


def _seen(found: Comparison, about: ProposalRow | None) -> dict[str, Any]:
    then = found.then or found.now
    now_facts, then_facts = _facts(found.now, found.visit), _facts(then, found.visit)
    facts = [
        {"label": label, "now": before, "then": after, "differs": before != after}
        for (label, before), (_, after) in zip(now_facts, then_facts, strict=True)
    ]
    months = _months(found.now, then)
    return {
        "facts": facts,
        "months": months,
        "changes": sum(bool(each["differs"]) for each in facts),
        "days": sum(cell["differs"] for month in months for week in month["weeks"] for cell in week if cell),
        "texts": _texts(found.now.text, then.text, about),
    }


def _facts(seen: PreviewResult, visit: datetime) -> list[tuple[str, str]]:
    days = seen.days
    example = f"{era.staff_datetime(visit)} の予約の、申請者による"
    rules = asdict(seen.rules)
    return [
        ("予約", "受け付けています" if seen.window else "受け付けていません"),
        ("予約できる最初の日", era.citizen_day(days.first) if days else "－"),
        ("予約できる最後の日", era.citizen_day(days.last) if days else "－"),
        ("選べる時間の数", f"{seen.free}" if seen.window else "－"),
        (f"{example}変更の締切", era.citizen_datetime(seen.deadlines.change)),
        (f"{example}取消しの締切", era.citizen_datetime(seen.deadlines.cancel)),
        *((RULES[key].label, format_rule(key, rules[key])) for key in SHOWN_RULES),
        ("表示されるお知らせ", "、".join(row.title for row in seen.banners) or "ありません"),
    ]


def _months(now: PreviewResult, then: PreviewResult) -> list[dict[str, Any]]:
    """Return the months of the booking window, each day as decided today and under the proposal."""
    windows = [each.window for each in (now, then) if each.window]
    if not windows:
        return []
    month, last = min(each.first for each in windows).replace(day=1), max(each.last for each in windows)
    months = []
    while month <= last:
        after = add_months(month, 1)
        days = [month + timedelta(days=place) for place in range((after - month).days)]
        blank = (month.weekday() + 1) % 7
        cells = [*[None] * blank, *(_cell(day, now, then) for day in days)]
        cells += [None] * (-len(cells) % 7)
        months.append(
            {
                "title": f"{month.year}年{month.month}月",
                "weekdays": WEEKDAYS[6:] + WEEKDAYS[:6],
                "weeks": [cells[place : place + 7] for place in range(0, len(cells), 7)],
            }
        )
        month = after
    return months


def _cell(day: date, now: PreviewResult, then: PreviewResult) -> dict[str, Any]:
    before, after = now.marks.get(day, "closed"), then.marks.get(day, "closed")
    return {"number": day.day, "now": before, "then": after, "differs": before != after}


def _texts(before: Mapping[str, str], after: Mapping[str, str], about: ProposalRow | None) -> dict[str, Any]:
    """Return the texts as a reader sees them: a mail with a sample person."""
    if about is None or not after:
        return {}
    is_mail = about.kind == ProposalKind.MAIL
    head = "subject" if is_mail else "title"
    bodies = [
        render_sample_mail(text.get("body", ""), about.language) if is_mail else text.get("body", "")
        for text in (before, after)
    ]
    return {
        "now": {"head": before.get(head, ""), "body": bodies[0]},
        "then": {"head": after[head], "pieces": word_difference(*bodies)},
    }
