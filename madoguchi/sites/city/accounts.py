"""The city's own accounts and tablets (仕様書 4(5)イ, 4(8)ア, 6).

Nobody but its administrator opens, changes or resets them.
"""

from madoguchi.accounts import services
from madoguchi.accounts.kinds import Permission, Role
from madoguchi.accounts.roles import ROLE_NAMES, Zone
from madoguchi.panels.accounts import AccountSite, UsernameField, ZonePersonForm
from madoguchi.panels.devices import DeviceForm


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
    device_form=DeviceForm,
    place_names=lambda: {"": ROLE_NAMES[Role.CITY]},
)
