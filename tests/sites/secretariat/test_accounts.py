"""Account pages of the secretariat: open, change, close, start again; shared tablets."""

import re

import pytest
from django.urls import reverse

from madoguchi.accounts import selectors, services, tablets
from madoguchi.accounts.errors import PinLocked, PinWrong
from madoguchi.accounts.kinds import Role
from madoguchi.accounts.models import Device, User
from madoguchi.accounts.roles import Zone
from madoguchi.accounts.selectors import offices_of
from madoguchi.audit.actor import SYSTEM

pytestmark = pytest.mark.django_db
PASSWORD = "なかすの川は 夕方に光る 42"
CODE = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}")


def somebody(username, *roles):
    opened = services.open_account(
        username=username,
        display_name="中洲 次郎",
        organisation="事務局",
        roles=roles,
        actor=SYSTEM,
        is_demo=True,
    )
    return User.objects.get(pk=opened.user_id)


@pytest.fixture
def secretariat(client, city):
    client.force_login(somebody("jimukyoku", Role.SECRETARIAT))
    return client


@pytest.fixture
def clerk(city):
    return somebody("hakata", Role.OFFICE)


def form(**changes):
    return {
        "username": "hanako.f",
        "display_name": "福岡 花子",
        "organisation": "見本東郵便局",
        "roles": ["office"],
        "offices": ["HM01"],
        "leaves_on": "2027-03-31",
        **changes,
    }


def test_an_account_is_opened_without_a_mail_address_and_started_with_the_code_shown(secretariat):
    page = secretariat.post(reverse("secretariat:accounts-add"), form())
    code = CODE.search(page.content.decode())[0]
    user = services.start_with_password(username="hanako.f", code=code, password=PASSWORD, source="192.0.2.1")
    row = selectors.account(user.pk, zone=Zone.CONTRACTOR)
    assert (row.roles, str(row.leaves_on), row.email) == ((Role.OFFICE,), "2027-03-31", "")
    assert offices_of(user.pk) == ("HM01",)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"username": "花子"}, "英小文字で始まる"),
        ({"username": "jimukyoku"}, "すでに使われています"),
        ({"offices": []}, "担当の郵便局を選んでください"),
        ({"display_name": "123456789012"}, "12桁"),
        ({"roles": ["admin"]}, "システム管理者"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(secretariat, changes, sentence):
    page = secretariat.post(reverse("secretariat:accounts-add"), form(**changes)).content.decode()
    assert sentence in page
    assert "見本東郵便局" in page
    assert not CODE.search(page)
    assert User.objects.count() == 1


def test_roles_offices_and_the_last_day_are_changed(secretariat, clerk):
    address = reverse("secretariat:accounts-change", args=[clerk.pk])
    assert secretariat.get(address).status_code == 200
    reply = secretariat.post(address, form(offices=["HM02", "HM03"], roles=["office", "operator"]))
    assert reply.url == address
    assert selectors.account(clerk.pk, zone=Zone.CONTRACTOR).roles == (Role.OPERATOR, Role.OFFICE)
    assert offices_of(clerk.pk) == ("HM02", "HM03")


def test_an_account_is_suspended_and_resumed(secretariat, clerk):
    for act, is_active in (("suspend", False), ("suspend", False), ("resume", True)):
        secretariat.post(reverse(f"secretariat:accounts-{act}", args=[clerk.pk]))
        assert selectors.account(clerk.pk, zone=Zone.CONTRACTOR).is_active is is_active
    assert secretariat.get(reverse("secretariat:accounts-suspend", args=[clerk.pk])).status_code == 405


def test_a_new_start_code_takes_the_old_ways_away(secretariat, clerk):
    page = secretariat.post(reverse("secretariat:accounts-reset", args=[clerk.pk]))
    code = CODE.search(page.content.decode())[0]
    assert services.start_with_pin(username="hakata", code=code, pin="493817") == clerk


def test_a_locked_pin_is_listed_and_unlocked(secretariat, clerk):
    code = services.reset_sign_in(user_id=clerk.pk, actor=SYSTEM)
    services.start_with_pin(username="hakata", code=code, pin="493817")
    tablets.register_device(label="見本東 1号", zone=Zone.CONTRACTOR, office_code="HM01", actor=SYSTEM)
    for _ in range(5):
        with pytest.raises((PinWrong, PinLocked)):
            services.check_pin(user_id=clerk.pk, pin="000001", device_id=Device.objects.get().pk)
    assert "停止している方が1人" in secretariat.get(reverse("secretariat:accounts-list")).content.decode()
    secretariat.post(reverse("secretariat:accounts-unlock", args=[clerk.pk]))
    assert services.check_pin(user_id=clerk.pk, pin="493817", device_id=Device.objects.get().pk) == clerk


def test_the_list_is_searched_and_filtered(secretariat, clerk):
    address = reverse("secretariat:accounts-list")
    assert "hakata" in secretariat.get(address, {"q": "hakata"}).content.decode()
    assert "hakata" not in secretariat.get(address, {"role": "admin"}).content.decode()
    assert "条件に合うアカウントはありません" in secretariat.get(address, {"q": "居ない"}).content.decode()


def test_a_tablet_is_registered_and_its_registration_taken_away(secretariat):
    typed = {"label": "見本東 1号", "office_code": "HM01"}
    page = secretariat.post(reverse("secretariat:devices-add"), typed).content.decode()
    cookie = tablets.enrol_device(code=CODE.search(page)[0], source="192.0.2.1")
    device = selectors.device_of(cookie)
    assert "見本東 1号" in secretariat.get(reverse("secretariat:devices-list")).content.decode()
    secretariat.post(reverse("secretariat:devices-revoke", args=[device.id]))
    assert selectors.device_of(cookie) is None


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.OFFICE, Role.CITY, Role.HELPDESK])
def test_others_see_no_accounts(client, city, role):
    client.force_login(somebody("tanin", role))
    for page in ("accounts-list", "accounts-add", "devices-list", "devices-add"):
        assert client.get(reverse(f"secretariat:{page}")).status_code == 403


def test_an_administrator_works_here_without_seeing_reservations(client, city):
    client.force_login(somebody("kanri", Role.ADMIN))
    assert client.get(reverse("secretariat:accounts-list")).status_code == 200
    assert client.get(reverse("secretariat:reservations-list")).status_code == 403
