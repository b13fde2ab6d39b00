"""Nothing that is typed into the boxes of sign-in, look-up and search pages stays in a table or a log."""

import json
import logging
import re
from html.parser import HTMLParser

import pytest
import structlog
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings as django_settings
from django.contrib.sessions.models import Session
from django.db import IntegrityError, connection, transaction
from django.test import Client
from support.journeys import BIRTH, to_booked, to_details
from support.secretariat import book, member
from support.staff_pages import address, staff_pages
from support.tabs import Browser

from madoguchi.accounts import selectors, services, tablets
from madoguchi.accounts.assignments import assign_offices
from madoguchi.accounts.kinds import Role
from madoguchi.accounts.lockouts import LockoutHandler, lockout_key
from madoguchi.accounts.models import Device, User
from madoguchi.accounts.roles import Zone
from madoguchi.audit.actor import SYSTEM
from madoguchi.reservations.models import Reservation

pytestmark = [pytest.mark.usefixtures("city"), pytest.mark.slow]
PASSWORD = "なかすの川は 夕方に光る 42"
TYPED = "zqTyped"
# A word for search, a number, a password: what people put into the wrong box.
SENTINELS = (f"{TYPED}Word", f"{TYPED}@example.jp", "080-9182-7364", "9182736450")
ENTRANCES = (
    "/accounts/login/",
    "/accounts/login/?next=/operator/",
    "/accounts/2fa/authenticate/",
    "/staff/start/",
    "/staff/device/",
    "/staff/device/enrol/",
)
LOOK_UPS = ("/lookup/", "/reserve/office/", "/offices/")
TEXT_INPUTS = {"text", "search", "password", "tel", "email", "number", "hidden"}


class Forms(HTMLParser):
    """The forms of a page: method, address, and the names of the fields that take text."""

    def __init__(self, page):
        super().__init__()
        self.forms = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        if tag == "form":
            self.forms.append((found.get("method", "get").lower(), found.get("action") or "", []))
        is_box = tag == "textarea" or (tag == "input" and found.get("type", "text") in TEXT_INPUTS)
        if is_box and self.forms and found.get("name"):
            self.forms[-1][2].append(found["name"])


def type_into(client, page, *, methods, typed=SENTINELS):
    """Fill every form of a page with each of what is typed and send it, as it is."""
    html = client.get(page, follow=True).content.decode(errors="replace")
    count = 0
    for method, action, names in Forms(html).forms:
        kept = [name for name in names if name not in {"csrfmiddlewaretoken", "next"}]
        if method not in methods or not kept or "logout" in action or "demo" in action:
            continue
        for each in typed:
            getattr(client, method)(action or page, dict.fromkeys(kept, each))
            count += 1
    return count


