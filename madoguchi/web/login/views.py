"""Sign-in pages of our own beside allauth's: first start, shared tablets, the training system's people."""

from typing import TYPE_CHECKING

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import get_next_redirect_url
from django.conf import settings
from django.contrib.auth import login, logout
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from madoguchi.accounts.errors import PasswordWeak, PinWeak
from madoguchi.accounts.kinds import Permission
from madoguchi.accounts.selectors import DeviceRow, device_of, people_at
from madoguchi.accounts.services import demo_user, note_sign_in, start_with_password
from madoguchi.accounts.tablets import enrol_device, sign_in_at_device, start_at_device
from madoguchi.common.errors import Refusal
from madoguchi.web.cookies import read_cookie, set_cookie
from madoguchi.web.forms import add_refusal
from madoguchi.web.login.forms import EnrolForm, PinForm, StartAtDeviceForm, StartForm
from madoguchi.web.middleware import DEVICE, DEVICE_COOKIE
from madoguchi.web.network import client_address
from madoguchi.web.policies import StaffRequest, open_to, open_to_everyone

if TYPE_CHECKING:
    from madoguchi.accounts.models import User

BACKEND = "django.contrib.auth.backends.ModelBackend"
TEN_YEARS = 10 * 365 * 24 * 60 * 60
# In the order in which somebody with several sees them.
SITES = (
    (Permission.SECRETARIAT_RESERVATION_READ, "事務局", "secretariat:home"),
    (Permission.OPERATOR_RESERVATION_READ, "予約専用コールセンター", "operator:desk"),
    (Permission.OFFICE_RESERVATION_READ, "郵便局", "/office/"),
    (Permission.CITY_PROPOSAL_APPROVE, "本市", "city:proposals-list"),
    (Permission.INSPECTION_EVIDENCE_READ, "検査・監査", "city:inspection-evidence"),
)
# For those who have none of these: an administrator, the city's administrator, who erases and discloses.
OTHERS = (
    (Permission.SECRETARIAT_ACCOUNT_WRITE, "アカウントと端末", "secretariat:accounts-list"),
    (Permission.CITY_ACCOUNT_WRITE, "本市のアカウント", "city:accounts-list"),
    (Permission.SECRETARIAT_RETENTION_READ, "保存期間と消去", "secretariat:retention"),
)


@open_to(*Permission)
def landing(request: StaffRequest) -> HttpResponse:
    """Send people to their site; those with several choose."""
    mine, others = (
        [(name, page) for permission, name, page in places if permission in request.permissions]
        for places in (SITES, OTHERS)
    )
    sites = mine or others
    if len(sites) == 1:
        return redirect(sites[0][1])
    sites = [(name, resolve_url(page)) for name, page in sites]
    return render(request, "account/landing.html", {"sites": sites})


@open_to_everyone
@sensitive_post_parameters()
def start(request: HttpRequest) -> HttpResponse:
    """Spend a start code: on an enrolled tablet for a PIN, elsewhere for a password and then a key."""
    tablet = _device(request)
    form = (StartAtDeviceForm if tablet else StartForm)(request.POST or None)
    if form.is_valid():
        typed = form.cleaned_data
        del typed["again"]
        try:
            if tablet:
                user = start_at_device(device_id=tablet.id, **typed, source=client_address(request))
                return _enter(request, user, "device_pin", tablet)
            user = start_with_password(**typed, source=client_address(request))
            return _enter(request, user, "start_code")
        except Refusal as refusal:
            add_refusal(form, refusal, {PasswordWeak: "password", PinWeak: "pin"})
    return render(request, "account/start.html", {"form": form, "device": tablet})


@open_to_everyone
@sensitive_post_parameters()
def device(request: HttpRequest) -> HttpResponse:
    """Let the people of an office, or of the city, sign in on their tablet: pick the name, type the PIN."""
    tablet = _device(request)
    if tablet is None:
        return redirect("login:enrol")
    people = people_at(tablet.id)
    form = PinForm(request.POST or None, people=[(person.id, person.display_name) for person in people])
    if form.is_valid():
        try:
            user = sign_in_at_device(
                device_id=tablet.id,
                user_id=form.cleaned_data["person"],
                pin=form.cleaned_data["pin"],
                source=client_address(request),
            )
            return _enter(request, user, "device_pin", tablet)
        except Refusal as refusal:
            add_refusal(form, refusal, dict.fromkeys([type(refusal)], "pin"))
    return render(request, "account/device.html", {"form": form, "device": tablet, "people": people})


@open_to_everyone
def enrol(request: HttpRequest) -> HttpResponse:
    """Make this tablet one of the shared devices, with the code that the administrators of its zone gave."""
    form = EnrolForm(request.POST or None)
    if form.is_valid():
        try:
            secret = enrol_device(code=form.cleaned_data["code"], source=client_address(request))
        except Refusal as refusal:
            add_refusal(form, refusal, dict.fromkeys([type(refusal)], "code"))
        else:
            response = redirect("login:device")
            set_cookie(response, DEVICE_COOKIE, secret, max_age=TEN_YEARS, samesite="Strict")
            return response
    return render(request, "account/enrol.html", {"form": form})


@open_to_everyone
@require_POST
def demo(request: HttpRequest) -> HttpResponse:
    """Sign in as a made-up person of the training system, with one tap."""
    if not settings.TRAINING:
        raise Http404
    return _enter(request, demo_user(username=request.POST.get("username", "").replace("\0", "")), "demo")


def _device(request: HttpRequest) -> DeviceRow | None:
    return device_of(read_cookie(request, DEVICE_COOKIE))


def _enter(request: HttpRequest, user: "User", method: str, on: DeviceRow | None = None) -> HttpResponse:
    # Whoever was signed in here is gone, with everything their session held.
    logout(request)
    login(request, user, backend=BACKEND)
    record_authentication(request, user, method, reauthenticated=True)
    if on is not None:
        request.session[DEVICE] = str(on.id)
    request.session.set_expiry(0)
    note_sign_in(user_id=user.pk, method=method)
    return redirect(get_next_redirect_url(request) or "login:landing")
