"""allauth as this system uses it: no sign-up, no mail, always a second factor, every change audited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect

from madoguchi.accounts.factors import open_factor, seal_factor
from madoguchi.accounts.lockouts import lockout_key, note_failed_sign_in
from madoguchi.accounts.services import note_security_change, note_sign_in

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from madoguchi.accounts.models import User

KEYS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
ADDED = {"mfa/email/webauthn_added", "mfa/email/totp_activated"}


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are opened by the administrators of their zone only."""

    def is_open_for_signup(self, _request: HttpRequest) -> bool:
        """Refuse sign-up."""
        return False

    def is_safe_url(self, url: str) -> bool:
        """Accept only paths on this host as where to go next, never an address with a host."""
        return url.startswith("/") and super().is_safe_url(url)

    def pre_login(self, request: HttpRequest, user: User, **_kwargs: Any) -> HttpResponse | None:
        """Refuse closed accounts, and outside training passwords without a second factor."""
        if not user.is_open:
            return redirect("account_inactive")
        if not settings.TRAINING and not is_mfa_enabled(user, KEYS):
            messages.warning(
                request,
                "パスワードだけではサインインできません。開始コードを使って、キーを登録してください。",
            )
            return redirect("login:start")
        return None

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """Record the sign-in and its method."""
        records = get_authentication_records(request, user)
        note_sign_in(user_id=user.pk, method="+".join(_method(record) for record in records))
        return super().post_login(request, user, **kwargs)

    def authentication_failed(self, _request: HttpRequest, **credentials: Any) -> None:
        """Record a refused password."""
        note_failed_sign_in(username=str(credentials.get("username", "")))

    def send_notification_mail(self, template_prefix: str, user: User, **_kwargs: Any) -> None:
        """Record a change of keys in the audit trail, instead of the mail that allauth would send.

        Whoever has just registered a key has shown it: the session counts as opened with it.
        """
        note_security_change(user_id=user.pk, change=template_prefix.rpartition("/")[2])
        if template_prefix in ADDED:
            record_authentication(self.request, user, "mfa", type="registered")


class MfaAdapter(DefaultMFAAdapter):
    """Secrets of apps and recovery codes are sealed; the last key stays."""

    def encrypt(self, text: str) -> str:
        """Seal a secret before it is stored."""
        return seal_factor(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Open a stored secret."""
        return open_factor(encrypted_text)

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:  # noqa: A002 - allauth's word
        """Return a number for a name; the owner of the key may give it a better one."""
        return f"キー{Authenticator.objects.filter(user=user, type=type).count() + 1}"

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Keep the last key: who loses it asks for a new start."""
        others = Authenticator.objects.filter(user=authenticator.user_id, type__in=KEYS)
        return others.exclude(pk=authenticator.pk).exists()


def lockout_name(_request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """Count wrong passwords per account, however its name is capitalised, and keep no name."""
    return lockout_key(str((credentials or {}).get("username", "")))


def _method(record: dict[str, Any]) -> str:
    return str(record.get("type") or record["method"])
