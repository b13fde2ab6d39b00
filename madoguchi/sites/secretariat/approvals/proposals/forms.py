"""What the secretariat proposes: rules of one place, a text, an announcement, master data; from when, why."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any, Final

from django import forms

from madoguchi.common import clock
from madoguchi.contract.kinds import ProposalKind
from madoguchi.contract.rules import RULES, RuleKind
from madoguchi.contract.selectors import own_rules, procedures
from madoguchi.notifications.announcements import KINDS
from madoguchi.sites.secretariat.messages.announcements.forms import AnnouncementForm, initial_of
from madoguchi.web.days import MomentField, TermDayField
from madoguchi.web.forms import CheckList, DegreesField, NumberField, PostalCodeField, TextField, TimeField
from madoguchi.workflows.approvals.master import MASTERS, written


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


# Before the name of a rule: the box that gives it back to the value of all offices.
BACK: Final = "back_"


class RulesForm(ProposalForm):
    """The rules of all offices or of one, which may give its own back to the common value."""

    def __init__(self, *args: Any, scope: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = own_rules(clock.now(), scope) if scope else frozenset()
        for key, kind in RULES.items():
            if kind.by_office or not scope:
                self.fields[key] = rule_field(kind)
                if key in own:
                    self.fields[f"{BACK}{key}"] = forms.BooleanField(
                        label=f"{kind.label}を全局に共通の値に戻す", required=False
                    )

    @property
    def content(self) -> dict[str, Any]:
        """The rules in their written form: times as text, None for one that is given back."""
        said = super().content
        return {
            key: None if said.get(f"{BACK}{key}") else f"{value:%H:%M}" if isinstance(value, time) else value
            for key, value in said.items()
            if not key.startswith(BACK)
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
    is_removed = forms.BooleanField(
        label="この案内文を取り除く",
        required=False,
        help_text="申請者の画面と電話の台本に出なくなります。文はここに残り、あとで戻す案を書けます。",
    )
    field_order = ("title", "body", "is_removed", "effective_on", "reason")


class MasterForm(ProposalForm):
    """Some fields of a row of master data."""

    @property
    def content(self) -> dict[str, Any]:
        """The fields in their written form."""
        return {name: written(value) for name, value in super().content.items()}


class WaveForm(MasterForm):
    """When a wave of offices opens."""

    opens_on = TermDayField(
        label="手続きを始める日", help_text="この日から、この開設時期の郵便局で手続きできます。"
    )
    booking_opens_at = MomentField(
        label="予約の受付を始める日時", help_text="手続きを始める日か、その前にします。"
    )
    field_order = ("opens_on", "booking_opens_at", "effective_on", "reason")


class OfficeForm(MasterForm):
    """What is told about an office."""

    name = TextField(label="名前", max_length=60)
    short_name = TextField(label="短い名前", max_length=40, help_text="一覧や用紙で使います。")
    kana = TextField(label="フリガナ", max_length=80)
    postal_code = PostalCodeField(label="郵便番号")
    address = TextField(label="所在地", max_length=120)
    phone = TextField(
        label="電話番号",
        max_length=13,
        required=False,
        help_text="092-000-0000 のように、ハイフンで区切ります。職員の画面だけに出ます。",
    )
    access = TextField(label="行き方", max_length=200, required=False)
    facilities = TextField(
        label="設備", max_length=200, required=False, help_text="駐車場、段差、トイレ、筆談など。"
    )
    notes = TextField(
        label="備考", max_length=200, required=False, help_text="工事中の入口など、来る方に知らせること。"
    )
    latitude = DegreesField(
        label="緯度",
        required=False,
        min_value=20,
        max_value=46,
        help_text="33.5902 のように。近い順に並べるために使います。",
    )
    longitude = DegreesField(
        label="経度", required=False, min_value=122, max_value=154, help_text="130.4017 のように。"
    )
    field_order = (*MASTERS[ProposalKind.OFFICE].fields, "effective_on", "reason")


class BelongingForm(MasterForm):
    """A thing to bring, and for which procedures."""

    text = TextField(label="持参物", max_length=200)
    hint = TextField(label="説明", max_length=300, required=False)
    procedures = forms.MultipleChoiceField(
        label="手続き",
        widget=CheckList,
        required=False,
        help_text="どれも選ばないと、すべての手続きの持参物になります。",
    )
    field_order = ("text", "hint", "procedures", "effective_on", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = procedures(enabled_only=False)
        self.fields["procedures"].choices = [(row.code, row.short_name) for row in rows]  # type: ignore[attr-defined]


class ProcedureForm(MasterForm):
    """What a procedure is called, and how it is explained."""

    name = TextField(label="名前", max_length=60)
    short_name = TextField(label="短い名前", max_length=20, help_text="一覧や用紙で使います。")
    explanation = TextField(label="説明", max_length=200, widget=forms.Textarea({"rows": 3}))
    field_order = ("name", "short_name", "explanation", "effective_on", "reason")


MASTER_FORMS: Final[Mapping[ProposalKind, type[MasterForm]]] = {
    ProposalKind.WAVE: WaveForm,
    ProposalKind.OFFICE: OfficeForm,
    ProposalKind.BELONGING: BelongingForm,
    ProposalKind.PROCEDURE: ProcedureForm,
}


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
            given_back = {f"{BACK}{key}": True for key, value in content.items() if value is None}
            return RulesForm(typed, scope=scope, initial=initial | given_back)
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
        case ProposalKind.WAVE:
            day = date.fromisoformat(content["opens_on"])
            moment = clock.to_jst(datetime.fromisoformat(content["booking_opens_at"]))
            return WaveForm(typed, initial={**initial, "opens_on": day, "booking_opens_at": moment})
        case master:
            return MASTER_FORMS[master](typed, initial=initial)
