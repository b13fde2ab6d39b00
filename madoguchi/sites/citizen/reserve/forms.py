"""What people type on the way to a booking. Cleaned values are kept as form data: plain text and numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any, ClassVar, Self, cast

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from madoguchi.common.dates import change_dates
from madoguchi.contract.addresses import with_town
from madoguchi.contract.rows import ProcedureRow
from madoguchi.contract.selectors import postal_area, program
from madoguchi.panels.person_form import check_addresses_and_change, needs_residence, remove_unasked_fields
from madoguchi.reservations.people import Details, Person
from madoguchi.reservations.rules import MAX_PARTY_SIZE, Conditions
from madoguchi.sites.citizen.presenters.person import CHANGES
from madoguchi.web.forms import (
    BirthDateField,
    CheckList,
    CheckTiles,
    DatePartsField,
    KanaField,
    LineField,
    MailAddressField,
    NameField,
    NumberField,
    PhoneField,
    PostalCodeField,
    RadioTiles,
    TextField,
    TileChoice,
)
from madoguchi.web.kept import may_be_kept


class StepForm(forms.Form):
    """A form whose typed values, right or wrong, can be put away and shown again."""

    def typed(self) -> dict[str, Any]:
        """Return what was typed, as it was typed, to be kept: but for what may not even be kept sealed."""
        values = {
            name: field.widget.value_from_datadict(self.data, self.files, self.add_prefix(name))
            for name, field in self.fields.items()
        }
        return {name: value for name, value in values.items() if may_be_kept(value)}

    @classmethod
    def shown(cls, typed: Mapping[str, Any] | None, **kwargs: Any) -> Self:
        """Return the form as it was left, without errors."""
        return cls(initial=dict(typed or {}), **kwargs)


def ask_which_certificate(form: forms.Form, cleaned: Mapping[str, Any]) -> None:
    """Explain beside the boxes that a certificate is either renewed or issued, where both were chosen."""
    if {"CERT_RENEW", "CERT_ISSUE"} <= set(cleaned.get("procedures", ())):
        form.add_error(
            "procedures",
            _(
                "電子証明書の更新と新規発行は、どちらか1つを選んでください。有効期限が切れる前の方は更新、"
                "切れた方や、電子証明書を入れていない方は新規発行です"
            ),
        )


def _head_counts() -> list[tuple[str, str]]:
    """Return how many may book together; in words made now, in the language of now."""
    return [
        (str(number), gettext("%(people)d人") % {"people": number}) for number in range(1, MAX_PARTY_SIZE + 1)
    ]


class ProceduresForm(StepForm):
    """Step 1: the procedures, the two dates of expiry, and what would lead to the ward office instead."""

    office = LineField(required=False, widget=forms.HiddenInput)
    people = forms.ChoiceField(
        label=_("手続きをする方の人数"),
        help_text=_(
            "ご家族などの分も、続けて予約できます。手続きの日に%(age)d歳未満の方は、郵便局では予約できません。"
            "お住まいの区の区役所で受け付けています。"
        ),
        widget=RadioTiles,
        choices=_head_counts,
        initial="1",
        error_messages={"required": _("手続きをする方の人数を選んでください")},
    )
    procedures = forms.MultipleChoiceField(
        label=_("希望する手続き"),
        help_text=_("あてはまるものを、すべて選んでください。"),
        widget=CheckTiles,
        error_messages={"required": _("希望する手続きを、1つ以上選んでください")},
    )
    card_expires_on = DatePartsField(
        label=_("① カードの有効期限"),
        required=False,
        error_messages={"invalid": _("カードの有効期限は、2035年5月10日 のように入力してください")},
    )
    cert_expires_on = DatePartsField(
        label=_("② 電子証明書の有効期限"),
        required=False,
        error_messages={"invalid": _("電子証明書の有効期限は、2030年5月10日 のように入力してください")},
    )
    # Asked only where the end of the certificate decides and was left out.
    cert_unknown = forms.BooleanField(label=_("電子証明書の有効期限は、わからない"), required=False)
    who = forms.ChoiceField(
        label=_("郵便局に行く方"),
        widget=RadioTiles,
        choices=[
            ("self", TileChoice(_("手続きをするご本人が行きます"), _("付き添いの方も、一緒に行けます。"))),
            ("agent", TileChoice(_("代理の方が行きます"), _("区役所の窓口をご案内します。"))),
        ],
        error_messages={"required": _("郵便局に行く方を選んでください")},
    )
    conditions = forms.MultipleChoiceField(
        label=_("次の中に、あてはまるものはありますか"),
        help_text=_("なければ、選ばずに進んでください。あてはまる方には、区役所の窓口をご案内します。"),
        required=False,
        widget=CheckTiles,
    )

    CONDITIONS: ClassVar[tuple[tuple[str, Any], ...]] = (
        ("under_15", _("手続きの日に%(age)d歳未満です")),
        ("not_resident", _("%(city)sに住民登録がありません")),
        (
            "continuation",
            _("ほかの市区町村から引っ越してきて、カードの「継続利用」の手続きをしていません"),
        ),
        ("period_of_stay", _("外国籍で、在留期間に期限があります")),
        ("face_auth_card", _("暗証番号のないカード（顔認証マイナンバーカード）です")),
    )

    def __init__(
        self,
        *args: Any,
        procedures: Sequence[ProcedureRow],
        city: str,
        min_age: int,
        asks_people: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        facts = {"city": city, "age": min_age}
        self.fields["people"].help_text = str(self.fields["people"].help_text) % facts
        if not asks_people:
            del self.fields["people"]
        offered = [(str(row.code), TileChoice(row.name, row.explanation)) for row in procedures]
        said = [(code, TileChoice(str(text) % facts)) for code, text in self.CONDITIONS]
        for name, options in (("procedures", offered), ("conditions", said)):
            cast("forms.MultipleChoiceField", self.fields[name]).choices = options

    def clean(self) -> dict[str, Any]:
        """Ask whether the certificate is renewed or issued where both were chosen."""
        cleaned = super().clean() or {}
        ask_which_certificate(self, cleaned)
        return cleaned

    def ask_for_certificate(self) -> None:
        """Ask for the end of the certificate, or to say that it is not known."""
        self.add_error(
            "cert_unknown",
            _(
                "カードの有効期限が近いので、②の日付も入力してください。2つの日付が同じ方は、区役所でカードを作り直します。"
                "②がわからないときは、ここにチェックを入れてください"
            ),
        )

    def how_many(self, before: int) -> int:
        """Return how many come; as many as before where it was not asked."""
        return int(self.cleaned_data["people"]) if "people" in self.fields else before

    def conditions_row(self) -> Conditions:
        """Return what was said, for the rules to judge."""
        cleaned = self.cleaned_data
        return Conditions.from_answers(cleaned, comes_in_person=cleaned["who"] == "self")


class PostalSearchForm(forms.Form):
    """Step 2: the postal code from which the nearest offices are looked for; it is kept."""

    postal_code = PostalCodeField(
        label=_("郵便番号"),
        help_text=_("ハイフンは、あってもなくてもかまいません。"),
        error_messages={"required": _("郵便番号は、810-0001 のように7桁の数字で入力してください")},
    )


class SlotForm(forms.Form):
    """Step 3: the time, by the slot with which the visit starts."""

    slot = NumberField(
        error_messages={"required": _("時間を選んでください"), "invalid": _("時間を選んでください")},
    )


class ConsentForm(forms.Form):
    """Step 5: the last press."""

    consent = forms.BooleanField(
        label=_("取扱いに同意します"),
        error_messages={
            "required": _("個人情報の取扱いに同意する方は、四角を押してチェックを付けてください")
        },
    )


def name_call_centre(field: forms.Field) -> None:
    """Put name and number of the call centre into a hint."""
    row = program()
    field.help_text = field.help_text % {"centre": row.call_centre_name, "phone": row.call_centre_phone}


def require_mail_address(form: forms.Form, cleaned: Mapping[str, Any]) -> None:
    """Ask for the address when mail is the way somebody wishes to be reached."""
    if cleaned.get("contact_by") == "MAIL" and not cleaned.get("email") and "email" not in form.errors:
        form.add_error("email", _("メールでの連絡を希望する方は、メールアドレスを入力してください"))


class DetailsForm(StepForm):
    """Step 4: who comes. Fields of some procedures are there only for these, 性別 only when the rule asks."""

    name = NameField(
        label=_("お名前"),
        help_text=_("カードのとおりに入力してください。"),
        max_length=100,
        widget=forms.TextInput({"autocomplete": "name"}),
        error_messages={"required": _("お名前を、カードのとおりに入力してください")},
    )
    name_differs = forms.BooleanField(label=_("カードのとおりに入力できない字がある"), required=False)
    unreadable_characters = TextField(
        label=_("入力できない字の説明"),
        help_text=_("「高橋の高は、はしごだか」のように、言葉で書いてください。"),
        max_length=100,
        required=False,
    )
    name_kana = KanaField(
        label=_("フリガナ"),
        help_text=_("カタカナがない方（外国籍の方など）は、空欄のまま進めます。"),
        max_length=100,
        required=False,
    )
    called_name = NameField(
        label=_("お呼びする名前"),
        help_text=_(
            "旧氏（旧姓）や通称など、郵便局の窓口で別のお名前でお呼びしてほしい方は、入力してください。"
        ),
        max_length=60,
        required=False,
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    birth_date = BirthDateField(
        label=_("生年月日"),
        help_text=_(
            "西暦のときは、元号のところで「西暦」を選んでください。"
            "月や日が不詳の方は、%(centre)s（%(phone)s）にお電話ください。"
        ),
    )
    sex = forms.ChoiceField(
        label=_("性別"),
        widget=RadioTiles,
        choices=[("MALE", _("男")), ("FEMALE", _("女")), ("NOT_TOLD", _("回答しない"))],
        error_messages={"required": _("性別を選んでください。「回答しない」も選べます")},
    )
    postal_code = PostalCodeField(
        label=_("郵便番号"),
        error_messages={"required": _("郵便番号は、810-0001 のように7桁の数字で入力してください")},
    )
    address = TextField(
        label=_("住所"),
        help_text=_("住民票の住所を入力してください。"),
        max_length=120,
        widget=forms.TextInput({"autocomplete": "address-line1"}),
        error_messages={"required": _("住所を、町名まで入力してください")},
    )
    address_rest = TextField(
        label=_("番地・建物名・部屋番号"),
        max_length=120,
        widget=forms.TextInput({"autocomplete": "address-line2"}),
        error_messages={"required": _("番地を入力してください")},
    )
    lives_in_city = forms.BooleanField(required=False)
    phone = PhoneField(
        label=_("電話番号"),
        help_text=_("昼間に連絡のつく番号を入力してください。お申込み内容について確認することがあります。"),
        error_messages={"required": _("電話番号は、090-1234-5678 のように入力してください")},
    )
    email = MailAddressField(
        label=_("メールアドレス"),
        help_text=_("予約の控えと、予約の日が近づいたときのお知らせをお送りします。"),
        required=False,
        widget=forms.EmailInput({"autocomplete": "email"}),
    )
    contact_by = forms.ChoiceField(
        label=_("ご連絡の方法"),
        help_text=_("お申込み内容について確認したいことがあるときに使います。"),
        widget=RadioTiles,
        choices=[
            ("PHONE", _("電話")),
            ("MAIL", _("メール（電話を使えない方など）")),
            ("LETTER", _("手紙")),
        ],
        initial="PHONE",
        error_messages={"required": _("ご連絡の方法を選んでください")},
    )
    unknown_pins = forms.MultipleChoiceField(
        label=_("わからない暗証番号"),
        help_text=_("あてはまるものを選んでください。暗証番号そのものは、入力しないでください。"),
        widget=CheckList,
        choices=[
            ("FOUR_DIGITS", _("数字4桁の暗証番号")),
            ("SIGNING", _("英数字6〜16文字の暗証番号")),
            ("UNSURE", _("どちらか、はっきりしない")),
        ],
        error_messages={"required": _("わからない暗証番号を選んでください")},
    )
    changes = forms.MultipleChoiceField(
        label=_("変わったもの"),
        help_text=_(
            "あてはまるものを、すべて選んでください。氏名が変わった方も、新しい氏名の入力はいりません。"
        ),
        widget=CheckList,
        choices=list(CHANGES.items()),
        error_messages={"required": _("変わったものを、1つ以上選んでください")},
    )
    new_address = TextField(
        label=_("新しい住所"),
        help_text=_("住所が変わった方は、区役所に届け出たとおりに入力してください。"),
        max_length=200,
        required=False,
    )
    old_address = TextField(
        label=_("カードに書かれている、前の住所"),
        max_length=200,
        required=False,
    )
    changed_on = DatePartsField(
        label=_("変更した日"),
        help_text=_("引っ越した日や、氏名が変わった日です。わからないときは、空欄のまま進めます。"),
        required=False,
        within=change_dates,
        error_messages={"invalid": _("変更した日は、2026年10月1日 のように入力してください")},
    )
    needs = forms.MultipleChoiceField(
        label=_("当日に必要なこと"),
        help_text=_("郵便局の係員に伝えます。"),
        required=False,
        widget=CheckList,
        choices=[
            ("WRITING", _("筆談を希望します")),
            ("WHEELCHAIR", _("車いすで行きます")),
            ("READING", _("書類を読み上げてほしい")),
            ("COMPANION", _("付き添いの人がいます")),
        ],
    )

    # What a family often has in common.
    SHARED: ClassVar = ("postal_code", "address", "address_rest", "phone", "email", "contact_by")

    def __init__(
        self, *args: Any, procedures: Sequence[str], visit_on: date | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.procedures = procedures
        cast("BirthDateField", self.fields["birth_date"]).visit_on = visit_on
        remove_unasked_fields(self, procedures)
        name_call_centre(self.fields["birth_date"])
        city = {"city": program().city_name}
        self.fields["lives_in_city"].label = _("住民登録は、%(city)sにあります") % city

    def clean(self) -> dict[str, Any]:
        """Require the fields that another answer makes necessary."""
        cleaned = super().clean() or {}
        if cleaned.get("name_differs") and not cleaned.get("unreadable_characters"):
            self.add_error(
                "unreadable_characters", _("入力できない字を、「はしごだか」のように言葉で書いてください")
            )
        require_mail_address(self, cleaned)
        check_addresses_and_change(self, cleaned)
        if needs_residence(cleaned):
            self.add_error(
                "lives_in_city",
                _(
                    "ご住所が、%(city)sの外のようです。郵便番号と住所を確かめて、"
                    "正しいときは、ここにチェックを入れてください"
                )
                % {"city": program().city_name},
            )
        return cleaned

    def with_contact(self, first: Mapping[str, Any]) -> dict[str, Any]:
        """Return what was typed with address and contact of the first person."""
        return {**self.typed(), **{name: first.get(name, "") for name in self.SHARED}}

    def with_address(self) -> dict[str, Any]:
        """Return what was typed with the town of the postal code before the address.

        {} without such a town; then the form says only that.
        """
        typed = self.typed()
        try:
            area = postal_area(self.fields["postal_code"].clean(typed.get("postal_code", "")))
        except forms.ValidationError:
            area = None
        if area is not None:
            return {**typed, "address": with_town(typed.get("address", ""), area)}
        self.errors.clear()
        self.add_error("postal_code", _("この郵便番号から住所を調べられませんでした。住所を入力してください"))
        return {}

    def person(self, *, card_expires_on: str, cert_expires_on: str) -> dict[str, Any]:
        """Return the person as plain values to be kept."""
        cleaned = self.cleaned_data
        area = postal_area(cleaned["postal_code"])
        changed_on = cleaned.get("changed_on")
        return asdict(
            Person(
                name=cleaned["name"],
                name_kana=cleaned["name_kana"],
                birth_date=cleaned["birth_date"],
                postal_code=cleaned["postal_code"],
                address=cleaned["address"] + cleaned["address_rest"],
                phone=cleaned["phone"],
                email=cleaned["email"],
                contact_by=cleaned["contact_by"],
                ward_code=area.ward if area else "",
                details=Details(
                    card_expires_on=card_expires_on,
                    cert_expires_on=cert_expires_on,
                    unknown_pins=tuple(cleaned.get("unknown_pins", ())),
                    changes=tuple(cleaned.get("changes", ())),
                    old_address=cleaned.get("old_address", ""),
                    new_address=cleaned.get("new_address", ""),
                    changed_on=changed_on.isoformat() if changed_on else "",
                    sex=cleaned.get("sex", ""),
                    unreadable_characters=cleaned["unreadable_characters"],
                    called_name=cleaned["called_name"],
                    needs=tuple(cleaned["needs"]),
                ),
            )
        ) | {"birth_date": cleaned["birth_date"].isoformat()}
