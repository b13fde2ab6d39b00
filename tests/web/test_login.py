"""Coming in: passwords with a second factor, start codes, tablets, lines, limits."""

from datetime import time, timedelta
from ipaddress import ip_network

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.urls import reverse
from support.sign_in import open_account

from madoguchi.accounts import services
from madoguchi.accounts.kinds import Role
from madoguchi.accounts.models import User
from madoguchi.audit.actor import SYSTEM
from madoguchi.audit.models import AuditEntry
from madoguchi.common import clock

PASSWORD = "なかすの川は 夕方に光る 42"
SECRET = generate_totp_secret()
pytestmark = [pytest.mark.django_db, pytest.mark.urls("support.sign_in"), pytest.mark.usefixtures("now")]


@pytest.fixture
def operator():
    opened = open_account("hanako", Role.OPERATOR)
    return services.start_with_password(
        username="hanako", code=opened.start_code, password=PASSWORD, source="192.0.2.1"
    )


@pytest.fixture
def still(now):
    """Codes of apps follow real time: keep it from passing into the next half minute."""
    with time_machine.travel(now, tick=False):
        yield


@pytest.fixture
def app(operator, still):
    TOTP.activate(operator, SECRET)


def sign_in(client, password=PASSWORD):
    return client.post(reverse("account_login"), {"login": "hanako", "password": password})


def digits(secret=SECRET):
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


# Doors


def test_a_stranger_is_asked_to_sign_in_and_comes_back(client):
    assert client.get("/operator/?day=1").url == "/accounts/login/?next=/operator/"


def test_somebody_with_the_permission_is_let_in(client, operator):
    client.force_login(operator)
    assert client.get("/operator/").content.decode() == f"staff:{operator.pk} 2"


def test_somebody_without_the_permission_is_refused(client, operator):
    client.force_login(operator)
    reply = client.get("/office/")
    assert reply.status_code == 403
    assert "権限がありません" in reply.content.decode()


def test_a_page_without_a_policy_does_not_exist(client, operator):
    client.force_login(operator)
    assert client.get("/forgotten/").status_code == 404


@pytest.mark.parametrize(
    "page", ["account_signup", "account_email", "account_reset_password", "account_set_password"]
)
def test_sign_up_and_mail_pages_of_the_library_do_not_exist(client, page):
    assert client.get(reverse(page)).status_code == 404


def test_a_page_whose_content_is_not_visible_answers_404(client, operator):
    client.force_login(operator)
    assert client.get("/hidden/").status_code == 404


