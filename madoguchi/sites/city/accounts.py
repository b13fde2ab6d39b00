"""The city's own accounts (仕様書 4(5)イ, 6): nobody but its administrator opens, changes or resets them."""

from django.http import HttpResponse
from django.views.decorators.http import require_POST

from madoguchi.accounts import services
from madoguchi.accounts.kinds import Permission
from madoguchi.accounts.roles import Zone
from madoguchi.panels import accounts
from madoguchi.web.policies import StaffRequest, open_to

WRITE = Permission.CITY_ACCOUNT_WRITE


class CityPersonForm(accounts.ZonePersonForm):
    """The name, roles and last day of a member of staff."""

    zone = Zone.CITY
    field_order = ("username", "display_name", "organisation", "email", "roles", "leaves_on")


class CityAccountForm(CityPersonForm):
    """The same, with the login id of a new account."""

    username = accounts.UsernameField()


SITE = accounts.AccountSite(
    name="city",
    frame="city/accounts.html",
    zone=Zone.CITY,
    form=CityPersonForm,
    new_form=CityAccountForm,
    open_account=services.open_account,
    change_account=services.change_account,
)


@open_to(WRITE)
def list_accounts(request: StaffRequest) -> HttpResponse:
    """List who works for the city, its wards, audit and data protection."""
    return accounts.list_page(request, SITE)


@open_to(WRITE)
def add_account(request: StaffRequest) -> HttpResponse:
    """Open an account and show its start code once."""
    return accounts.add_page(request, SITE)


@open_to(WRITE)
def change_account(request: StaffRequest, user_id: int) -> HttpResponse:
    """Change what is written about a person, their roles and last day."""
    return accounts.change_page(request, SITE, user_id, {})


@open_to(WRITE)
@require_POST
def suspend_account(request: StaffRequest, user_id: int) -> HttpResponse:
    """Suspend an account."""
    return accounts.act(request, SITE, user_id, "suspend")


@open_to(WRITE)
@require_POST
def resume_account(request: StaffRequest, user_id: int) -> HttpResponse:
    """Resume a suspended account."""
    return accounts.act(request, SITE, user_id, "resume")


@open_to(WRITE)
@require_POST
def unlock_account(request: StaffRequest, user_id: int) -> HttpResponse:
    """Unlock an account after wrong entries."""
    return accounts.act(request, SITE, user_id, "unlock")


@open_to(WRITE)
@require_POST
def reset_account(request: StaffRequest, user_id: int) -> HttpResponse:
    """Reset the sign-in of an account and show its new start code once."""
    return accounts.reset_page(request, SITE, user_id)
