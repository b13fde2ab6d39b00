"""A press acts on what its page showed, or on nothing: every form of every site, two tabs, a stale page."""

from datetime import date

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from support.callcentre import CallScreen, put_texts
from support.crowd import sell_out
from support.journeys import (
    BIRTH,
    DETAILS,
    PROCEDURES,
    forget_all_but_links,
    opens,
    slot_at,
    text_of,
    to_booked,
    to_confirm,
    to_details,
)
from support.people import HANAKO, OPERATOR, SECRETARIAT, TARO
from support.secretariat import book, filled, made_proposals, member
from support.tabs import Browser, words_of

from madoguchi.accounts.kinds import Role
from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.audit.actor import SYSTEM
from madoguchi.common import clock
from madoguchi.contract.kinds import ProposalKind, ProposalState
from madoguchi.contract.models import Proposal
from madoguchi.contract.proposals import proposal
from madoguchi.reservations import seats
from madoguchi.reservations.models import Applicant, Hold, Reservation, ReservedProcedure, Seat, Wait
from madoguchi.reservations.selectors import reservation
from madoguchi.sealing.services import unseal
from madoguchi.sites.citizen.booking.access import grant
from madoguchi.workflows.approvals import proposals as workflow
from madoguchi.workflows.booking import changes

pytestmark = pytest.mark.usefixtures("city")
OTHER = {"name": "博多　太郎", "name_kana": "ハカタ　タロウ", "email": "taro@example.jp"}
DAY = date(2026, 12, 15)
WISH = {"offices": ["HM01"], "first_day": DAY.isoformat(), "last_day": DAY.isoformat(), "times": "any"}
CONTACT = {"phone": "090-0000-9999", "email": "new@example.jp", "contact_by": "PHONE"}
STAFF_PERSON = {
    "name": "福岡　花子",
    "name_kana": "フクオカ　ハナコ",
    "birth_date": "S25.4.1",
    "phone": "090-0000-1111",
    "postal_code": "814-0006",
    "address": "星見市西区見本町2丁目1番1号",
    "email": "hanako@example.jp",
    "contact_by": "PHONE",
}

# How to come before each button, and what is typed beside it.


def _procedures(client):
    to_details(client)
    return "/reserve/", {**PROCEDURES, "procedures": ["PIN_RESET"]}


def _times(client):
    to_details(client)
    return "/reserve/HM01/", {"slot": slot_at(16, 9)}


def _details(client):
    to_details(client)
    return "/reserve/details/", {**DETAILS, "person": 1}


def _extend(client):
    to_confirm(client)
    return "/reserve/extend/", {"back": "confirm"}


def _confirm(client):
    to_confirm(client)
    return "/reserve/confirm/", {"consent": "on"}


def _leave_out(client):
    client.post("/reserve/", {**PROCEDURES, "people": 3})
    for number in (2, 3):
        client.post(f"/reserve/?person={number}", {**PROCEDURES, "person": number})
    return "/reserve/leave-out/", {"person": 2}


def _wish(client):
    client.post("/reserve/", PROCEDURES)
    return "/reserve/wait/", WISH


def _wait_check(client):
    sell_out(DAY)
    client.post(*_wish(client))
    client.post("/reserve/details/", DETAILS)
    return "/reserve/wait/check/", {"consent": "on"}


def _wait(client):
    visits = sell_out(DAY)
    client.post(*_wish(client))
    client.post("/reserve/details/", DETAILS)
    link = client.post("/reserve/wait/check/", {"consent": "on"}).url.partition("?")[0]
    changes.cancel(reservation_id=visits[0].id, actor=OPERATOR, channel="PHONE")
    return link


def _of_wait(page):
    return lambda client: (f"{_wait(client)}{page}/", {})


def _by_look_up(client):
    made = book(HANAKO)
    answer = grant(made.id, is_full=True)
    client.cookies.update(answer.cookies)
    return answer.url


def _by_link(client):
    return opens(client, reservation(book(HANAKO).id, scope=EVERYWHERE).link_token)


def _of(way, page, typed=dict):
    return lambda client: (f"{way(client)}{page}/", typed())


def _move():
    return {"slot": slot_at(16, 9), "sure": "1"}


def _called(client):
    put_texts()
    client.force_login(member(Role.OPERATOR, "callcentre"))
    made = book(HANAKO)
    session = client.session
    session["callers"] = {made.reference: ["reached", clock.now().isoformat()]}
    session.save()
    return f"/operator/visits/{made.reference}/"


def _at_the_secretariat(client):
    client.force_login(member())
    return f"/secretariat/reservations/{book(HANAKO).reference}/"


