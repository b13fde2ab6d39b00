"""What the secretariat proposes: rules of one place, a text, an announcement; from when, and why."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from django import forms

from madoguchi.common import clock
from madoguchi.contract.kinds import ProposalKind
from madoguchi.contract.rules import RULES, RuleKind
from madoguchi.notifications.announcements import KINDS
from madoguchi.sites.secretariat.messages.announcements.forms import AnnouncementForm, initial_of
from madoguchi.web.days import TermDayField
from madoguchi.web.forms import NumberField, TextField, TimeField


class ProposalForm(forms.Form):
    """From when a proposal holds, and why; below what it changes."""

    effective_on = TermDayField(
        label="適用を始める日",
        help_text="その日の0時から。承認がそれより後になったときは、承認されたときから。",
    )
    reason = TextField(
        label="変更の理由",
        max_length=200,
        help_text="承認する人が読みます。協議の日など。個人に関することは書きません。",
    )

    @property
    def effective_from(self) -> datetime:
        """From which instant it holds: a day already begun means now."""
        return max(clock.at(self.cleaned_data["effective_on"], clock.MIDNIGHT), clock.now())

    @property
    def content(self) -> dict[str, Any]:
        """What the proposal says, in the form in which it is kept."""
        return {
            name: value for name, value in self.cleaned_data.items() if name not in ("effective_on", "reason")
        }


class RulesForm(ProposalForm):
    """The rules of all offices or of one."""

    def __init__(self, *args: Any, scope: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for key, kind in RULES.items():
            if kind.by_office or not scope:
                self.fields[key] = rule_field(kind)

    @property
    def content(self) -> dict[str, Any]:
        """The rules in their written form: times as text."""
        return {
            key: f"{value:%H:%M}" if isinstance(value, time) else value
            for key, value in super().content.items()
        }


def rule_field(kind: RuleKind) -> forms.Field:
    """Return the field that asks for a rule's value."""
    label = f"{kind.label}（{kind.unit}）" if kind.unit else kind.label
    if kind.type is bool:
        return forms.BooleanField(label=label, required=False)
    if kind.type is time:
        return TimeField(
            label=label,
            widget=forms.TimeInput({"placeholder": "17:00"}, format="%H:%M"),
            error_messages={"invalid": "時刻は、17:00 のように入力してください"},
        )
    return NumberField(label=label, min_value=kind.low, max_value=kind.high)


class MailForm(ProposalForm):
    """What a mail says."""

    subject = TextField(
        label="件名",
        max_length=100,
        help_text="用件は書かず、種類を見分けられる件名にします（【市の名前】ご予約を変更しました など）。"
        "お知らせ（1回目・2回目）の件名には、来られる日を {visit_day} と書けます。",
    )
    body = TextField(
        label="本文", max_length=4000, strip=False, widget=forms.Textarea({"rows": 18}),
        help_text="{ } の中は、送るときに一人ひとりの内容に置き換わります。",
    )  # fmt: skip
    field_order = ("subject", "body", "effective_on", "reason")


class GuidanceForm(ProposalForm):
    """What a text of the city says."""

    title = TextField(label="題", max_length=120)
    body = TextField(
        label="本文", max_length=20_000, strip=False, widget=forms.Textarea({"rows": 18}),
        help_text="行の始めの ■ は見出し、・ は箇条書きになります。空の行で段落を分けます。",
    )  # fmt: skip
    field_order = ("title", "body", "effective_on", "reason")


class AnnouncementProposalForm(AnnouncementForm, ProposalForm):
    """What citizens are told on top of every page, planned ahead."""

    effective_on = None  # type: ignore[assignment]  # Django's way to leave a field out
    # An outage cannot wait for approval: it has a page of its own.
    kind = forms.ChoiceField(label="種類", choices=[each for each in KINDS if each[0] != "OUTAGE"])
    field_order = ("kind", "title", "body", "shows_from", "shows_until", "reason")

    @property
    def effective_from(self) -> datetime:
        """From which instant it is shown."""
        shows_from: datetime = self.cleaned_data["shows_from"]
        return shows_from

    @property
    def content(self) -> dict[str, Any]:
        """What is said, and until when."""
        said = {name: self.cleaned_data[name] for name in ("kind", "title", "body")}
        return {**said, "shows_until": self.cleaned_data["shows_until"].isoformat()}


def proposal_form(
    *, kind: ProposalKind, scope: str, typed: Any, content: Mapping[str, Any], on: date, reason: str = ""
) -> ProposalForm:
    """Return the form of a kind of proposal, filled with what stands or what was proposed."""
    initial: dict[str, Any] = {"effective_on": on, "reason": reason, **content}
    match kind:
        case ProposalKind.RULES:
            return RulesForm(typed, scope=scope, initial=initial)
        case ProposalKind.MAIL:
            return MailForm(typed, initial=initial)
        case ProposalKind.TEXT:
            return GuidanceForm(typed, initial=initial)
        case ProposalKind.ANNOUNCEMENT:
            times = {
                name: clock.to_jst(datetime.fromisoformat(content[name]))
                for name in ("shows_from", "shows_until")
                if name in content
            }
            return AnnouncementProposalForm(typed, initial={**initial_of(None), **initial, **times})
