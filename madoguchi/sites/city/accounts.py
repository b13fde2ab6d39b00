"""The city's own accounts (仕様書 4(5)イ, 6): nobody but its administrator opens, changes or resets them."""

from madoguchi.accounts import services
from madoguchi.accounts.kinds import Permission
from madoguchi.accounts.roles import Zone
from madoguchi.panels.accounts import AccountSite, UsernameField, ZonePersonForm


class CityPersonForm(ZonePersonForm):
    """The name, roles and last day of a member of staff."""

    zone = Zone.CITY
    field_order = ("username", "display_name", "organisation", "email", "roles", "leaves_on")


class CityAccountForm(CityPersonForm):
    """The same, with the login id of a new account."""

    username = UsernameField()


SITE = AccountSite(
    name="city",
    frame="city/accounts.html",
    permission=Permission.CITY_ACCOUNT_WRITE,
    zone=Zone.CITY,
    form=CityPersonForm,
    new_form=CityAccountForm,
    open_account=services.open_account,
    change_account=services.change_account,
)
