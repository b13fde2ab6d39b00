"""What is written about somebody who works here, and about a shared tablet."""

from typing import Any

from django import forms

from madoguchi.accounts.roles import ROLE_NAMES, Role
from madoguchi.offices.selectors import offices
from madoguchi.web.forms import CheckList, MailAddressField, TextField
from madoguchi.workflows.staff import Person


class PersonForm(forms.Form):
    """Who it is, what they do, where, and until when."""

    display_name = TextField(label="氏名", max_length=60)
    organisation = TextField(label="所属", max_length=60, help_text="例：中央郵便局、本市 市民課")
    # Not type="email": the browser would refuse what the reader understands.
    email = MailAddressField(
        label="メールアドレス",
        required=False,
        help_text="サインインには使いません。",
        widget=forms.TextInput({"inputmode": "email"}),
    )
    roles = forms.TypedMultipleChoiceField(
        label="役割",
        coerce=Role,
        choices=[(role.value, name) for role, name in ROLE_NAMES.items()],
        widget=CheckList,
    )
    offices = forms.MultipleChoiceField(
        label="担当の郵便局",
        required=False,
        widget=CheckList,
        help_text="役割が「郵便局」の方は、担当の局の予約だけを見られます。",
    )
    leaves_on = forms.DateField(
        label="利用できる最後の日",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="この日の翌日から、サインインできなくなります。",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["offices"].choices = [(row.code, row.name) for row in offices()]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Ask for an office where the role sees nothing without one."""
        cleaned = super().clean() or {}
        if Role.OFFICE in cleaned.get("roles", ()) and not cleaned.get("offices"):
            self.add_error("offices", "担当の郵便局を選んでください。")
        return cleaned

    @property
    def person(self) -> Person:
        """What was typed, for the workflow."""
        return Person(**{name: self.cleaned_data[name] for name in PersonForm.base_fields})


class AccountForm(PersonForm):
    """The same, with the login id of a new account."""

    username = TextField(
        label="ログインID",
        max_length=32,
        help_text="英小文字で始まる3〜32文字。英小文字・数字と「.」「-」「_」が使えます。",
    )
    field_order = ["username"]


class DeviceForm(forms.Form):
    """A shared tablet and its office."""

    label = TextField(
        label="端末の名前", max_length=40, help_text="機器管理シールの番号など、見分けられる名前。"
    )
    office_code = forms.ChoiceField(label="郵便局")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["office_code"].choices = [(row.code, row.name) for row in offices()]  # type: ignore[attr-defined]
