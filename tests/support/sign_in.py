"""A small site behind the sign-in pages: one page of each kind that a policy can open; and its accounts."""

from django.http import HttpResponse
from django.urls import include, path

from madoguchi.accounts import services
from madoguchi.accounts.kinds import Permission
from madoguchi.audit.actor import SYSTEM
from madoguchi.common.errors import NotVisible
from madoguchi.web.policies import open_to, open_to_everyone


@open_to(Permission.OPERATOR_RESERVATION_READ)
def desk(request):
    return HttpResponse(f"{request.actor} {len(request.permissions)}")


@open_to(Permission.OPERATOR_RESERVATION_READ)
def hidden(request):
    raise NotVisible


@open_to(Permission.OFFICE_RESERVATION_READ)
def counter(request):
    return HttpResponse("counter")


@open_to_everyone
def town(request):
    return HttpResponse("town")


def forgotten(request):
    return HttpResponse("nobody said who may see this")


SECRETARIAT = [path("", town, name="home"), path("accounts/", town, name="accounts-list")]
urlpatterns = [
    path("staff/", include("madoguchi.web.login.urls")),
    path("accounts/", include("allauth.urls")),
    path("city/", include(([path("accounts/", town, name="accounts-list")], "city"))),
    path("operator/", include(([path("", desk, name="desk")], "operator"))),
    path("secretariat/", include((SECRETARIAT, "secretariat"))),
    path("hidden/", hidden),
    path("office/", counter),
    path("town/", town),
    path("forgotten/", forgotten),
]


def open_account(username, *roles):
    """Open an account; the answer holds its start code."""
    return services.open_account(
        username=username, display_name="福岡 花子", organisation="受電", roles=roles, actor=SYSTEM
    )
