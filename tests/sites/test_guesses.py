"""Whatever opens something and could be guessed is limited by address and by what it is tried on.

docs/threat-model.md has the same as a table.
"""

from contextlib import ExitStack
from pathlib import Path

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client
from django.urls import reverse
from support.journeys import BIRTH
from support.people import somebody
from support.secretariat import book

from madoguchi.accounts import guesses, services, tablets
from madoguchi.accounts.assignments import assign_offices
from madoguchi.accounts.guesses import FAILURES_PER_ADDRESS, FAILURES_PER_TARGET, Secret, limit_guesses
from madoguchi.accounts.kinds import Role
from madoguchi.accounts.partners import issue_token
from madoguchi.accounts.roles import Zone
from madoguchi.audit.actor import SYSTEM
from madoguchi.common.cache import clear_caches
from madoguchi.rate_limits.errors import TooManyTries
from madoguchi.reservations.models import Applicant, Reservation
from madoguchi.reservations.people import open_link_token
from madoguchi.sites.citizen.booking.access import grant
from madoguchi.workflows.booking import admission, lookup

pytestmark = pytest.mark.usefixtures("city")
PASSWORD = "なかすの川は 夕方に光る 42"
PIN = "493817"
PEOPLE = (somebody(1, email="one@example.jp"), somebody(2, email="two@example.jp"))
ADDRESSES = ("192.0.2.1", "192.0.2.2", "192.0.2.3")


def staff(number, role=Role.OPERATOR):
    """Return a member of staff with a password, and an office where the role needs one."""
    opened = services.open_account(
        username=f"staff{number}", display_name="福岡 花子", organisation="見本", roles=[role], actor=SYSTEM
    )
    assign_offices(user_id=opened.user_id, offices=["HM01"], actor=SYSTEM)
    return opened


def on_tablet(number):
    """Return a browser on a tablet of its own."""
    code = tablets.register_device(
        label=f"{number}号", zone=Zone.CONTRACTOR, office_code="HM01", actor=SYSTEM
    )
    tablet = Client()
    tablet.cookies["device"] = tablets.enrol_device(code=code, source="")
    return tablet


def pin():
    clerk = staff("", Role.OFFICE)
    services.start_with_pin(username="staff", code=clerk.start_code, pin=PIN)
    there = [on_tablet(number) for number in range(2)]
    return lambda target, address: there[target].post(
        "/staff/device/", {"person": clerk.user_id, "pin": "000000"}, REMOTE_ADDR=address
    )


def start_code_at_a_desk():
    typed = {"code": "ABCD-EFGH-JKMN", "password": PASSWORD, "again": PASSWORD}
    return lambda target, address: Client().post(
        "/staff/start/", typed | {"username": f"staff{target}"}, REMOTE_ADDR=address
    )


def start_code_on_a_tablet():
    tablet, typed = on_tablet(1), {"code": "ABCD-EFGH-JKMN", "pin": PIN, "again": PIN}
    return lambda target, address: tablet.post(
        "/staff/start/", typed | {"username": f"staff{target}"}, REMOTE_ADDR=address
    )


def device_code():
    return lambda _target, address: Client().post(
        "/staff/device/enrol/", {"code": "ABCD-EFGH-JKMN"}, REMOTE_ADDR=address
    )


def one_time_code():
    browsers = []
    for number in range(2):
        opened = staff(number)
        typed = {"code": opened.start_code, "password": PASSWORD, "source": ""}
        user = services.start_with_password(username=f"staff{number}", **typed)
        TOTP.activate(user, generate_totp_secret())
        browsers.append(Client())
        browsers[-1].post(reverse("account_login"), {"login": f"staff{number}", "password": PASSWORD})
    return lambda target, address: browsers[target].post(
        "/accounts/2fa/authenticate/", {"code": "abc"}, REMOTE_ADDR=address
    )


def password():
    for number in range(2):
        staff(number)
    return lambda target, address: Client().post(
        reverse("account_login"), {"login": f"staff{target}", "password": "wrong"}, REMOTE_ADDR=address
    )


def reference_and_birth_date():
    references = [book(person, hour=10 + at).reference for at, person in enumerate(PEOPLE)]
    return lambda target, address: Client().post(
        "/lookup/", {"reference": references[target], **BIRTH}, REMOTE_ADDR=address
    )


def birth_date_for_a_link():
    for at, person in enumerate(PEOPLE):
        book(person, hour=10 + at)
    links = [open_link_token(row) for row in Applicant.objects.order_by("pk")]
    return lambda target, address: Client().post(f"/r/{links[target]}/confirm/", BIRTH, REMOTE_ADDR=address)


def looked_up():
    """Return two browsers that have looked up a booking each, and its page."""
    for at, person in enumerate(PEOPLE):
        book(person, hour=10 + at)
    for row in Reservation.objects.order_by("pk"):
        client, reply = Client(), grant(row.pk, is_full=False)
        client.cookies.update(reply.cookies)
        yield client, reply.url


def mailed_code():
    there = list(looked_up())
    return lambda target, address: there[target][0].post(
        f"{there[target][1]}code/use/", {"code": "000000"}, REMOTE_ADDR=address
    )


