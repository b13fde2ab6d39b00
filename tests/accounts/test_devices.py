"""Shared tablets and PINs: sign-in without telephones (仕様書 4(5)イ)."""

from datetime import timedelta

import pytest
from django.db import IntegrityError

from madoguchi.accounts import errors, selectors, services, tablets
from madoguchi.accounts.kinds import Role
from madoguchi.accounts.models import Device
from madoguchi.accounts.roles import Zone
from madoguchi.accounts.rules import is_trivial_pin, is_well_formed_pin, new_code, read_code, show_code
from madoguchi.audit.actor import SYSTEM
from madoguchi.common import clock

PIN = "493817"


@pytest.fixture
def cookie(db, now):
    code = tablets.register_device(label="見本東 1号", zone=Zone.CONTRACTOR, office_code="HM01", actor=SYSTEM)
    return tablets.enrol_device(code=show_code(code).lower(), source="192.0.2.1")


@pytest.fixture
def opened(db, now):
    return services.open_account(
        username="hakata",
        display_name="博多 局員",
        organisation="見本東郵便局",
        roles=[Role.OFFICE],
        actor=SYSTEM,
    )


@pytest.fixture
def clerk(opened):
    return services.start_with_pin(username="hakata", code=opened.start_code, pin=PIN)


def check(clerk, pin=PIN):
    return services.check_pin(user_id=clerk.pk, pin=pin, device_id=Device.objects.get().pk)


def test_an_enrolled_tablet_is_known_by_its_cookie(cookie):
    device = selectors.device_of(cookie)
    assert (device.label, device.office_code) == ("見本東 1号", "HM01")
    assert cookie.partition(".")[2] not in repr(vars(Device.objects.get()))


@pytest.mark.parametrize("change", [str.upper, lambda text: text[:-1], lambda _: "", lambda _: "x.y"])
def test_another_cookie_is_nobody(cookie, change):
    assert selectors.device_of(change(cookie)) is None


def test_a_revoked_tablet_is_nobody(cookie):
    device = selectors.device_of(cookie)
    tablets.revoke_device(device_id=device.id, actor=SYSTEM)
    tablets.revoke_device(device_id=device.id, actor=SYSTEM)
    assert selectors.device_of(cookie) is None
    assert [row.revoked_at is None for row in selectors.devices(zone=Zone.CONTRACTOR)] == [False]


def test_a_device_code_works_once_and_for_an_hour(db, now):
    code = tablets.register_device(label="見本東 1号", zone=Zone.CONTRACTOR, office_code="HM01", actor=SYSTEM)
    with clock.travel(now + timedelta(hours=1)), pytest.raises(errors.CodeWrong):
        tablets.enrol_device(code=code, source="192.0.2.1")
    tablets.enrol_device(code=code, source="192.0.2.1")
    with pytest.raises(errors.CodeWrong):
        tablets.enrol_device(code=code, source="192.0.2.1")


def test_a_revoked_device_code_enrols_nothing(db, now):
    code = tablets.register_device(label="見本東 1号", zone=Zone.CONTRACTOR, office_code="HM01", actor=SYSTEM)
    tablets.revoke_device(device_id=Device.objects.get().pk, actor=SYSTEM)
    with pytest.raises(errors.CodeWrong):
        tablets.enrol_device(code=code, source="192.0.2.1")


def test_the_database_refuses_a_tablet_with_secret_and_code(cookie):
    with pytest.raises(IntegrityError, match="waits_for_its_code_or_is_enrolled"):
        Device.objects.update(code_hash="x", code_expires_at=clock.now())


@pytest.mark.parametrize(("zone", "office_code"), [("contractor", ""), ("city", "HM01"), ("ward", "HM01")])
def test_the_database_refuses_a_tablet_that_is_neither_an_offices_nor_the_citys(db, now, zone, office_code):
    with pytest.raises(IntegrityError, match="is_of_an_office_or_of_the_city"):
        tablets.register_device(label="1号", zone=zone, office_code=office_code, actor=SYSTEM)


def test_the_right_pin_is_the_person(cookie, clerk):
    assert check(clerk) == clerk


def test_five_wrong_pins_lock_for_a_quarter_of_an_hour(cookie, clerk, now):
    for _ in range(4):
        with pytest.raises(errors.PinWrong):
            check(clerk, "493818")
    with pytest.raises(errors.PinLocked):
        check(clerk, "493818")
    with pytest.raises(errors.PinLocked):
        check(clerk)
    assert [row.username for row in selectors.accounts(zone=Zone.CONTRACTOR, locked=True)] == ["hakata"]
    with clock.travel(now + timedelta(minutes=15)):
        assert check(clerk) == clerk
        assert selectors.accounts(zone=Zone.CONTRACTOR, locked=True) == []


def test_a_right_pin_forgets_the_wrong_ones(cookie, clerk):
    for _ in range(3):
        for _ in range(4):
            with pytest.raises(errors.PinWrong):
                check(clerk, "493818")
        check(clerk)


def test_the_secretariat_unlocks_a_pin(cookie, clerk):
    for _ in range(5):
        with pytest.raises((errors.PinWrong, errors.PinLocked)):
            check(clerk, "493818")
    services.unlock_pin(user_id=clerk.pk, actor=SYSTEM)
    assert check(clerk) == clerk


def test_people_without_a_pin_or_an_open_account_stay_out(cookie, clerk):
    with pytest.raises(errors.PinWrong):
        services.check_pin(user_id=0, pin=PIN, device_id=Device.objects.get().pk)
    services.suspend_account(user_id=clerk.pk, actor=SYSTEM)
    with pytest.raises(errors.AccountClosed):
        check(clerk)


@pytest.mark.parametrize("pin", ["12345", "123456789", "４９３８１７", "49381a"])
def test_pins_are_six_to_eight_digits(pin):
    assert not is_well_formed_pin(pin)


@pytest.mark.parametrize("pin", ["111111", "123456", "765432", "890123", "121212", "123123", "1212121"])
def test_trivial_pins_are_refused(pin):
    assert is_trivial_pin(pin)


@pytest.mark.parametrize("pin", [PIN, "112233", "20260901", "246813"])
def test_other_pins_are_allowed(pin):
    assert is_well_formed_pin(pin)
    assert not is_trivial_pin(pin)


@pytest.mark.parametrize("pin", ["111111", "12345"])
def test_a_weak_pin_does_not_spend_the_code(opened, pin):
    with pytest.raises(errors.PinWeak):
        services.start_with_pin(username="hakata", code=opened.start_code, pin=pin)
    services.start_with_pin(username="hakata", code=opened.start_code, pin=PIN)


def test_codes_are_read_in_any_width_case_and_grouping():
    code = new_code()
    assert read_code(f" {show_code(code).lower()}\u3000") == code
    assert read_code("ＡＢＣＤ－efgh jkmn") == "ABCDEFGHJKMN"
