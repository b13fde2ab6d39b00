"""A press that leads no further is answered by an address: Back asks nothing, and nothing typed is lost."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from support.city import NOON
from support.journeys import BIRTH, DETAILS, PROCEDURES, text_of, to_confirm, to_details
from support.people import HANAKO
from support.presses import CARRIES, by_link, by_look_up, wish
from support.secretariat import book
from support.tabs import Browser, words_of

from madoguchi.common import clock
from madoguchi.kept_forms.models import KeptForm
from madoguchi.sealing.models import PersonKey
from madoguchi.sites.citizen.urls import urlpatterns
from madoguchi.workflows.booking import sessions

pytestmark = pytest.mark.usefixtures("city")
NUMBER = "1234-5678-9018"


def at(address, come=None):
    """Return how to come to an address, after `come`."""

    def there(client):
        if come:
            come(client)
        return address

    return there


def procedures_begun(client):
    client.post("/reserve/", PROCEDURES)


def unknown_link(client):
    return f"/r/{book(HANAKO).link_token}/confirm/"


# Each page into which people type: how to come there, what is wrong, and what of it the page shows again.
FORMS = {
    "reserve-procedures": (
        at("/reserve/"),
        {"people": "2", "card_expires_on_year": "20x5"},
        'value="20x5"',
    ),
    "reserve-office": (at("/reserve/office/", procedures_begun), {"postal_code": "81x"}, 'value="81x"'),
    "reserve-times": (
        at("/reserve/HM01/?day=2026-12-15", procedures_begun),
        {"slot": "0x1"},
        'href="#id_slot"',
    ),
    "reserve-details": (
        at("/reserve/details/", to_details),
        {**DETAILS, "phone": "09x"},
        'value="福岡　花子"',
    ),
    "reserve-confirm": (at("/reserve/confirm/", to_confirm), {}, 'name="consent"'),
    "reserve-wait": (
        lambda client: wish(client)[0],
        {"offices": ["HM01"], "times": "morning", "first_day": "x"},
        'value="morning" required id="id_times_1" checked',
    ),
    "reserve-wait-check": (None, {}, 'name="consent"'),
    "booking-lookup": (at("/lookup/"), {"reference": "K7MTx", **BIRTH}, 'value="K7MTx"'),
    "booking-code-use": (lambda client: by_look_up(client) + "code/use/", {"code": "12x"}, 'value="12x"'),
    "booking-place": (lambda client: by_look_up(client) + "place/", {"phone_end": "12x"}, 'value="12x"'),
    "booking-change": (lambda client: by_look_up(client) + "change/", {"slot": "x"}, 'href="#id_slot"'),
    "booking-procedures": (lambda client: by_look_up(client) + "procedures/", {}, 'name="procedures"'),
    "link-procedures": (lambda client: by_link(client) + "procedures/", {}, 'name="procedures"'),
    "booking-contact": (lambda client: by_look_up(client) + "contact/", {"phone": "09x"}, 'value="09x"'),
    "booking-cancel": (lambda client: by_look_up(client) + "cancel/", {"reason": "x"}, 'name="reason"'),
    "link-confirm": (unknown_link, {**BIRTH, "birth_date_day": "99"}, 'value="99"'),
    "link-change": (lambda client: by_link(client) + "change/", {"slot": "x"}, 'href="#id_slot"'),
    "link-contact": (lambda client: by_link(client) + "contact/", {"phone": "09x"}, 'value="09x"'),
    "link-cancel": (lambda client: by_link(client) + "cancel/", {"reason": "x"}, 'name="reason"'),
}
# Buttons without a field beside them.
BUTTONS = {
    "reserve-extend",
    "reserve-leave-out",
    "wait-accept",
    "wait-leave",
    "wait-pass",
    "booking-code",
    "link-add",
}
TYPED = {name: form for name, form in FORMS.items() if "value=" in form[2]}


def come(client, name):
    there = FORMS[name][0]
    return there(client) if there else CARRIES[f"citizen:{name}"](client)[0]


def press(client, page, data):
    """Press as a browser does, and return the answer itself."""
    path = page.partition("?")[0]
    seen = words_of(client.get(page), path).get(path, "")
    return Client.post(client, page, {**data, "seen": seen})


def test_every_page_that_takes_a_press_is_known():
    takes = {each.name for each in urlpatterns if "POST" in methods(each.callback)}
    assert takes == set(FORMS) | BUTTONS


def methods(view):
    """Return the methods that the decorators of a view name."""
    while view is not None:
        code = getattr(view, "__code__", None)
        if code and "request_method_list" in code.co_freevars:
            return view.__closure__[code.co_freevars.index("request_method_list")].cell_contents
        view = getattr(view, "__wrapped__", None)
    return ()


@pytest.mark.parametrize("name", FORMS)
def test_a_refused_press_leads_to_an_address_that_says_why_and_shows_what_was_typed(client, name):
    page = come(client, name)
    answer = press(client, page, FORMS[name][1])
    assert answer.status_code == 303
    assert answer.url.partition("?")[0] == page.partition("?")[0]
    for _ in range(2):  # the address, and Back to it
        shown = client.get(answer.url)
        assert shown.status_code == 200
        assert "<title>エラー：" in text_of(shown)
        assert FORMS[name][2] in text_of(shown)
    assert "エラー：" not in text_of(client.get(page, follow=True))


@pytest.mark.parametrize("name", [name for name in FORMS if f"citizen:{name}" in CARRIES])
def test_no_press_is_answered_by_a_page(client, name):
    path, typed = CARRIES[f"citizen:{name}"](client)
    for data in ({}, typed):
        sent = {**data, "seen": client.open_before(path, data)}
        assert Client.post(client, path, sent).status_code in {302, 303}


@pytest.mark.parametrize("name", TYPED)
def test_an_address_shows_nothing_to_another_browser_or_when_its_time_is_over(client, name):
    page = come(client, name)
    address = press(client, page, FORMS[name][1]).url
    other = Browser()
    other.cookies.update({key: value for key, value in client.cookies.items() if "kept-" not in key})
    before = PersonKey.objects.count()
    if name != "reserve-details":  # the booking session keeps it
        assert FORMS[name][2] not in text_of(other.get(address))
        with clock.travel(NOON + timedelta(minutes=10)):
            assert FORMS[name][2] not in text_of(client.get(address, follow=True))
    with clock.travel(NOON + timedelta(minutes=10)):
        sessions.purge(now=clock.now())
    assert not KeptForm.objects.exists()
    assert PersonKey.objects.count() == before - 1


@pytest.mark.parametrize("name", TYPED)
def test_another_language_keeps_what_was_typed_and_says_nothing_that_nobody_pressed(client, name):
    page = come(client, name)
    answer = press(client, page, {**FORMS[name][1], "language": "en"})
    shown = client.get(answer.url)
    assert FORMS[name][2] in text_of(shown)
    assert '<html lang="en">' in text_of(shown)
    assert "<title>Error: " not in text_of(shown)


@pytest.mark.parametrize("name", TYPED)
def test_what_was_said_is_said_in_the_other_language(client, name):
    page = come(client, name)
    address = press(client, page, FORMS[name][1]).url
    shown = text_of(client.get(press(client, address, {**FORMS[name][1], "language": "en"}).url))
    assert "<title>Error: " in shown
    assert FORMS[name][2] in shown
    assert not re.search("[ぁ-ん]", re.search('role="alert".*?</div>', shown, re.DOTALL)[0])


@pytest.mark.parametrize("name", FORMS)
def test_the_buttons_of_the_languages_send_the_form_along_and_are_not_what_enter_presses(client, name):
    page = text_of(client.get(come(client, name), follow=True))
    if name in {"booking-change", "link-change"}:  # a time is chosen on the next page
        return
    assert page.count('id="typed"') == 1
    first = re.search('<button[^>]*form="typed"[^>]*>', page)[0]
    assert "name=" not in first
    assert re.findall('form="typed" formnovalidate name="language" value="([^"]*)"', page)


@pytest.mark.parametrize("name", ["reserve-procedures", "reserve-office", "reserve-wait"])
def test_back_leads_on_whatever_was_typed_and_shows_it_to_who_returns(client, name):
    page = come(client, name)
    back = re.search('name="leave" value="([^"]*)"', text_of(client.get(page)))[1]
    answer = press(client, page, {**FORMS[name][1], "leave": back})
    assert answer.url == back
    shown = text_of(client.get(page))
    assert FORMS[name][2] in shown
    assert "エラー：" not in shown


def test_back_from_the_details_keeps_them_and_asks_again_for_what_is_not_right(client):
    to_confirm(client)
    answer = press(client, "/reserve/details/", {**DETAILS, "name": "福岡　太郎", "phone": "", "save": "1"})
    assert answer.url == "/reserve/HM01/"
    assert 'value="福岡　太郎"' in text_of(client.get("/reserve/details/"))
    assert client.get("/reserve/confirm/").url == "/reserve/details/"


def test_a_press_after_the_time_is_over_leads_to_an_address_as_well(client):
    to_confirm(client)
    with clock.travel(NOON + timedelta(hours=3)):
        sessions.purge(now=clock.now())
        answer = Client.post(client, "/reserve/confirm/", {"consent": "on"})
        assert answer.status_code == 303
        assert client.get(answer.url).status_code == 410


def test_back_leads_to_no_other_site(client):
    assert press(client, "/reserve/", {"leave": "https://example.com/"}).url == "/"
    assert press(client, "/reserve/", {"leave": "//example.com/"}).url == "/"


def test_who_is_sent_to_the_ward_office_finds_what_was_typed_when_they_return(client):
    typed = {**PROCEDURES, "conditions": ["under_15"], "cert_expires_on_year": "20x5"}
    answer = press(client, "/reserve/", {**typed, "cert_expires_on_year": ""})
    assert answer.url == "/reserve/ward/UNDER_15/"
    assert re.search('value="under_15"[^>]* checked', text_of(client.get("/reserve/")))


def test_a_right_press_forgets_what_was_left(client):
    press(client, "/reserve/", {"conditions": ["under_15"], "leave": "/"})
    client.post("/reserve/", PROCEDURES)
    assert not re.search('value="under_15"[^>]* checked', text_of(client.get("/reserve/")))


@pytest.mark.parametrize(("name", "field"), [("booking-lookup", "reference"), ("reserve-details", "address")])
def test_a_number_that_may_not_be_kept_is_dropped_and_its_sentence_stays(client, name, field):
    page = come(client, name)
    answer = press(client, page, {**FORMS[name][1], field: NUMBER})
    shown = text_of(client.get(answer.url))
    assert NUMBER not in shown
    assert f'id="id_{field}_error"' in shown
    kept = press(client, answer.url, {**FORMS[name][1], field: NUMBER, "language": "en"})
    assert NUMBER not in text_of(client.get(kept.url))


def test_two_tabs_of_one_page_show_each_its_own(client):
    one = press(client, "/lookup/", {"reference": "AAAx"}).url
    two = press(client, "/lookup/", {"reference": "BBBx"}).url
    assert 'value="AAAx"' in text_of(client.get(one))
    assert 'value="BBBx"' in text_of(client.get(two))
    again = press(client, one, {"reference": "CCCx"}).url
    assert again == one
    assert 'value="CCCx"' in text_of(client.get(one))


def test_the_questions_of_the_guide_keep_their_mark_in_another_language(client):
    answer = client.get("/wizard/?asked=person&person=agent&language=en")
    shown = client.get(answer.url)
    assert '<html lang="en">' in text_of(shown)
    assert re.search('value="agent"[^>]* checked', text_of(shown))
    assert client.get("/wizard/?asked=person&language=en").url == "/wizard/?"


def test_more_than_anybody_types_is_answered_and_kept_by_nobody(client):
    answer = press(client, "/lookup/", {"reference": "x" * 30_000})
    assert answer.status_code == 200
    assert not KeptForm.objects.exists()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (
            {"cert_expires_on_0": "2027", "cert_expires_on_1": "4", "cert_expires_on_2": "30"},
            "まだ始まっていません",
        ),
        ({"conditions": ["not_resident"]}, "区役所"),
    ],
    ids=["too early", "ward"],
)
def test_the_way_back_from_an_explanation_leads_to_the_form_with_what_was_typed(typed, said):
    client = Browser()
    typed = {
        name.replace("_on_0", "_on_year").replace("_on_1", "_on_month").replace("_on_2", "_on_day"): value
        for name, value in typed.items()
    }
    assert said in text_of(client.post("/reserve/", {**PROCEDURES, **typed}, follow=True))
    page = text_of(client.get("/reserve/"))
    assert "手続きを選んでください" in page
    assert re.search('value="CERT_RENEW"[^>]*checked', page)
