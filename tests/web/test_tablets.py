"""A tablet of a post office: name and PIN open its counter, and nothing else."""

import pytest
from support.sign_in import open_account

from madoguchi.accounts import selectors, services, tablets
from madoguchi.accounts.assignments import assign_offices
from madoguchi.accounts.errors import PinWrong
from madoguchi.accounts.kinds import Role
from madoguchi.accounts.models import Device
from madoguchi.accounts.roles import Zone
from madoguchi.audit.actor import SYSTEM

PIN = "493817"
pytestmark = [pytest.mark.django_db, pytest.mark.urls("support.sign_in"), pytest.mark.usefixtures("now")]


@pytest.fixture
def tablet(client, city):
    code = tablets.register_device(label="見本東 1号", zone=Zone.CONTRACTOR, office_code="HM01", actor=SYSTEM)
    reply = client.post("/staff/device/enrol/", {"code": code})
    assert reply.url == "/staff/device/"
    cookie = reply.cookies["device"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Strict")
    return client


@pytest.fixture
def clerk(tablet):
    opened = open_account("hakata", Role.OFFICE, Role.OPERATOR)
    assign_offices(user_id=opened.user_id, offices=["HM01"], actor=SYSTEM)
    typed = {"username": "hakata", "code": opened.start_code, "pin": PIN, "again": PIN}
    assert tablet.post("/staff/start/", typed).url == "/staff/"
    tablet.post("/accounts/logout/")
    return opened.user_id


def test_a_clerk_comes_in_with_name_and_pin_without_a_telephone(tablet, real, clerk):
    assert "福岡 花子" in tablet.get("/staff/device/").content.decode()
    assert tablet.post("/staff/device/", {"person": clerk, "pin": PIN}).url == "/staff/"
    assert tablet.get("/staff/").url == "/office/"
    assert tablet.get("/office/").content == b"counter"


def test_a_tablet_opens_the_counter_and_nothing_else(tablet, real, clerk):
    tablet.post("/staff/device/", {"person": clerk, "pin": PIN})
    assert tablet.get("/operator/").status_code == 403
    assert tablet.get("/accounts/2fa/webauthn/add/").status_code == 403
    assert tablet.get("/accounts/password/change/").status_code == 403


def test_a_wrong_pin_says_so_and_keeps_the_name(tablet, clerk):
    page = tablet.post("/staff/device/", {"person": clerk, "pin": "493818"}).content.decode()
    assert "サインイン番号が違います" in page
    assert "checked" in page
    assert "493818" not in page


def test_people_of_other_offices_are_neither_shown_nor_let_in(tablet, clerk):
    assign_offices(user_id=clerk, offices=["HM02"], actor=SYSTEM)
    assert "福岡 花子" not in tablet.get("/staff/device/").content.decode()
    tablet.post("/staff/device/", {"person": clerk, "pin": PIN})
    assert tablet.get("/office/").status_code == 302


def test_people_who_have_not_started_are_not_shown(tablet, clerk):
    opened = services.open_account(
        username="shinjin",
        display_name="室見 流",
        organisation="見本東郵便局",
        roles=[Role.OFFICE],
        actor=SYSTEM,
    )
    assign_offices(user_id=opened.user_id, offices=["HM01"], actor=SYSTEM)
    assert "室見 流" not in tablet.get("/staff/device/").content.decode()


def test_the_pin_of_somebody_from_another_office_opens_nothing(tablet, clerk):
    assign_offices(user_id=clerk, offices=["HM02"], actor=SYSTEM)
    with pytest.raises(PinWrong):
        tablets.sign_in_at_device(
            device_id=selectors.devices(zone=Zone.CONTRACTOR)[0].id,
            user_id=clerk,
            pin=PIN,
            source="192.0.2.1",
        )


def test_a_new_sign_in_keeps_nothing_of_the_session_before(tablet, clerk):
    tablet.post("/staff/device/", {"person": clerk, "pin": PIN})
    session = tablet.session
    session["left behind"] = True
    session.save()
    tablet.post("/staff/device/", {"person": clerk, "pin": PIN})
    assert "left behind" not in tablet.session


def test_a_start_code_of_another_office_is_not_spent_on_a_tablet(tablet):
    opened = open_account("oki", Role.OFFICE)
    typed = {"username": "oki", "code": opened.start_code, "pin": PIN, "again": PIN}
    assert "コードを確認できません" in tablet.post("/staff/start/", typed).content.decode()
    assign_offices(user_id=opened.user_id, offices=["HM01"], actor=SYSTEM)
    assert tablet.post("/staff/start/", typed).status_code == 302


def test_a_pin_is_worth_nothing_without_the_tablet(tablet, clerk):
    del tablet.cookies["device"]
    assert tablet.post("/staff/device/", {"person": clerk, "pin": PIN}).url == "/staff/device/enrol/"


@pytest.mark.parametrize("loss", ["revoked", "moved"])
def test_a_session_ends_when_its_tablet_is_revoked_or_its_cookie_moved(tablet, clerk, loss):
    tablet.post("/staff/device/", {"person": clerk, "pin": PIN})
    if loss == "revoked":
        tablets.revoke_device(device_id=Device.objects.get().pk, actor=SYSTEM)
    else:
        del tablet.cookies["device"]
    assert tablet.get("/office/").url.startswith("/accounts/login/")


def test_a_pin_leads_to_the_page_that_was_asked_for(tablet, clerk):
    answer = tablet.post("/staff/device/?next=/office/%23now", {"person": clerk, "pin": PIN})
    assert answer.url == "/office/#now"