def _secretariat_move(client):
    return f"{_at_the_secretariat(client)}move/?slot={slot_at(16, 9)}", {"reason": "SCHEDULE"}


def _check(client):
    client.force_login(member())
    return f"/secretariat/checks/{book(HANAKO).reference}/", {}


def _written(client):
    client.force_login(member())
    return made_proposals()[2]


def _sent(client):
    made = made_proposals()[2]
    workflow.send_proposal(proposal_id=made, actor=SYSTEM)
    client.force_login(member(Role.CITY, "shi"))
    return made


def _edit(client):
    client.force_login(member())
    url = f"/secretariat/proposals/{made_proposals()[0]}/edit/"
    return url, filled(client, url, register_days="8")


CARRIES = {
    "citizen:reserve-procedures": _procedures,
    "citizen:reserve-times": _times,
    "citizen:reserve-details": _details,
    "citizen:reserve-extend": _extend,
    "citizen:reserve-confirm": _confirm,
    "citizen:reserve-leave-out": _leave_out,
    "citizen:reserve-wait": _wish,
    "citizen:reserve-wait-check": _wait_check,
    "citizen:wait-accept": _of_wait("accept"),
    "citizen:wait-leave": _of_wait("leave"),
    "citizen:booking-change": _of(_by_look_up, "change", _move),
    "citizen:booking-contact": _of(_by_look_up, "contact", lambda: CONTACT),
    "citizen:booking-cancel": _of(_by_look_up, "cancel"),
    "citizen:link-change": _of(_by_link, "change", _move),
    "citizen:link-contact": _of(_by_link, "contact", lambda: CONTACT),
    "citizen:link-cancel": _of(_by_link, "cancel"),
    "operator:visits-move": _of(
        _called, "move", lambda: {"do": "move", "slot": slot_at(16, 9), "reason": "SCHEDULE"}
    ),
    "operator:visits-correct": _of(_called, "correct", lambda: STAFF_PERSON),
    "operator:visits-cancel": _of(_called, "cancel", lambda: {"reason": "SCHEDULE"}),
    "secretariat:reservations-move": _secretariat_move,
    "secretariat:reservations-correct": _of(_at_the_secretariat, "correct", lambda: STAFF_PERSON),
    "secretariat:reservations-cancel": _of(_at_the_secretariat, "cancel", lambda: {"reason": "SCHEDULE"}),
    "secretariat:checks-check": _check,
    "secretariat:proposals-edit": _edit,
    "secretariat:proposals-send": lambda client: (f"/secretariat/proposals/{_written(client)}/send/", {}),
    "secretariat:proposals-withdraw": lambda client: (
        f"/secretariat/proposals/{_written(client)}/withdraw/",
        {},
    ),
    "city:proposals-approve": lambda client: (f"/city/proposals/{_sent(client)}/approve/", {}),
    "city:proposals-return": lambda client: (f"/city/proposals/{_sent(client)}/return/", {"answer": "直す"}),
}
# The second press finds its work done, and says how things stand instead of what was done.
SAYS_HOW_IT_STANDS = {"citizen:reserve-leave-out", "citizen:reserve-wait-check"}
LOOKS = "only looks, and writes nothing but the look"
NEW = "makes something new from what is typed, all of which is in the form"
NAMED = "the address names the row, which is not changed in between, only ended; the service checks its state"
TYPED_WHOLE = (
    "sends every value it sets; the address names what is set, and the page after it shows the result"
)
WITHOUT = {
    "citizen:reserve-office": "looks for offices by the postal code that is typed",
    "citizen:booking-lookup": LOOKS,
    "citizen:booking-code": "the address names the look-up; the code goes to the address on record",
    "citizen:booking-code-use": "the address names the look-up; a code is one booking's alone",
    "citizen:link-confirm": LOOKS,
    "citizen:link-add": "begins an attempt beside the booking in the address; stale forms of the one before "
    "are refused, for each attempt is another one",
    ":set_language": "changes the language of the browser",
    ":None": "answers machines and reads nothing",
    "city:accounts-list": LOOKS,
    "city:accounts-add": NEW,
    "city:accounts-change": TYPED_WHOLE,
    "city:accounts-suspend": NAMED,
    "city:accounts-resume": NAMED,
    "city:accounts-unlock": NAMED,
    "city:accounts-reset": NAMED,
    "office:visits-show": LOOKS,
    "office:visits-print": LOOKS,
    "operator:desk": "the form carries the whole call, and its name, which is its own in every tab",
    "operator:calls-list": "the form names visit and number of calls before; a later number is refused",
    "operator:calls-print": LOOKS,
    "operator:waiting-list": "the form names the person in line and the number of calls before",
    "operator:stopped-list": NAMED,
    "operator:visits-show": "makes sure of the caller of the reference in the address",
    "operator:visits-slip": LOOKS,
    "secretariat:reservations-list": LOOKS,
    "secretariat:reservations-export": LOOKS,
    "secretariat:reservations-add": LOOKS,
    "secretariat:reservations-details": NEW + "; procedures and time stand in its address",
    "secretariat:reservations-slip": LOOKS,
    "secretariat:exports-take": LOOKS,
    "secretariat:exports-remove": NAMED,
    "secretariat:checks-list": LOOKS,
    "secretariat:offices-save-day": TYPED_WHOLE,
    "secretariat:offices-reset-day": TYPED_WHOLE,
    "secretariat:offices-hours": TYPED_WHOLE,
    "secretariat:offices-closures": NEW,
    "secretariat:offices-withdraw-closure": NAMED,
    "secretariat:offices-presets": TYPED_WHOLE,
    "secretariat:proposals-add": NEW,
    "secretariat:announcements-add": NEW,
    "secretariat:announcements-edit": TYPED_WHOLE,
    "secretariat:announcements-end": NAMED,
    "secretariat:mails-resend": NAMED,
    "secretariat:mails-settle": NAMED,
    "secretariat:calls-paper": LOOKS,
    "secretariat:calls-record": "the form carries the number of calls before; a later number is refused",
    "secretariat:disruptions-mail": NAMED,
    "secretariat:disruptions-calls": LOOKS,
    "secretariat:disruptions-tell": NAMED,
    "secretariat:disruptions-keep": NAMED,
    "secretariat:personal": LOOKS,
    "secretariat:personal-order": NEW,
    "secretariat:personal-disclose": LOOKS,
    "secretariat:personal-erase": "asks for the written instruction of the city, and names the person",
    "secretariat:personal-preserve": NAMED,
    "secretariat:personal-release": NAMED,
    "secretariat:pauses-list": NEW,
    "secretariat:pauses-extend": TYPED_WHOLE,
    "secretariat:pauses-lift": NAMED,
    "secretariat:accounts-list": LOOKS,
    "secretariat:accounts-add": NEW,
    "secretariat:accounts-change": TYPED_WHOLE,
    "secretariat:accounts-suspend": NAMED,
    "secretariat:accounts-resume": NAMED,
    "secretariat:accounts-unlock": NAMED,
    "secretariat:accounts-reset": NAMED,
    "secretariat:devices-list": LOOKS,
    "secretariat:devices-add": NEW,
    "secretariat:devices-revoke": NAMED,
    "login:landing": LOOKS,
    "login:start": "opens one's own account with what is typed",
    "login:device": "signs in with what is typed",
    "login:enrol": "registers the device that presses",
    "login:demo": "signs in as the person whose button it is",
}
LEDGERS = (Reservation, ReservedProcedure, Applicant, Seat, Wait, Proposal)


