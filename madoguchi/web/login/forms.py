"""The forms of the sign-in pages, with our words; what they check is allauth's."""

from typing import TYPE_CHECKING, Any

from allauth.account.forms import LoginForm, ReauthenticateForm
from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as ReauthenticateCodeForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django import forms

from madoguchi.accounts.guesses import Secret, limit_guesses
from madoguchi.common.errors import Refusal
from madoguchi.web.forms import LineField, SecretField, clean_input_of, field_error
from madoguchi.web.network import client_address

if TYPE_CHECKING:
    from madoguchi.accounts.models import User

CODE = {"autocomplete": "one-time-code", "inputmode": "numeric"}
PASSWORD = {"autocomplete": "new-password"}
PIN = {"autocomplete": "off", "inputmode": "numeric", "maxlength": "8"}


class SignInForm(LoginForm):
    """Login id and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _label_and_clean(self, login="ログインID", password="パスワード")  # noqa: S106 - a label
        self.fields["password"].help_text = ""


class ConfirmForm(ReauthenticateForm):
    """The password once more, before keys are changed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _label_and_clean(self, password="パスワード")  # noqa: S106 - a label


class LimitedCode:
    """For a form with a code, which is refused after too many wrong ones of the account or the address."""

    user: "User"

    def clean_code(self) -> str:
        """Check the code. The library counts by address only, and only for a minute."""
        source = client_address(context.request)
        try:
            with limit_guesses(Secret.ONE_TIME_CODE, source=source, target=str(self.user.pk)):
                code: str = super().clean_code()  # type: ignore[misc]  # of the form
        except Refusal as refusal:
            raise field_error(refusal) from refusal
        return code


class CodeForm(LimitedCode, AuthenticateForm):
    """The six digits of an app, or a recovery code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _label_and_clean(self, code="確認コード（または回復コード）")
        self.fields["code"].widget.attrs.update(CODE)


class ConfirmCodeForm(LimitedCode, ReauthenticateCodeForm):
    """The same once more, before keys are changed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _label_and_clean(self, code="確認コード（または回復コード）")
        self.fields["code"].widget.attrs.update(CODE)


class ActivateAppForm(ActivateTOTPForm):
    """The first six digits an app shows."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _label_and_clean(self, code="アプリに表示された6桁の数字")
        self.fields["code"].widget.attrs.update(CODE)


class AddKeyForm(AddWebAuthnForm):
    """A new passkey or security key; it opens the account without a password unless told otherwise."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _label_and_clean(self, name="キーの名前", passwordless="パスワードなしでサインインできるようにする")
        self.fields["name"].help_text = "あとで見分けるための名前です。例：事務局のパソコン、予備のキー"
        self.fields["name"].required = True
        self.fields["passwordless"].initial = True
        self.fields["passwordless"].help_text = ""


class RenameKeyForm(EditWebAuthnForm):
    """Another name for a key."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _label_and_clean(self, name="キーの名前")


class CodeAndSecretForm(forms.Form):
    """The one-time start code, and a secret chosen by its owner, typed twice.

    `secret_field` is the name of the field of the secret, `again` that of its repetition.
    """

    username = LineField(label="ログインID", max_length=32)
    code = LineField(
        label="開始コード",
        max_length=40,
        help_text="紙で受け取った12文字です。大文字・小文字と、間の「-」は区別しません。",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    secret_field: str

    def clean(self) -> dict[str, Any]:
        """Compare the two entries; a secret nobody can see is easily mistyped."""
        cleaned = super().clean() or {}
        # An empty field has its own sentence.
        if {self.secret_field, "again"} <= cleaned.keys() and cleaned[self.secret_field] != cleaned["again"]:
            self.add_error("again", "2回の入力が一致していません。もう一度入力してください。")
        return cleaned


class StartForm(CodeAndSecretForm):
    """Start with a password."""

    password = SecretField(
        label="新しいパスワード",
        max_length=128,
        help_text="12文字以上。ほかで使っているものや、推測されやすいものは使えません。",
        widget=forms.PasswordInput(attrs=PASSWORD),
    )
    again = SecretField(label="新しいパスワード（もう一度）", widget=forms.PasswordInput(attrs=PASSWORD))
    secret_field = "password"  # noqa: S105 - the name of a field


class StartAtDeviceForm(CodeAndSecretForm):
    """Start with a PIN, on an enrolled tablet."""

    pin = LineField(
        label="サインイン番号",
        help_text="6〜8桁の数字を決めてください。マイナンバーや、カードの暗証番号は使わないでください。",
        widget=forms.PasswordInput(attrs=PIN),
    )
    again = LineField(label="サインイン番号（もう一度）", widget=forms.PasswordInput(attrs=PIN))
    secret_field = "pin"  # noqa: S105 - the name of a field


class PinForm(forms.Form):
    """Who stands at the tablet, and their PIN."""

    person = forms.TypedChoiceField(label="お名前", coerce=int, widget=forms.RadioSelect)
    pin = LineField(label="サインイン番号", widget=forms.PasswordInput(attrs=PIN))

    def __init__(self, *args: Any, people: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].choices = people  # type: ignore[attr-defined]


class EnrolForm(forms.Form):
    """The one-time code of a new shared tablet."""

    code = LineField(
        label="端末登録コード", max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


def _label_and_clean(form: forms.BaseForm, **labels: str) -> None:
    """Give the fields our labels, and clean what is typed into them; a password stays as it is."""
    for name, label in labels.items():
        form.fields[name].label = label
        form.fields[name].widget.attrs.pop("placeholder", None)
        if name != "password":
            clean_input_of(form.fields[name])
