"""A press acts on what its page showed, or on nothing: every form of every site."""

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from django.views.decorators.http import require_http_methods
from support.journeys import text_of
from support.presses import CARRIES as SHOWN
from support.presses import ledgers
from support.staff_presses import STAFF
from support.tabs import Browser

pytestmark = pytest.mark.usefixtures("city")

# The second press finds its work done, and says how things stand instead of what was done.
SAYS_HOW_IT_STANDS = {
    "citizen:reserve-leave-out",
    "citizen:reserve-wait-check",
    # A second start code would take away the one that was just shown.
    "city:accounts-reset",
    "secretariat:accounts-reset",
}
# Where django.views.decorators.http keeps the methods of a view.
METHODS = "request_method_list"
LOOKS = "only looks, and writes nothing but the look"
MACHINES = "answers machines and reads nothing"
CREATES = "makes something new from what is typed; pressed twice it is made once (test_two_clerks)"
ENDS_ROW = "ends the row in the address, of which nothing else changes; twice is once"
FILES = "makes a file for who asks, which changes nothing and goes after a day"


def _press_of(staff):
    def come(client):
        press = staff(client)
        return press.path, press.typed

    return come


CARRIES = SHOWN | {name: _press_of(staff) for name, staff in STAFF.items()}
WITHOUT = {
    "citizen:reserve-office": "looks for offices by the postal code that is typed",
    "citizen:booking-lookup": LOOKS,
    "citizen:booking-place": LOOKS,
    "citizen:booking-code": "the address names the look-up; the code goes to the address on record",
    "citizen:booking-code-use": "the address names the look-up; a code is one booking's alone",
    "citizen:link-confirm": LOOKS,
    "citizen:link-add": "begins a session beside the booking in the address; stale forms of the one before "
    "are refused, for each session is another one",
    ":set_language": "changes the language of the browser",
    # These have no name.
    "healthz": MACHINES,
    "readyz": MACHINES,
    "metrics": MACHINES,
    "city:accounts-list": LOOKS,
    "city:accounts-add": CREATES,
    "city:devices-list": LOOKS,
    "city:devices-add": CREATES,
    "city:devices-revoke": ENDS_ROW,
    "office:visits-show": LOOKS,
    "office:visits-print": LOOKS,
    "operator:desk": "the form carries the whole call, and its name, which is its own in every tab",
    "operator:calls-list": "the form names visit and number of calls before; a later number is refused",
    "operator:calls-print": LOOKS,
    "operator:waiting-list": "the form names the person in line and the number of calls before",
    "operator:visits-show": "makes sure of the caller of the reference in the address",
    "operator:visits-slip": LOOKS,
    "secretariat:reservations-list": LOOKS,
    "secretariat:reservations-export": FILES,
    "secretariat:reservations-add": LOOKS,
    "secretariat:reservations-details": CREATES + "; procedures and time stand in its address",
    "secretariat:reservations-slip": LOOKS,
    "secretariat:reservations-letter": LOOKS,
    "secretariat:exports-take": LOOKS,
    "secretariat:exports-remove": ENDS_ROW,
    "secretariat:checks-list": LOOKS,
    "secretariat:checks-undo": "the form names the check by its instant; another one stays",
    "secretariat:offices-closures": CREATES,
    "secretariat:offices-withdraw-closure": ENDS_ROW,
    "secretariat:proposals-add": CREATES,
    "secretariat:announcements-add": CREATES,
    "secretariat:calls-paper": LOOKS,
    "secretariat:calls-record": "the form carries the number of calls before; a later number is refused",
    "secretariat:disruptions-mail": "the form carries how many are written to; another number is refused",
    "secretariat:disruptions-calls": LOOKS,
    "secretariat:personal": LOOKS,
    "secretariat:personal-order": CREATES,
    "secretariat:personal-disclose": FILES,
    "secretariat:pauses-list": CREATES,
    "secretariat:accounts-list": LOOKS,
    "secretariat:accounts-add": CREATES,
    "secretariat:devices-list": LOOKS,
    "secretariat:devices-add": CREATES,
    "secretariat:devices-revoke": ENDS_ROW,
    "login:landing": LOOKS,
    "login:start": "opens one's own account with what is typed",
    "login:device": "signs in with what is typed",
    "login:enrol": "registers the device that presses",
    "login:demo": "signs in as the person whose button it is",
}


def _accepts_post(view):
    """Tell whether a view takes a POST: unless a decorator lists other methods it does."""
    while view is not None:
        cells = getattr(getattr(view, "__code__", None), "co_freevars", ())
        if METHODS in cells:
            return "POST" in view.__closure__[cells.index(METHODS)].cell_contents
        view = getattr(view, "__wrapped__", None)
    return True


def test_django_keeps_the_methods_of_a_view_where_they_are_read_here():
    """Otherwise every page would count as one that takes a POST."""
    assert METHODS in require_http_methods(["GET"])(lambda request: request).__code__.co_freevars
    assert not _accepts_post(require_http_methods(["GET"])(lambda request: request))
    assert _accepts_post(require_http_methods(["GET", "POST"])(lambda request: request))


def post_route_names(resolver=None, site=""):
    """Yield the name of every route that takes a POST, or its path where it has none.

    The routes of allauth are left out: they act on one's own account only.
    """
    for each in (resolver or get_resolver()).url_patterns:
        if isinstance(each, URLResolver) and each.app_name != "ninja":
            yield from post_route_names(each, each.app_name or site)
        elif (
            isinstance(each, URLPattern)
            and not each.callback.__module__.startswith("allauth.")
            and _accepts_post(each.callback)
        ):
            yield f"{site}:{each.name}" if each.name else str(each.pattern)


def test_every_form_says_what_it_is_about_or_why_it_need_not():
    assert set(post_route_names()) == set(CARRIES) | set(WITHOUT)
    assert not set(CARRIES) & set(WITHOUT)


def refuse(client, path, typed, seen):
    """Press a button whose page is said to have shown something else, and read the refusal."""
    answer = client.post(path, {**typed, "seen": seen})
    assert answer.status_code == 409, seen
    page = text_of(answer)
    assert "内容が変わりました" in page or "内容が変わった" in page


@pytest.mark.soak
@pytest.mark.parametrize("name", CARRIES)
def test_a_press_that_does_not_say_what_it_saw_does_nothing_and_says_so(name):
    client = Browser()
    path, typed = CARRIES[name](client)
    before = ledgers()
    for seen in ("", "0" * 32, "窓口\x01" * 50):
        refuse(client, path, typed, seen)
        assert ledgers() == before


@pytest.mark.parametrize("name", CARRIES)
def test_a_press_that_saw_something_else_does_nothing_and_the_same_press_twice_acts_once(name):
    client = Browser()
    path, typed = CARRIES[name](client)
    before = ledgers()
    refuse(client, path, typed, "0" * 32)
    assert ledgers() == before
    first = client.post(path, typed)
    assert first.status_code in {200, 302}
    after = ledgers()
    assert after != before
    second = client.post(path, {**typed, "seen": first.wsgi_request.POST["seen"]})
    assert ledgers() == after
    if name not in SAYS_HOW_IT_STANDS:
        assert (second.status_code, second.headers.get("Location")) == (
            first.status_code,
            first.headers.get("Location"),
        )