def _takes_presses(view):
    while view is not None:
        cells = getattr(getattr(view, "__code__", None), "co_freevars", ())
        if "request_method_list" in cells:
            return "POST" in view.__closure__[cells.index("request_method_list")].cell_contents
        view = getattr(view, "__wrapped__", None)
    return True


def doors(resolver=None, site=""):
    """Yield the name of every page that takes a press; those of allauth act on the own account only."""
    for each in (resolver or get_resolver()).url_patterns:
        if isinstance(each, URLResolver) and each.app_name != "ninja":
            yield from doors(each, each.app_name or site)
        elif (
            isinstance(each, URLPattern)
            and not each.callback.__module__.startswith("allauth.")
            and _takes_presses(each.callback)
        ):
            yield f"{site}:{each.name}"


def ledgers():
    """Return everything that a press could change; drafts opened, for sealed anew they look different."""
    attempts = [
        (each.pk, each.held_until, each.extensions, each.reservation_id, _opened(each))
        for each in Hold.objects.select_related("key").order_by("pk")
    ]
    return [attempts, *(sorted(map(str, model.objects.values_list())) for model in LEDGERS)]


def _opened(hold):
    return unseal(hold.key, "reservations_hold", hold.pk, "draft", bytes(hold.draft))


def test_every_form_says_what_it_is_about_or_why_it_need_not():
    assert set(doors()) == set(CARRIES) | set(WITHOUT)
    assert not set(CARRIES) & set(WITHOUT)


