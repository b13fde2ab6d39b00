"""Whatever stands in an address or a form, the answer is a page: never a server error."""

import uuid
from collections.abc import Iterator
from itertools import cycle

import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.db import transaction
from django.urls import URLPattern, URLResolver, get_resolver
from support.journeys import opens
from support.people import HANAKO
from support.secretariat import book, member, slot_at
from support.tabs import page_of

from madoguchi.accounts.kinds import Role
from madoguchi.sites.citizen.reserve.session import COOKIE
from madoguchi.workflows.booking import sessions

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("city")]
NASTY = (
    "abc",
    "9" * 19,
    "9" * 5000,
    "a\0b",
    "²",
    "2026-02-30",
    "9999-12-31",
    "0001-01-01",
    "9999-12",
    "𠮷󠄀" * 99,
)
# One request that has each of them somewhere, and one request for each of them alone.
MIXED, ALONE = [NASTY], [(value,) for value in NASTY]
# What pages read from their address, and what forms send.
IN_ADDRESSES = (
    "asked by day file from kind like locked month moment next office open order page procedure "
    "procedures q reason role since slot state status step to unchecked view ward wave"
)
IN_FORMS = (
    "action after back birth_date_day birth_date_era birth_date_month birth_date_year body "
    "card_expires_on_day card_expires_on_month card_expires_on_year cell code consent day do "
    "effective_on email end ends_at file fill kind language may_repeat name name_kana near needs next "
    "outcome page person phone pin postal_code reached reason reference reservation roles searched "
    "seats since slot start step subject submission sure text title username ward what"
)
# Where a view only reads on when some of what it is sent makes sense.
SENSE = {"procedures": "CERT_RENEW", "office": "HM01"}
STAND_INS = {
    "<str:office>": ("HM01", "zzz"),
    "<slug:code>": ("HM01", "all", "zzz"),
    "<slug:key>": ("opens_days_before", "zzz"),
    "<slug:kind>": ("confirmation", "announcement", "rules", "mail", "text", "zzz"),
    "<day:": ("2026-12-15", "9999-12-31"),
    "<office_day:": ("2026-11-24", "9999-12-31"),
    "<str:name>": ("UNDER_15", "zzz"),
    "<str:scope>": ("HM01", "zzz", "²", "9" * 30),
    "<int:": ("1", "9" * 30),
    "<uuid:": (str(uuid.UUID(int=1)),),
}


def routes(resolver: URLResolver | None = None, route: str = "/") -> Iterator[str]:
    for each in (resolver or get_resolver()).url_patterns:
        here = f"{route}{each.pattern}".replace("^", "").replace("$", "")
        if isinstance(each, URLPattern):
            yield here
        else:
            yield from routes(each, here)


ROUTES = sorted({route for route in routes() if "(?P" not in route})


def room(route: str) -> str:
    """Return which part of the house an address belongs to: small enough for two to share the work."""
    return "/".join(route.split("/")[1:3])


ROOMS = sorted({room(route) for route in ROUTES})


def addresses(route: str, known: dict[str, tuple[str, ...]]) -> list[str]:
    """Return the addresses of a route: with what exists, and with what cannot be."""
    found = [route]
    for part in (part for part in route.split("/") if part.startswith("<")):
        values = next(values for start, values in (STAND_INS | known).items() if part.startswith(start))
        found = [address.replace(part, value, 1) for address in found for value in values]
    return found


def typed(names: str, values: tuple[str, ...]) -> dict[str, str]:
    """Return a value for each name, in turn."""
    return dict(zip(names.split(), cycle(values), strict=False))


def test_every_parameter_of_an_address_has_a_stand_in():
    known = {"<str:reference>": ("x",), "<slug:reference>": ("x",), "<str:token>": ("x",)}
    assert all("<" not in address for route in ROUTES for address in addresses(route, known))


@pytest.fixture
def read(monkeypatch):
    """Return a list that grows whenever something reads what an address asks."""
    found, query = [], WSGIRequest.__dict__["GET"].func
    monkeypatch.setattr(WSGIRequest, "GET", property(lambda request: found.append(request) or query(request)))
    return found


@pytest.mark.parametrize(
    "requests", [pytest.param(MIXED, id="mixed"), pytest.param(ALONE, id="alone", marks=pytest.mark.soak)]
)
@pytest.mark.parametrize("here", ROOMS)
def test_no_address_and_no_form_is_answered_by_a_server_error(here, requests, client, read):
    group = here.split("/")[0]
    role = {"operator": Role.OPERATOR, "office": Role.OFFICE}.get(group, Role.SECRETARIAT)
    user = member(role, username="somebody")
    made = book(HANAKO)
    known = {
        "<str:reference>": (made.reference, "zzz"),
        "<slug:reference>": (made.reference, "zzz"),
        "<str:token>": (made.link_token, "zzz"),
    }
    slot = slot_at(16, 10)
    failed = []

    def ask(method, address, sent):
        before = transaction.savepoint()
        try:
            if method(address, sent).status_code >= 500:
                failed.append((address, sent))
        except Exception as error:  # noqa: BLE001 - all of them are told at the end
            failed.append((address, repr(error)[:200], {str(value)[:20] for value in sent.values()}))
        # Each request finds the city as it was, whatever the one before it did or broke.
        transaction.set_rollback(False)
        transaction.savepoint_rollback(before)

    for route in (route for route in ROUTES if room(route) == here):
        client.force_login(user)
        opens(client, made.link_token)
        client.cookies[COOKIE] = sessions.start_session(
            source=route, form_data={"members": [{"procedures": ["CERT_RENEW"]}]}
        )
        for number, address in enumerate(addresses(route, known)):
            # What is not there reads nothing, and sign-in takes its time over every password.
            sent = requests[: 1 if number or group == "accounts" else None]
            read.clear()
            for values in sent:
                asked = typed(IN_ADDRESSES, values)
                ask(client.get, address, asked)
                ask(client.get, address, asked | SENSE)
                if not read:
                    break  # A page that read nothing of the first answers all of them alike.
            button = f"{address}?procedures=CERT_RENEW&slot={slot}"
            shown = {"seen": client.open_before(button, {"day": "2026-12-15"})} if page_of(button) else {}
            for values in sent:
                ask(client.post, button, typed(IN_FORMS, values) | SENSE | shown)
    assert not failed
