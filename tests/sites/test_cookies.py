"""Every cookie of every site: whose it is, how it is kept, and what it opens once trust has changed."""

import re
from pathlib import Path

import pytest
from support.city import NOON
from support.journeys import BIRTH, DETAILS, PROCEDURES, opens, slot_at, to_booked, to_confirm, to_details
from support.people import HANAKO
from support.secretariat import book, member
from support.tabs import Browser

from madoguchi.accounts import services, tablets
from madoguchi.accounts.assignments import assign_offices
from madoguchi.accounts.kinds import Role
from madoguchi.accounts.roles import Zone
from madoguchi.audit.actor import SYSTEM
from madoguchi.common import clock
from madoguchi.reservations.booking_sessions import find_session
from madoguchi.reservations.errors import HoldExpired
from madoguchi.reservations.models import Reservation
from madoguchi.web.cookies import cookie_name

pytestmark = pytest.mark.usefixtures("city")
ROOT = Path(__file__).resolve().parents[2]
OF_ONE_ADDRESS = r"(link|booking|kept)-([0-9a-f]{16}|leave)"
# Name, path, same site, days it lasts (0: until the browser is closed).
COOKIES = {
    "__Host-hold": ("/", "Lax", 0),
    "__Secure-booking": ("/booking/", "Lax", 1 / 48),
    "__Secure-link": ("/r/", "Lax", 90),
    "__Secure-kept": ("/lookup/", "Lax", 1 / 144),
    "__Host-language": ("/", "Lax", 365),
    "__Host-csrf": ("/", "Lax", 364),
    "__Host-session": ("/", "Lax", 0),
    "__Host-device": ("/", "Strict", 3650),
}


@pytest.fixture
def production(settings):
    """The settings that follow from an address with https."""
    settings.HTTPS = settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.LANGUAGE_COOKIE_SECURE = True
    for name in ("SESSION", "CSRF", "LANGUAGE"):
        setattr(settings, f"{name}_COOKIE_NAME", f"__Host-{name.lower()}")


class Jar(Browser):
    """A browser that notes every cookie it is given."""

    def __init__(self, **kwargs):
        super().__init__(enforce_csrf_checks=False, **kwargs)
        self.given = {}

    def request(self, **request):
        reply = super().request(**{"wsgi.url_scheme": "https", **request})
        self.given |= {name: morsel for name, morsel in reply.cookies.items() if morsel.value}
        return reply


def walk():
    """Open and send what there is on all sites, and return every cookie that was set."""
    jar = Jar()
    jar.post("/i18n/setlang/", {"language": "en"})
    jar.post("/i18n/setlang/", {"language": "ja"})
    link = to_booked(jar).url.partition("?")[0]
    jar.get(f"{link}change/")
    jar.post("/lookup/", {"reference": "x", **BIRTH})
    jar.post("/lookup/", {"reference": "x", "leave": "/"})
    jar.post("/lookup/", {"reference": Reservation.objects.get().reference, **BIRTH})
    tablet = tablets.register_device(
        label="見本東 1号", zone=Zone.CONTRACTOR, office_code="HM01", actor=SYSTEM
    )
    jar.post("/staff/device/enrol/", {"code": tablet})
    for role in Role:
        user = member(role, f"some-{role.replace('_', '-')}")
        assign_offices(user_id=user.pk, offices=["HM01"], actor=SYSTEM)
        jar.post("/staff/demo/", {"username": user.username})
        for page in ("/staff/", "/secretariat/", "/operator/", "/office/", "/city/", "/city/accounts/"):
            jar.get(page, follow=True)
        jar.post("/secretariat/accounts/1/suspend/")
        jar.get("/operator/?start=1")
    return jar.given


@pytest.mark.slow
def test_every_cookie_of_every_site_is_bound_to_this_host_and_out_of_reach_of_scripts(production):
    given = walk()
    assert {re.sub(OF_ONE_ADDRESS, r"\1", name) for name in given} == set(COOKIES)
    for name, morsel in given.items():
        path, same_site, days = COOKIES[re.sub(OF_ONE_ADDRESS, r"\1", name)]
        assert morsel["path"].startswith(path), name
        assert morsel["path"] == "/" or not name.startswith("__Host-"), name
        assert (morsel["secure"], morsel["httponly"], morsel["samesite"]) == (True, True, same_site), name
        assert (morsel["domain"], int(morsel["max-age"] or 0)) == ("", round(days * 86400)), name


def test_the_threat_model_names_every_cookie():
    text = (ROOT / "docs/threat-model.md").read_text(encoding="utf-8")
    table = text.partition("## Cookies and tokens")[2].partition("\n## ")[0]
    assert {name for name in COOKIES if f"`{name}" not in table} == set()


def test_on_a_desk_without_https_cookies_have_their_plain_names(settings):
    assert not settings.HTTPS
    assert cookie_name("hold") == "hold"


