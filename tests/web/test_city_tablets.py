"""The city's own tablets (仕様書 4(8)ア): its section signs in by PIN and decides; all else is closed."""

import pytest
from django.test import Client
from django.urls import reverse
from support.secretariat import member

from madoguchi.accounts import selectors, services, tablets
from madoguchi.accounts.assignments import assign_offices
from madoguchi.accounts.errors import CodeWrong, PinWrong
from madoguchi.accounts.kinds import Role
from madoguchi.accounts.roles import Zone
from madoguchi.audit.actor import SYSTEM

PIN = "493817"
pytestmark = pytest.mark.usefixtures("city")


def person(username, *roles):
    return services.open_account(
        username=username, display_name=f"福岡 {username}", organisation="見本", roles=roles, actor=SYSTEM
    )


def enrolled(**place):
    """Return a browser on an enrolled tablet."""
    tablet = Client()
    code = tablets.register_device(label="1号", **place, actor=SYSTEM)
    assert tablet.post("/staff/device/enrol/", {"code": code}).url == "/staff/device/"
    return tablet


def start(tablet, opened, username):
    typed = {"username": username, "code": opened.start_code, "pin": PIN, "again": PIN}
    return tablet.post("/staff/start/", typed)


@pytest.fixture
def tablet():
    return enrolled(zone=Zone.CITY)


@pytest.fixture
def real(settings):
    settings.TRAINING = False


def test_the_citys_section_sets_a_pin_and_signs_in_on_its_tablet(tablet, real):
    shi = person("shi", Role.CITY)
    assert start(tablet, shi, "shi").url == "/staff/"
    tablet.post("/accounts/logout/")
    assert "福岡 shi" in tablet.get("/staff/device/").content.decode()
    assert tablet.post("/staff/device/", {"person": shi.user_id, "pin": PIN}).url == "/staff/"
    assert tablet.get("/staff/").url == "/city/"
    assert tablet.get("/city/").status_code == 200
    assert tablet.get(reverse("city:simulator-show")).status_code == 200


def test_on_the_citys_tablet_nobody_administers_accounts_or_sees_another_site(tablet, real):
    start(tablet, person("shi", Role.CITY, Role.CITY_ADMIN, Role.AUDITOR), "shi")
    assert tablet.get("/city/").status_code == 200
    for page in (
        "/city/accounts/",
        "/city/devices/",
        "/secretariat/retention/",
        "/accounts/password/change/",
    ):
        assert tablet.get(page).status_code == 403
    assert "アカウント" not in tablet.get("/city/").content.decode()


@pytest.mark.parametrize("role", [Role.WARD, Role.AUDITOR, Role.PRIVACY, Role.CITY_ADMIN])
def test_others_of_the_city_are_neither_shown_nor_let_in(tablet, role):
    opened = person("hoka", role)
    assert "コードを確認できません" in start(tablet, opened, "hoka").content.decode()
    services.start_with_pin(username="hoka", code=opened.start_code, pin=PIN)
    assert "福岡 hoka" not in tablet.get("/staff/device/").content.decode()
    device = selectors.devices(zone=Zone.CITY)[0]
    with pytest.raises(PinWrong):
        tablets.sign_in_at_device(device_id=device.id, user_id=opened.user_id, pin=PIN, source="192.0.2.1")


def test_people_of_offices_and_of_the_city_do_not_use_each_others_tablets(tablet):
    kyoku, shi = person("kyoku", Role.OFFICE), person("shi", Role.CITY)
    assign_offices(user_id=kyoku.user_id, offices=["HM01"], actor=SYSTEM)
    counter = enrolled(zone=Zone.CONTRACTOR, office_code="HM01")
    for place, opened, username in ((tablet, kyoku, "kyoku"), (counter, shi, "shi")):
        assert CodeWrong.message in start(place, opened, username).content.decode()
        assert place.get("/office/").status_code == 302
    for place, opened, username in ((tablet, shi, "shi"), (counter, kyoku, "kyoku")):
        assert start(place, opened, username).status_code == 302


def test_a_tablet_of_the_city_is_registered_on_screen_and_taken_back():
    admin = Client()
    admin.force_login(member(Role.CITY_ADMIN, "kanri"))
    page = admin.post(reverse("city:devices-add"), {"label": "本庁 1号"}).content.decode()
    assert "端末登録コード" in page
    listed = admin.get(reverse("city:devices-list")).content.decode()
    assert "本庁 1号" in listed
    assert "本市 戸籍住民課" in listed
    device = selectors.devices(zone=Zone.CITY)[0]
    admin.post(reverse("city:devices-revoke", args=[device.id]))
    assert selectors.devices(zone=Zone.CITY)[0].revoked_at is not None


def test_a_revoked_tablet_ends_its_sessions(tablet):
    start(tablet, person("shi", Role.CITY), "shi")
    tablets.revoke_device(device_id=selectors.devices(zone=Zone.CITY)[0].id, actor=SYSTEM)
    assert tablet.get("/city/").status_code == 302
    assert "この端末の登録が外されています" in tablet.get("/accounts/login/").content.decode()
