"""What is written about somebody who works here, and about a shared tablet."""

from typing import Any

from django import forms

from madoguchi.accounts.kinds import Role
from madoguchi.accounts.roles import Zone
from madoguchi.offices.selectors import offices
from madoguchi.panels.accounts import UsernameField, ZonePersonForm
from madoguchi.panels.devices import DeviceForm
from madoguchi.web.forms import CheckList


class PersonForm(ZonePersonForm):
    """Who it is, what they do, where, and until when."""

    zone = Zone.CONTRACTOR
    offices = forms.MultipleChoiceField(
        label="担当の郵便局",
        required=False,
        widget=CheckList,
        help_text="役割が「郵便局」の方は、担当の局の予約だけを見られます。",
    )
    field_order = ("username", "display_name", "organisation", "email", "roles", "offices", "leaves_on")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].help_text = "例：中央郵便局、事務局"
        self.fields["offices"].choices = [(row.code, row.name) for row in offices()]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Ask for an office where the role sees nothing without one."""
        cleaned = super().clean() or {}
        if Role.OFFICE in cleaned.get("roles", ()) and not cleaned.get("offices"):
            self.add_error("offices", "担当の郵便局を選んでください。")
        return cleaned


class AccountForm(PersonForm):
    """The same, with the login id of a new account."""

    username = UsernameField()


class OfficeDeviceForm(DeviceForm):
    """A shared tablet and its office."""

    office_code = forms.ChoiceField(label="郵便局")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["office_code"].choices = [(row.code, row.name) for row in offices()]  # type: ignore[attr-defined]