def planted(client):
    """Have a browser go on with a booking session that somebody else began and put there."""
    client.post("/reserve/", PROCEDURES)
    token = client.cookies["hold"].value
    victim = Browser()
    victim.cookies["hold"] = token
    return token, victim


@pytest.mark.parametrize(
    "press", [{}, {"fill": "1"}, {"name": ""}], ids=["right", "address asked for", "wrong"]
)
def test_a_planted_booking_session_cookie_reveals_nothing_that_was_typed(client, press):
    token, victim = planted(client)
    victim.post("/reserve/HM01/", {"slot": slot_at(15, 10, 30)})
    victim.post("/reserve/details/", {**DETAILS, **press})
    with pytest.raises(HoldExpired):
        find_session(token)
    for page in ("/reserve/details/", "/reserve/confirm/", "/reserve/", "/reserve/office/"):
        assert HANAKO.phone[-4:] not in client.get(page, follow=True).content.decode()
    assert HANAKO.phone[-4:] in victim.get("/reserve/details/").content.decode()


def test_a_cookie_planted_with_a_person_already_typed_is_renewed_as_well(client):
    to_confirm(client, name="偽　太郎", name_kana="ニセ　タロウ")
    token = client.cookies["hold"].value
    victim = Browser()
    victim.cookies["hold"] = token
    victim.post("/reserve/details/", DETAILS)
    assert "福岡" not in client.get("/reserve/confirm/", follow=True).content.decode()
    assert "福岡" in victim.get("/reserve/confirm/").content.decode()


def test_the_time_that_is_extended_renews_the_token_with_what_stands_in_the_form(client):
    to_details(client)
    token = client.cookies["hold"].value
    client.post("/reserve/extend/", DETAILS)
    assert client.cookies["hold"].value != token
    assert HANAKO.phone[-4:] in client.get("/reserve/details/").content.decode()


def test_choosing_again_with_somebody_typed_renews_the_token(client):
    to_confirm(client)
    token = client.cookies["hold"].value
    client.post("/reserve/", PROCEDURES)
    assert client.cookies["hold"].value != token
    with pytest.raises(HoldExpired):
        find_session(token)


def test_the_second_press_with_the_old_token_finds_what_the_first_made(client):
    to_details(client)
    token = client.cookies["hold"].value
    typed = {**DETAILS, "csrfmiddlewaretoken": "of this page"}
    assert client.post("/reserve/details/", typed).url == "/reserve/confirm/"
    first = client.cookies["hold"].value
    # The answer to the first press never came.
    client.cookies["hold"] = token
    assert client.post("/reserve/details/", typed).url == "/reserve/confirm/"
    assert client.cookies["hold"].value == first
    # The form is what opens it: whoever has the old token alone gets no further with another one.
    client.cookies["hold"] = token
    assert client.post("/reserve/details/", {**typed, "csrfmiddlewaretoken": "of another"}).status_code == 410


def test_the_masked_view_of_a_look_up_stays_masked_when_somebody_else_opens_all(client):
    made = book()
    found = client.post("/lookup/", {"reference": made.reference, **BIRTH}).url
    name = f"booking-{found.split('/')[2]}"
    masked = client.cookies[name].value
    owner = opens(Browser(), made.link_token)
    assert client.get(owner).status_code in {200, 302}
    client.cookies[name] = masked
    assert HANAKO.phone[-4:] not in client.get(found).content.decode()


def test_the_view_of_a_look_up_ends_after_half_an_hour(client):
    found = client.post("/lookup/", {"reference": book().reference, **BIRTH}).url
    assert client.get(found).status_code == 200
    assert client.cookies[f"booking-{found.split('/')[2]}"]["max-age"] == 30 * 60


def test_a_session_from_before_the_sign_in_opens_nothing_afterwards(client):
    user = member(Role.OPERATOR, "callcentre")
    client.get("/accounts/login/")
    session = client.session
    session["planted"] = True
    session.save()
    client.cookies["session"] = before = session.session_key
    client.post("/staff/demo/", {"username": user.username})
    after = client.cookies["session"].value
    assert after != before
    other = Browser()
    other.cookies["session"] = before
    assert "/accounts/login/" in other.get("/operator/").url
    assert "planted" not in client.session


def test_signing_out_and_a_reset_end_what_the_session_cookie_opens(client):
    user = member(Role.OPERATOR, "callcentre")
    client.post("/staff/demo/", {"username": user.username})
    kept = client.cookies["session"].value
    services.reset_sign_in(user_id=user.pk, actor=SYSTEM)
    other = Browser()
    other.cookies["session"] = kept
    assert "/accounts/login/" in other.get("/operator/").url


def test_the_token_against_forgery_is_another_after_the_sign_in(client):
    user = member(Role.OPERATOR, "callcentre")
    client.get("/accounts/login/")
    before = client.cookies["csrf"].value
    client.post("/staff/demo/", {"username": user.username})
    assert client.cookies["csrf"].value != before
    assert clock.now() == NOON
