"""Access control for every page: permissions, network, second factor, session lifetime.

Closed by default: a view that names no policy does not exist for anybody.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from madoguchi.accounts.errors import AccountClosed
from madoguchi.accounts.roles import Zone
from madoguchi.accounts.rules import SESSION_STEP, session_is_over
from madoguchi.accounts.selectors import DeviceRow, device_of, permissions_of_user
from madoguchi.audit.actor import Actor
from madoguchi.common import clock
from madoguchi.common.errors import ContentChanged, NotVisible
from madoguchi.common.unreadable import ValueUnreadable
from madoguchi.web import kept
from madoguchi.web.cookies import read_cookie
from madoguchi.web.errors import not_found, unreadable
from madoguchi.web.network import is_protected
from madoguchi.web.policies import POLICY, Policy
from madoguchi.web.shown import show_anew

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from madoguchi.accounts.models import User

# Views of libraries cannot carry a decorator. What is not listed, sign-up and mail addresses among them,
# answers 404.
ENTRANCE = {"account_login", "account_logout", "account_inactive", "mfa_authenticate", "mfa_login_webauthn"}
OWN_SIGN_IN = {
    "account_change_password",
    "account_reauthenticate",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "mfa_deactivate_totp",
    "mfa_download_recovery_codes",
    "mfa_edit_webauthn",
    "mfa_generate_recovery_codes",
    "mfa_index",
    "mfa_list_webauthn",
    "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn",
    "mfa_remove_webauthn",
    "mfa_view_recovery_codes",
}
PUBLIC = {"set_language"}
# The JSON API asks for a token call by call.
API_APP_NAME = "ninja"

STAFF_PREFIXES = ("/staff/", "/accounts/")
SECOND_FACTORS = {"mfa", "device_pin"}
# What a shared tablet opens, whoever signs in on it: the counter, and in the city's section its decisions.
DEVICE_PERMISSIONS: Mapping[Zone, tuple[str, ...]] = {
    Zone.CONTRACTOR: ("office:",),
    Zone.CITY: ("city:draft:",),
}
DEVICE_COOKIE = "device"
STARTED, SEEN, DEVICE = "started", "seen", "device"
# Sent by pages that look for news by themselves: nobody is at work, and the session still ends.
BY_ITSELF = "X-By-Itself"

PERMISSIONS_POLICY = (
    "camera=(), geolocation=(), microphone=(), payment=(), usb=(), publickey-credentials-get=(self)"
)


class AccessMiddleware:
    """Allow or refuse a request; runs after sessions, users and messages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Add the headers that every page carries; pages for staff stay out of every cache."""
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        kept.forget_left(request, response)
        if getattr(request, "is_staff_side", False):
            response.headers["Cache-Control"] = "no-store"
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], _args: Any, _kwargs: Any
    ) -> HttpResponseBase | None:
        """Refuse the request, or return None to let the view answer it."""
        policy = _policy(request, view)
        # The database keeps no NUL: an address with one means nothing. The API itself names the field.
        has_nul = "%00" in request.META.get("QUERY_STRING", "") and not _is_api(request)
        if policy is None or has_nul:
            raise Http404
        if policy.everyone and not request.path.startswith(STAFF_PREFIXES):
            return _answer_way_out(request)
        request.is_staff_side = True  # type: ignore[attr-defined]
        if not is_protected(request):
            return _refuse(request, "この回線からは利用できません。業務用の端末と回線から開いてください。")
        return None if policy.everyone else _check_person(request, policy)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        """Answer "not there" and "not yours" alike, and say where something is unreadable or has changed."""
        if isinstance(exception, NotVisible):
            return not_found(request, exception)
        if isinstance(exception, ValueUnreadable):
            return unreadable(request, exception)
        if isinstance(exception, ContentChanged):
            return show_anew(request, exception)
        return None


def _answer_way_out(request: HttpRequest) -> HttpResponse | None:
    """Answer a button that leads out of a citizen's form, whatever it holds; a GET shows what was kept."""
    match = request.resolver_match
    if match is None or match.view_name in PUBLIC or _is_api(request):
        return None
    if request.method != "POST":
        if kept.MARK in request.GET:
            kept.restore_form(request)
        return None
    if kept.LEAVE in request.POST:
        return kept.leave_form(request, request.POST[kept.LEAVE])
    return kept.switch_language(request) if kept.LANGUAGE in request.POST else None


def _policy(request: HttpRequest, view: Callable[..., HttpResponseBase]) -> Policy | None:
    if view in POLICY:
        return POLICY[view]
    match = request.resolver_match
    if match is None:
        return None
    if match.view_name in ENTRANCE | PUBLIC or _is_api(request):
        return Policy(everyone=True)
    return Policy() if match.view_name in OWN_SIGN_IN else None


def _is_api(request: HttpRequest) -> bool:
    return request.resolver_match is not None and API_APP_NAME in request.resolver_match.app_names


def _check_person(request: HttpRequest, policy: Policy) -> HttpResponseBase | None:
    user = request.user
    if not user.is_authenticated:
        return _to_sign_in(request)
    on_device = DEVICE in request.session
    tablet = device_of(read_cookie(request, DEVICE_COOKIE)) if on_device else None
    if why := _why_over(request, user, tablet):
        logout(request)
        messages.warning(request, why)
        return _to_sign_in(request)
    permissions = permissions_of_user(user.pk)
    if tablet is not None:
        allowed = DEVICE_PERMISSIONS[tablet.zone]
        permissions = frozenset(each for each in permissions if each.startswith(allowed))
    request.permissions = permissions  # type: ignore[attr-defined]
    request.actor = Actor("staff", str(user.pk))  # type: ignore[attr-defined]
    if not policy.permissions:
        # One's own keys. Not on a shared tablet: a passkey stored there would open the account to colleagues.
        return _refuse(request, "共用の端末では、サインインの方法を変更できません。") if on_device else None
    if not (settings.TRAINING or has_second_factor(request)):
        return redirect("mfa_index")
    if not permissions & policy.permissions:
        return _refuse(
            request,
            "この画面を開く権限がありません。必要なときは、事務局（本市の方は、本市のシステム管理者）に相談してください。",
        )
    return None


def _why_over(request: HttpRequest, user: User, tablet: DeviceRow | None) -> str:
    """Return why the session must end, or "" after noting that it is in use."""
    now, session = clock.now(), request.session
    started = datetime.fromtimestamp(session.setdefault(STARTED, now.timestamp()), UTC)
    seen = datetime.fromtimestamp(session.setdefault(SEEN, now.timestamp()), UTC)
    if session_is_over(started=started, seen=seen, now=now):
        return "15分間操作がなかったか、12時間を過ぎたため、サインアウトしました。"
    if not user.is_open:
        return AccountClosed.message
    if DEVICE in session and (tablet is None or str(tablet.id) != session[DEVICE]):
        return (
            "この端末の登録が外されています。"
            "事務局（本市の方は、本市のシステム管理者）にお問い合わせください。"
        )
    if now - seen >= SESSION_STEP and BY_ITSELF not in request.headers:
        session[SEEN] = now.timestamp()
    return ""


def has_second_factor(request: HttpRequest) -> bool:
    """Tell whether this session was opened with a key, an app, a recovery code, or device and PIN."""
    records = get_authentication_records(request, request.user)
    return any(record["method"] in SECOND_FACTORS for record in records)


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    # Without what was searched for: the way back lies in a session until the second factor is shown.
    return redirect_to_login(request.path if request.method == "GET" else "/staff/")


def _refuse(request: HttpRequest, why: str) -> HttpResponse:
    return render(request, "account/refused.html", {"why": why}, status=403)