@pytest.mark.parametrize("name", CARRIES)
def test_a_press_that_does_not_say_what_it_saw_does_nothing_and_says_so(name):
    client = Browser()
    path, typed = CARRIES[name](client)
    before = ledgers()
    for seen in ("", "0" * 32, "窓口\x01" * 50):
        answer = client.post(path, {**typed, "seen": seen})
        assert answer.status_code == 409, seen
        page = text_of(answer)
        assert "内容が変わりました" in page or "内容が変わった" in page
        assert ledgers() == before


@pytest.mark.parametrize("name", CARRIES)
def test_the_same_press_twice_gives_the_same_answer(name):
    client = Browser()
    path, typed = CARRIES[name](client)
    before = ledgers()
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


# Two tabs of one browser


def seen_at(client, page, action=""):
    """Open a page in a tab, and return what its form will say."""
    return words_of(client.get(page), page.partition("?")[0])[action or page.partition("?")[0]]


def test_who_chose_another_office_in_a_second_tab_does_not_book_it_in_the_first(client):
    to_confirm(client)
    first = seen_at(client, "/reserve/confirm/")
    client.post("/reserve/HM02/", {"slot": slot_at(16, 9, office="HM02")})
    answer = client.post("/reserve/confirm/", {"consent": "on", "seen": first})
    assert answer.status_code == 409
    page = text_of(answer)
    assert "内容が変わりました" in page
    assert "12月16日（水）午前9時" in page, "what stands now is shown"
    assert not Reservation.objects.exists()
    assert client.post("/reserve/confirm/", {"consent": "on"}).status_code == 302


def test_who_typed_another_person_in_a_second_tab_does_not_book_them_in_the_first(client):
    to_confirm(client)
    first = seen_at(client, "/reserve/confirm/")
    client.post("/reserve/details/", {**DETAILS, **OTHER})
    answer = client.post("/reserve/confirm/", {"consent": "on", "seen": first})
    assert answer.status_code == 409
    assert "博多　太郎" in text_of(answer)
    assert not Reservation.objects.exists()


def test_what_a_second_tab_has_booked_is_not_the_answer_to_the_first(client):
    to_confirm(client)
    first = seen_at(client, "/reserve/confirm/")
    client.post("/reserve/HM02/", {"slot": slot_at(16, 9, office="HM02")})
    booked = client.post("/reserve/confirm/", {"consent": "on"})
    answer = client.post("/reserve/confirm/", {"consent": "on", "seen": first})
    assert answer.status_code == 409
    assert f'href="{booked.url}"' in text_of(answer)
    assert Reservation.objects.count() == 1


def test_a_tab_of_an_attempt_that_is_booked_types_nothing_into_the_next(client):
    to_details(client)
    first = seen_at(client, "/reserve/details/")
    client.post("/reserve/details/", DETAILS)
    client.post("/reserve/confirm/", {"consent": "on"})
    client.post("/reserve/", PROCEDURES)
    client.post("/reserve/HM02/", {"slot": slot_at(16, 9, office="HM02")})
    before = ledgers()
    answer = client.post("/reserve/details/", {**DETAILS, "seen": first})
    assert answer.status_code == 409
    assert ledgers() == before


def test_a_look_up_in_a_second_tab_leaves_the_first_what_it_was(client):
    hanako, taro = book(HANAKO), book(TARO, hour=11)
    day = TARO.birth_date
    born = {"year": day.year, "month": day.month, "day": day.day}
    born = {"birth_date_era": "西暦", **{f"birth_date_{part}": str(each) for part, each in born.items()}}
    first = client.post("/lookup/", {"reference": hanako.reference, **BIRTH}).url
    second = client.post("/lookup/", {"reference": taro.reference, **born}).url
    assert "午前10時30分" in text_of(client.get(first))
    assert "午前11時" in text_of(client.get(second))
    client.post(f"{first}cancel/", {})
    cancelled = Reservation.objects.get(status="CANCELLED")
    assert cancelled.pk == hanako.id


@pytest.mark.parametrize("way", [_by_look_up, _by_link])
def test_a_visit_moved_in_a_second_tab_is_not_cancelled_or_moved_in_the_first(client, way):
    page = way(client)
    cancel = seen_at(client, f"{page}cancel/")
    client.post(f"{page}change/", {"slot": slot_at(17, 9), "sure": "1"})
    answer = client.post(f"{page}cancel/", {"seen": cancel})
    assert answer.status_code == 409
    assert "12月17日（木）午前9時" in text_of(answer)
    answer = client.post(f"{page}change/", {"slot": slot_at(16, 9), "sure": "1", "seen": cancel})
    assert answer.status_code == 409
    assert reservation(Reservation.objects.get().pk, scope=EVERYWHERE).is_booked
    assert clock.to_jst(Reservation.objects.get().starts_at).day == 17