def telephone_for_the_place():
    there = list(looked_up())
    return lambda target, address: there[target][0].post(
        f"{there[target][1]}place/", {"phone_end": "9999"}, REMOTE_ADDR=address
    )


def mailing_a_code():
    there = list(looked_up())
    return lambda target, address: there[target][0].post(f"{there[target][1]}code/", REMOTE_ADDR=address)


def birth_date_by_a_partner():
    """Return how a partner looks up; for limits, a partner is what an address is to others."""
    references = [book(person, hour=10 + at).reference for at, person in enumerate(PEOPLE)]
    tokens = {address: issue_token(name=f"連携先{at}", actor=SYSTEM) for at, address in enumerate(ADDRESSES)}
    clear_caches()
    return lambda target, address: Client().get(
        f"/api/v1/reservations/{references[target]}",
        headers={"Authorization": f"Bearer {tokens[address]}", "Date-Of-Birth": "1901-01-01"},
    )


def limits(monkeypatch, settings, *, address, target):
    """Set every limit of an address and of a target."""
    for scope in guesses.GUESS_LIMITS:
        monkeypatch.setitem(guesses.GUESS_LIMITS, scope, address if scope.endswith("address") else target)
    for name in ("LOOK_UPS_PER_SOURCE", "CODES_PER_SOURCE", "CODE_TRIES_PER_SOURCE"):
        monkeypatch.setattr(lookup, name, address)
    for name in ("LOOK_UPS_PER_REFERENCE", "CODES_PER_RESERVATION", "PHONE_ENDS_PER_RESERVATION"):
        monkeypatch.setattr(lookup, name, target)
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": f"{address}/m/ip"}
    settings.AXES_ENABLED, settings.AXES_FAILURE_LIMIT = True, target
    settings.TRAINING = False


def is_refused(reply):
    text = reply.content.decode()
    sentences = (TooManyTries.message.removesuffix("。"), "ログイン失敗が連続しています")
    return reply.status_code == 429 or any(sentence in text for sentence in sentences)


BY_ADDRESS = [
    pin, start_code_at_a_desk, start_code_on_a_tablet, device_code, one_time_code, password,
    reference_and_birth_date, birth_date_for_a_link, mailed_code, mailing_a_code, birth_date_by_a_partner,
    telephone_for_the_place,
]  # fmt: skip
# A device code names its tablet itself; five wrong codes from a mail end it (sites/citizen/test_lookup.py).
BY_TARGET = [door for door in BY_ADDRESS if door not in {device_code, mailed_code}]


@pytest.mark.parametrize("door", BY_ADDRESS, ids=lambda door: door.__name__)
def test_whoever_guesses_from_one_address_is_stopped_and_others_go_on(monkeypatch, settings, door):
    guess = door()
    limits(monkeypatch, settings, address=2, target=100)
    assert [is_refused(guess(at % 2, ADDRESSES[0])) for at in range(3)] == [False, False, True]
    assert not is_refused(guess(0, ADDRESSES[1]))


@pytest.mark.parametrize("door", BY_TARGET, ids=lambda door: door.__name__)
def test_what_is_guessed_at_is_closed_to_every_address_and_others_stay_open(monkeypatch, settings, door):
    guess = door()
    limits(monkeypatch, settings, address=100, target=2)
    replies = [is_refused(guess(0, address)) for address in ADDRESSES]
    # The library that counts passwords refuses with the last failure, the others with the next.
    assert replies == [False, door is password, True]
    assert not is_refused(guess(1, ADDRESSES[0]))


def test_right_codes_and_pins_are_not_counted(monkeypatch, settings):
    clerk = staff("", Role.OFFICE)
    services.start_with_pin(username="staff", code=clerk.start_code, pin=PIN)
    tablet = on_tablet(1)
    limits(monkeypatch, settings, address=2, target=2)
    for _ in range(4):
        assert tablet.post("/staff/device/", {"person": clerk.user_id, "pin": PIN}).url == "/staff/"


def test_a_weak_pin_or_password_is_no_guess():
    opened = staff("")
    for _ in range(FAILURES_PER_TARGET + 1):
        typed = {"username": "staff", "code": opened.start_code, "password": "short", "again": "short"}
        assert not is_refused(Client().post("/staff/start/", typed))


def test_every_limit_stands_in_the_threat_model():
    text = Path("docs/threat-model.md").read_text()
    assert [scope for scope in admission.LIMITS if f"`{scope}`" not in text] == []
    assert f"{FAILURES_PER_ADDRESS} failures" in text
    assert f"{FAILURES_PER_TARGET} failures" in text


def test_of_guesses_at_one_instant_no_more_than_the_limit_are_tried():
    def guess(number):
        return limit_guesses(Secret.PIN, source=f"192.0.2.{number}", target="one tablet")

    with ExitStack() as at_once:
        for number in range(FAILURES_PER_TARGET):
            at_once.enter_context(guess(number))
        with pytest.raises(TooManyTries):
            at_once.enter_context(guess(100))