def test_public_pages_ask_nothing_and_touch_no_session(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        reply = client.get("/town/")
    assert reply.content == b"town"
    assert not reply.wsgi_request.session.accessed


def test_pages_for_staff_stay_out_of_every_cache(client, operator):
    client.force_login(operator)
    assert client.get("/operator/")["Cache-Control"] == "no-store"
    assert "no-store" not in client.get("/town/").get("Cache-Control", "")
    assert "geolocation=()" in client.get("/town/")["Permissions-Policy"]


# Lines


@pytest.mark.parametrize("address", ["/operator/", "/accounts/login/", "/staff/start/", "/staff/device/"])
def test_staff_pages_answer_the_allowed_networks_only(client, settings, operator, address):
    settings.STAFF_NETWORKS = [ip_network("192.0.2.0/24"), ip_network("2001:db8::/32")]
    client.force_login(operator)
    assert client.get(address, REMOTE_ADDR="198.51.100.7").status_code == 403
    assert client.get(address, REMOTE_ADDR="not an address").status_code == 403
    assert client.get(address, REMOTE_ADDR="192.0.2.7").status_code in {200, 302}
    assert client.get(address, REMOTE_ADDR="2001:db8::7").status_code in {200, 302}
    assert client.get("/town/", REMOTE_ADDR="198.51.100.7").status_code == 200


def test_what_a_client_writes_into_forwarded_for_counts_for_nothing(client, settings, operator):
    settings.STAFF_NETWORKS = [ip_network("192.0.2.0/24")]
    client.force_login(operator)
    forged = {"X-Forwarded-For": "192.0.2.7"}
    assert client.get("/operator/", headers=forged, REMOTE_ADDR="198.51.100.7").status_code == 403
    settings.TRUSTED_PROXIES = 1
    forged = {"X-Forwarded-For": "192.0.2.7, 198.51.100.7"}
    assert client.get("/operator/", headers=forged, REMOTE_ADDR="10.0.0.1").status_code == 403
    honest = {"X-Forwarded-For": "198.51.100.7, 192.0.2.7"}
    assert client.get("/operator/", headers=honest, REMOTE_ADDR="10.0.0.1").status_code == 200


def test_staff_pages_ask_for_a_verified_client_certificate(client, settings, operator):
    settings.CLIENT_CERT_HEADER = "X-Client-Verify"
    client.force_login(operator)
    assert client.get("/operator/").status_code == 403
    assert client.get("/operator/", headers={"X-Client-Verify": "FAILED:expired"}).status_code == 403
    assert client.get("/operator/", headers={"X-Client-Verify": "SUCCESS"}).status_code == 200


# Second factor


def test_a_password_alone_does_not_open_a_real_system(client, real, operator):
    assert sign_in(client).url == "/staff/start/"
    assert client.get("/operator/").url.startswith("/accounts/login/")


def test_a_session_without_second_factor_opens_nothing_but_the_registration_of_one(client, real, operator):
    client.force_login(operator)
    assert client.get("/operator/").url == "/accounts/2fa/"
    assert client.get("/accounts/2fa/").status_code == 200


def test_password_and_app_open_a_real_system(client, real, app):
    assert sign_in(client).url == "/accounts/2fa/authenticate/"
    assert client.get("/operator/").url.startswith("/accounts/login/")
    assert client.post("/accounts/2fa/authenticate/", {"code": digits()}).url == "/staff/"
    assert client.get("/operator/").status_code == 200
    assert AuditEntry.objects.get(action="accounts.user.signed_in").detail == {"method": "password+totp"}


def test_a_code_of_an_app_counts_once(client, real, app):
    code = digits()
    for expected in (302, 200):
        client.logout()
        sign_in(client)
        assert client.post("/accounts/2fa/authenticate/", {"code": code}).status_code == expected


def test_a_recovery_code_counts_once(client, real, app, operator):
    RecoveryCodes.activate(operator)
    code = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()[0]
    for expected in (302, 200):
        client.logout()
        sign_in(client)
        assert client.post("/accounts/2fa/authenticate/", {"code": code}).status_code == expected


def test_secrets_of_apps_and_codes_are_not_readable_in_the_database(app, operator):
    RecoveryCodes.activate(operator)
    assert all(
        sealed.startswith("k1:")
        for row in Authenticator.objects.all()
        for sealed in (row.data.get("secret") or row.data["seed"],)
    )


def test_a_training_system_asks_for_no_second_factor(client, operator):
    assert sign_in(client).url == "/staff/"
    assert client.get("/operator/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_an_app_is_registered_with_the_start_code_and_then_opens_the_site(client, real, still):
    opened = open_account("hanako", Role.OPERATOR)
    typed = {"username": "hanako", "code": opened.start_code, "password": PASSWORD, "again": PASSWORD}
    assert client.post("/staff/start/", typed).url == "/staff/"
    assert client.get("/staff/").url == "/accounts/2fa/"
    page = client.get("/accounts/2fa/totp/activate/")
    code = digits(page.context["form"].secret)
    assert client.post("/accounts/2fa/totp/activate/", {"code": code}).url == "/accounts/2fa/recovery-codes/"
    assert client.get("/accounts/2fa/recovery-codes/").context["can_view_codes"]
    assert client.get("/operator/").status_code == 200
    assert AuditEntry.objects.get(action="accounts.user.security_changed").detail == {
        "change": "totp_activated"
    }


def test_the_last_key_stays(client, real, app):
    sign_in(client)
    client.post("/accounts/2fa/authenticate/", {"code": digits()})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    client.post("/accounts/2fa/totp/deactivate/")
    assert Authenticator.objects.filter(type="totp").exists()


# Wrong passwords


def test_five_wrong_passwords_lock_the_account_however_it_is_written(client, settings, operator):
    settings.AXES_ENABLED = True
    settings.ACCOUNT_RATE_LIMITS = False
    for name in ("hanako", "Hanako", "HANAKO", "hanako ", "haNako"):
        client.post(reverse("account_login"), {"login": name, "password": "wrong"})
    reply = sign_in(client)
    assert reply.status_code == 429
    assert "15分間パスワードではサインインできません" in reply.content.decode()
    assert AuditEntry.objects.filter(action="accounts.user.sign_in_failed").count() == 6


def test_failed_names_that_nobody_has_are_not_written_down(client, operator):
    client.post(reverse("account_login"), {"login": "my password by mistake", "password": "x"})
    assert not AuditEntry.objects.filter(action="accounts.user.sign_in_failed").exists()


# Limits


def test_a_session_left_alone_for_a_quarter_of_an_hour_is_over(client, operator, now):
    client.force_login(operator)
    client.get("/operator/")
    with clock.travel(now + timedelta(minutes=14)):
        assert client.get("/operator/").status_code == 200
    with clock.travel(now + timedelta(minutes=29)):
        assert client.get("/operator/").status_code == 200
    with clock.travel(now + timedelta(minutes=45)):
        assert client.get("/operator/").url.startswith("/accounts/login/")
        assert "15分間操作がなかった" in client.get("/accounts/login/").content.decode()


def test_a_busy_session_is_over_after_twelve_hours(client, operator, now):
    client.force_login(operator)
    for minutes in range(0, 12 * 60 + 1, 14):
        with clock.travel(now + timedelta(minutes=minutes)):
            assert client.get("/operator/").status_code == 200
    with clock.travel(now + timedelta(hours=12, minutes=1)):
        assert client.get("/operator/").status_code == 302


def test_looking_around_writes_no_row_per_page(client, operator, django_assert_num_queries):
    client.force_login(operator)
    client.get("/operator/")
    with django_assert_num_queries(3) as looked:  # session, user, roles
        client.get("/operator/")
    assert all(query["sql"].startswith("SELECT") for query in looked.captured_queries)


def test_a_session_ends_with_the_last_day_of_the_account(client, operator, now):
    User.objects.update(leaves_on=clock.today())
    with clock.travel(clock.at(clock.today(), time(23, 55))):
        client.force_login(operator)
        assert client.get("/operator/").status_code == 200
    with clock.travel(clock.at(clock.today() + timedelta(days=1), time(0, 5))):
        assert client.get("/operator/").status_code == 302
        assert sign_in(client).url == "/accounts/inactive/"


@pytest.mark.parametrize("end", [services.reset_sign_in, services.suspend_account])
def test_a_suspended_or_reset_account_loses_its_sessions(client, operator, end):
    client.force_login(operator)
    assert client.get("/operator/").status_code == 200
    end(user_id=operator.pk, actor=SYSTEM)
    assert client.get("/operator/").status_code == 302


def test_sessions_of_a_suspended_account_stay_dead_when_it_is_resumed(client, operator):
    client.force_login(operator)
    client.get("/operator/")
    services.suspend_account(user_id=operator.pk, actor=SYSTEM)
    services.resume_account(user_id=operator.pk, actor=SYSTEM)
    assert client.get("/operator/").status_code == 302


# The training system


def test_the_training_system_offers_its_made_up_people(client):
    services.open_account(
        username="demo-oki",
        display_name="福岡 花子",
        organisation="受電",
        roles=[Role.OPERATOR],
        actor=SYSTEM,
        is_demo=True,
    )
    assert "demo-oki" in client.get("/accounts/login/").content.decode()
    assert client.post("/staff/demo/", {"username": "demo-oki"}).url == "/staff/"
    assert client.get("/staff/").url == "/operator/"


def test_only_made_up_people_are_offered(client, operator):
    assert "hanako" not in client.get("/accounts/login/").content.decode()
    assert client.post("/staff/demo/", {"username": "hanako"}).status_code == 404


def test_a_real_system_has_no_made_up_people(client, real):
    User.objects.create(
        username="demo",
        display_name="福岡 花子",
        organisation="受電",
        is_demo=True,
        zone="contractor",
        created_at=clock.now(),
    )
    assert "demo" not in client.get("/accounts/login/").content.decode()
    assert client.post("/staff/demo/", {"username": "demo"}).status_code == 404


@pytest.mark.parametrize(
    ("roles", "address"),
    [
        ([Role.SECRETARIAT], "/secretariat/"),
        ([Role.OPERATOR], "/operator/"),
        ([Role.OFFICE], "/office/"),
        ([Role.ADMIN], "/secretariat/accounts/"),
        ([Role.CITY_ADMIN], "/city/accounts/"),
    ],
)
def test_everybody_lands_on_their_site(client, roles, address):
    client.force_login(User.objects.get(pk=open_account("hanako", *roles).user_id))
    assert client.get("/staff/").url == address


def test_somebody_with_two_sites_chooses(client):
    client.force_login(User.objects.get(pk=open_account("hanako", Role.SECRETARIAT, Role.OPERATOR).user_id))
    page = client.get("/staff/").content.decode()
    assert "/secretariat/" in page
    assert "/operator/" in page


def test_somebody_without_a_site_is_told(client):
    client.force_login(User.objects.get(pk=open_account("hanako", Role.WARD).user_id))
    assert client.get("/staff/").status_code == 403


# Back to the page that was asked for

ELSEWHERE = [
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example/",
    "javascript:alert(1)",
    "http://testserver/",
]


@pytest.fixture
def demo(client):
    services.open_account(
        username="demo",
        display_name="福岡 花子",
        organisation="受電",
        roles=[Role.OPERATOR],
        actor=SYSTEM,
        is_demo=True,
    )


def test_every_way_in_carries_the_page_that_was_asked_for(client, demo):
    html = client.get("/accounts/login/?next=/operator/%3Fday%3D1").content.decode()
    # A passkey, a password and the made-up people; the shared tablet has a page of its own.
    assert html.count('name="next" value="/operator/?day=1"') == 3
    assert 'href="/staff/device/?next=%2Foperator%2F%3Fday%3D1"' in html


def test_a_made_up_person_comes_to_the_page_that_was_asked_for(client, demo):
    typed = {"username": "demo", "next": "/operator/?day=1"}
    assert client.post("/staff/demo/", typed).url == "/operator/?day=1"


def test_password_and_app_lead_to_the_page_that_was_asked_for(client, real, app):
    typed = {"login": "hanako", "password": PASSWORD, "next": "/operator/?day=1"}
    client.post(reverse("account_login"), typed)
    assert client.post(reverse("mfa_authenticate"), {"code": digits()}).url == "/operator/?day=1"


@pytest.mark.parametrize("address", ELSEWHERE)
def test_no_sign_in_leads_to_another_site(client, demo, operator, address):
    assert client.post("/staff/demo/", {"username": "demo", "next": address}).url == "/staff/"
    client.post(reverse("account_logout"))
    typed = {"login": "hanako", "password": PASSWORD, "next": address}
    assert client.post(reverse("account_login"), typed).url == "/staff/"
    assert client.post(reverse("account_logout"), {"next": address}).url == "/accounts/login/"