def test_a_word_of_one_booking_does_nothing_to_another_at_the_same_time_and_place(client):
    Seat.objects.create(slot_id=slot_at(15, 10, 30), seat_no=9, web_from=seats.ALWAYS)
    first, second = book(HANAKO), book(TARO)
    pages = [opens(client, reservation(made.id, scope=EVERYWHERE).link_token) for made in (first, second)]
    word = seen_at(client, f"{pages[0]}cancel/")
    assert client.post(f"{pages[1]}cancel/", {"seen": word}).status_code == 409
    assert not Reservation.objects.filter(status="CANCELLED").exists()


def test_what_was_corrected_in_a_second_tab_is_not_set_back_by_the_first(client):
    page = _by_link(client)
    first = seen_at(client, f"{page}contact/")
    client.post(f"{page}contact/", CONTACT)
    answer = client.post(f"{page}contact/", {**CONTACT, "email": "old@example.jp", "seen": first})
    assert answer.status_code == 409
    assert "new@example.jp" in text_of(answer)


def test_an_offer_that_the_page_did_not_show_is_neither_taken_nor_given_up(client):
    visits = sell_out(DAY)
    client.post(*_wish(client))
    client.post("/reserve/details/", DETAILS)
    link = client.post("/reserve/wait/check/", {"consent": "on"}).url.partition("?")[0]
    waits = seen_at(client, link, f"{link}leave/")
    changes.cancel(reservation_id=visits[0].id, actor=OPERATOR, channel="PHONE")
    for page in ("accept", "leave"):
        answer = client.post(f"{link}{page}/", {"seen": waits})
        assert answer.status_code == 409
        assert "空きが出ました" in text_of(answer)
    assert Wait.objects.get().state == "OFFERED"


def test_a_proposal_that_was_written_anew_is_not_approved_from_the_page_before(client):
    made = _sent(client)
    first = seen_at(client, f"/city/proposals/{made}/", f"/city/proposals/{made}/approve/")
    workflow.return_proposal(proposal_id=made, answer="直す", actor=OPERATOR)
    row = proposal(made)
    with clock.travel(clock.now().replace(hour=23)):
        workflow.save_proposal(
            kind=ProposalKind.ANNOUNCEMENT,
            content={**row.content, "title": "ちがう題"},
            effective_from=row.effective_from,
            reason="直した",
            actor=SECRETARIAT,
            proposal_id=made,
        )
        workflow.send_proposal(proposal_id=made, actor=SECRETARIAT)
    answer = client.post(f"/city/proposals/{made}/approve/", {"seen": first})
    assert answer.status_code == 409
    assert proposal(made).state == ProposalState.SENT


def test_two_calls_in_two_tabs_hold_a_time_each_and_book_their_own(client):
    put_texts()
    client.force_login(member(Role.OPERATOR, "callcentre"))
    first = CallScreen(client).to_read_back()
    second = CallScreen(client).to_person(cell="HM02:2026-12-16")
    assert Seat.objects.exclude(hold=None).values("hold").distinct().count() == 2, "both are held"
    place = first.fields["slot"]
    first.press(read=first.lines())
    made = Reservation.objects.get()
    assert (made.office_id, str(slot_of(made))) == ("HM01", place[0])
    assert "確保" in second.html
    assert Seat.objects.exclude(hold=None).filter(reservation=None).exists(), "the other call still holds"


def slot_of(made):
    return Seat.objects.get(reservation=made).slot_id


def test_a_new_call_in_one_tab_gives_back_what_that_call_held_and_no_other(client):
    put_texts()
    client.force_login(member(Role.OPERATOR, "callcentre"))
    first = CallScreen(client).to_person()
    second = CallScreen(client).to_person(cell="HM02:2026-12-16")
    second.press("leave")
    held = Seat.objects.exclude(hold=None)
    assert {seat.slot.office_id for seat in held} == {"HM01"}
    client.post("/operator/", {"do": "leave"})
    assert not Seat.objects.exclude(hold=None).exists()
    assert "福岡" not in first.html


@pytest.mark.parametrize("language", ["en", "ja-easy"])
def test_that_it_changed_is_said_in_every_language(client, language):
    page = _by_link(client)
    client.cookies["language"] = language
    answer = client.post(f"{page}cancel/", {"seen": "x"})
    assert answer.status_code == 409
    assert "この画面を開いたあとで内容が変わったため" not in text_of(answer)


def test_a_browser_that_knows_nothing_any_more_is_told_where_it_stands(client):
    to_booked(client)
    forget_all_but_links(client)
    assert client.post("/reserve/confirm/", {"consent": "on", "seen": "x"}).status_code == 410