def everything_kept():
    """Return every row of every table as text, with sessions opened."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT to_jsonb(row)::text FROM "{table}" AS row')  # noqa: S608 - a name of the catalogue
            yield from ((table, text) for (text,) in cursor.fetchall())
    for session in Session.objects.all():
        yield "session", json.dumps(session.get_decoded(), ensure_ascii=False, default=str)


def found_in(texts):
    """Return where a sentinel stands, in any of the forms a column may give it."""
    shapes = {form for each in SENTINELS for form in (each, each.lower(), each.encode().hex())}
    shapes |= {re.sub(r"\D", "", SENTINELS[2])}
    return [(where, shape) for where, text in texts for shape in shapes if shape in text]


@pytest.fixture
def lines(caplog):
    """Return what the log of this run would say."""
    formatter = django_settings.LOGGING["formatters"]["json"]
    as_json = structlog.stdlib.ProcessorFormatter(
        processors=formatter["processors"], foreign_pre_chain=formatter["foreign_pre_chain"]
    )
    caplog.set_level(logging.INFO)
    return lambda: [("log", as_json.format(record)) for record in caplog.records]


@pytest.fixture
def entrance(settings):
    settings.AXES_ENABLED = True
    return Client()


def tablet(client):
    """Make a browser the shared tablet of an office where somebody has a PIN."""
    user = member(Role.OFFICE, "kyoku")
    assign_offices(user_id=user.pk, offices=["HM01"], actor=SYSTEM)
    code = services.reset_sign_in(user_id=user.pk, actor=SYSTEM)
    services.start_with_pin(username="kyoku", code=code, pin="493817")
    device = tablets.register_device(
        label="見本東 1号", zone=Zone.CONTRACTOR, office_code="HM01", actor=SYSTEM
    )
    client.post("/staff/device/enrol/", {"code": device})
    assert Device.objects.get().enrolled_at
    return client


def test_the_boxes_of_the_sign_in_pages_leave_nothing(entrance, lines):
    assert sum(type_into(entrance, page, methods={"post"}) for page in ENTRANCES) >= 12
    counter = tablet(Client())
    assert sum(type_into(counter, page, methods={"post"}) for page in ENTRANCES) >= 12
    assert found_in(everything_kept()) == []
    assert found_in(lines()) == []


def test_the_second_factor_leaves_nothing_of_what_was_searched_for_before(entrance, settings, lines):
    settings.TRAINING = False
    opened = services.open_account(
        username="hanako",
        display_name="福岡 花子",
        organisation="見本",
        roles=[Role.SECRETARIAT],
        actor=SYSTEM,
    )
    user = services.start_with_password(
        username="hanako", code=opened.start_code, password=PASSWORD, source="192.0.2.1"
    )
    TOTP.activate(user, generate_totp_secret())
    there = entrance.get("/secretariat/reservations/", {"q": SENTINELS[0]}).url
    assert (
        entrance.post(there, {"login": "hanako", "password": PASSWORD}).url == "/accounts/2fa/authenticate/"
    )
    entrance.post("/accounts/2fa/authenticate/", {"code": SENTINELS[3]})
    assert Session.objects.exists()
    assert found_in(everything_kept()) == []
    assert found_in(lines()) == []


def test_the_boxes_of_the_look_up_pages_leave_nothing(client, lines):
    link = to_booked(client).url.partition("?")[0]
    visitor = Browser()
    to_details(visitor)
    found = visitor.post("/lookup/", {"reference": Reservation.objects.get().reference, **BIRTH}).url
    pages = (*LOOK_UPS, f"{link}confirm/", f"{found}code/use/", f"{found}place/")
    assert sum(type_into(visitor, page, methods={"get", "post"}) for page in pages) >= 12
    client.post("/lookup/", {"reference": SENTINELS[3], **BIRTH})
    assert found_in(everything_kept()) == []
    assert found_in(lines()) == []


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param((" ".join(SENTINELS),), id="together"),
        pytest.param(SENTINELS, id="each", marks=pytest.mark.soak),
    ],
)
@pytest.mark.parametrize("role", list(Role))
def test_the_search_boxes_of_staff_leave_nothing(client, role, typed, lines):
    made = book()
    user = member(role)
    assign_offices(user_id=user.pk, offices=["HM01"], actor=SYSTEM)
    client.force_login(user)
    for _, route, page in staff_pages():
        here = address(route, page, reference=made.reference, code="HM01", office="HM01")
        if client.get(here).status_code == 200:
            type_into(client, here, methods={"get"}, typed=typed)
    assert found_in(everything_kept()) == []
    assert found_in(lines()) == []


def test_a_locked_account_is_found_by_its_administrators_and_unlocked(entrance, settings):
    settings.ACCOUNT_RATE_LIMITS = False
    user = member(Role.OPERATOR, "callcentre")
    for _ in range(5):
        entrance.post("/accounts/login/", {"login": " CallCentre", "password": SENTINELS[0]})
        entrance.post("/accounts/login/", {"login": SENTINELS[1], "password": SENTINELS[0]})
    assert [row.username for row in selectors.accounts(zone=Zone.CONTRACTOR, locked=True)] == ["callcentre"]
    assert selectors.accounts(zone=Zone.CITY, locked=True) == []
    desk = Browser()
    desk.force_login(member(), backend="django.contrib.auth.backends.ModelBackend")
    assert "パスワードの入力ミスで停止" in desk.get("/secretariat/accounts/?locked=1").content.decode()
    desk.get(f"/secretariat/accounts/{user.pk}/")
    desk.post(f"/secretariat/accounts/{user.pk}/unlock/")
    assert selectors.accounts(zone=Zone.CONTRACTOR, locked=True) == []
    assert User.objects.count() == 2


def test_wrong_passwords_of_many_names_from_one_address_are_limited(entrance, settings):
    replies = [entrance.post("/accounts/login/", {"login": f"x{n}", "password": "x"}) for n in range(11)]
    codes = [
        [error.code for error in reply.context["form"].non_field_errors().as_data()] for reply in replies
    ]
    assert (codes[-2], codes[-1]) == (["username_password_mismatch"], ["too_many_login_attempts"])


@pytest.mark.parametrize(
    "column", ["username", "get_data", "post_data", "user_agent", "http_accept", "path_info"]
)
def test_the_table_of_failures_itself_refuses_what_was_typed(entrance, column):
    entrance.post("/accounts/login/", {"login": "hanako", "password": "x"})
    with connection.cursor() as cursor:
        cursor.execute("SELECT username FROM axes_accessattempt")
        assert cursor.fetchall() == [(lockout_key("Hanako "),)]
        with pytest.raises(IntegrityError, match="nothing_typed_is_kept"), transaction.atomic():
            cursor.execute(f"UPDATE axes_accessattempt SET {column} = %s", [SENTINELS[0]])  # noqa: S608


def test_the_library_counts_through_our_handler():
    assert f"{LockoutHandler.__module__}.{LockoutHandler.__qualname__}" == django_settings.AXES_HANDLER
