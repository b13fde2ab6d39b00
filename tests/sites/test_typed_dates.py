"""Days and years at every door: one reader, so that the same writing means the same day everywhere."""

import inspect
import pkgutil
from datetime import date
from importlib import import_module

import pytest
from django import forms
from django.utils import translation
from support.journeys import DETAILS, PROCEDURES, slot_at, text_of, to_details

from madoguchi import sites
from madoguchi.common import clock
from madoguchi.panels import person_form, simulator
from madoguchi.sites.citizen.booking.forms import BirthDateForm, LookupForm
from madoguchi.sites.citizen.reserve.forms import DetailsForm
from madoguchi.sites.citizen.reserve.forms import ProceduresForm as CitizenProcedures
from madoguchi.sites.operator.desk.forms import PlaceForm
from madoguchi.sites.operator.desk.forms import ProceduresForm as OperatorProcedures
from madoguchi.sites.operator.visits.forms import CallerForm
from madoguchi.sites.secretariat.admin.accounts.forms import PersonForm as AccountForm
from madoguchi.sites.secretariat.bookings.lists import list_page
from madoguchi.sites.secretariat.capacity.offices.forms import DayForm
from madoguchi.sites.secretariat.capacity.pauses.forms import ScopeForm
from madoguchi.sites.secretariat.messages.announcements.forms import AnnouncementForm
from madoguchi.sites.secretariat.privacy.retention.forms import InstructionForm, UntilForm, WhoForm
from madoguchi.web import days
from madoguchi.web import forms as shared
from madoguchi.workflows.pack.reading import _day as pack_day

pytestmark = pytest.mark.usefixtures("city")
READERS = (shared.DatePartsField, days.DayField, days.PickedDayField, days.MomentField)
# Fields of one form stand for the field of the same kind of every other: the test below finds all there are.
DAY_DOORS = {
    "citizen card": CitizenProcedures.base_fields["card_expires_on"],
    "citizen certificate": CitizenProcedures.base_fields["cert_expires_on"],
    "citizen change": DetailsForm.base_fields["changed_on"],
    "operator card": OperatorProcedures.base_fields["card_expires_on"],
    "operator certificate": OperatorProcedures.base_fields["cert_expires_on"],
    "operator visit": CallerForm.base_fields["day"],
    "operator wait": PlaceForm.base_fields["wait_first"],
    "staff card": person_form.PersonForm.base_fields["card_expires_on"],
    "staff change": person_form.PersonForm.base_fields["changed_on"],
    "staff erasure": UntilForm.base_fields["until"],
    "staff document": InstructionForm.base_fields["document_on"],
    "staff account": AccountForm.base_fields["leaves_on"],
    "staff office day": DayForm.base_fields["day"],
    "staff simulator": simulator.SimulatorForm.base_fields["day"],
    "staff pause": ScopeForm.base_fields["starts_at"],
    "staff announcement": AnnouncementForm.base_fields["shows_from"],
}
BIRTH_DOORS = {
    "citizen booking": DetailsForm.base_fields["birth_date"],
    "citizen lookup": LookupForm.base_fields["birth_date"],
    "citizen link": BirthDateForm.base_fields["birth_date"],
    "staff booking": person_form.PersonForm.base_fields["birth_date"],
    "caller": CallerForm.base_fields["birth_date"],
}


def read(field, year, month, day):
    """Let a field read a date as its page sends it."""
    if isinstance(field, shared.BirthDateField):
        return field.clean(["", year, month, day])
    if isinstance(field, shared.DatePartsField):
        return field.clean([year, month, day])
    text = f"{year}.{month}.{day}"
    if isinstance(field, days.MomentField):
        return clock.to_jst(field.clean(f"{text} 9:00")).date()
    return field.clean(text)


def error_of(field, *typed):
    with pytest.raises(forms.ValidationError) as refused:
        read(field, *typed)
    return refused.value.messages[0]


@pytest.mark.parametrize(
    "year", ["2026", "２０２６", "令和8", "令和８年", "R8", "r8", "R 8", "8", "26", "0026"]
)
@pytest.mark.parametrize("door", DAY_DOORS)
def test_a_day_means_the_same_at_every_door(door, year):
    assert read(DAY_DOORS[door], year, "12", "20") == date(2026, 12, 20)


NO_DAYS = [
    ("50", "1", "1"),
    ("128", "1", "1"),
    ("1850", "1", "1"),
    ("9999", "12", "31"),
    ("2027", "2", "30"),
    ("平成31", "5", "1"),
    ("あ", "1", "1"),
]


@pytest.mark.parametrize("typed", NO_DAYS)
@pytest.mark.parametrize("door", DAY_DOORS)
def test_what_is_no_day_is_refused_at_every_door_in_our_words(door, typed):
    message = error_of(DAY_DOORS[door], *typed)
    assert "入力してください" in message or "選んでください" in message or "ではありませんか" in message


@pytest.mark.parametrize("door", ["citizen card", "citizen certificate", "operator card", "staff card"])
def test_a_year_of_two_readings_is_asked_for_with_an_example(door):
    message = error_of(DAY_DOORS[door], "17", "5", "10")
    assert "令和17年（2035年）とも、2017年とも読めます" in message
    assert "のように入力してください" in message


@pytest.mark.parametrize("door", BIRTH_DOORS)
def test_a_wrong_era_is_asked_about_in_the_field_itself(door):
    message = error_of(BIRTH_DOORS[door], "令和5", "4", "1")
    assert "令和5年では3歳です。昭和5年、平成5年、大正5年ではありませんか" in message


@pytest.mark.parametrize("door", BIRTH_DOORS)
def test_a_birth_date_is_refused_in_its_own_words_at_every_door(door):
    field = BIRTH_DOORS[door]
    assert read(field, "昭和25", "4", "1") == date(1950, 4, 1)
    assert "明治6年（1873年）より前の日です" in error_of(field, "1850", "1", "1")
    assert "まだ来ていない日です。昭和50年ではありませんか" in error_of(field, "令和50", "4", "1")
    assert "昭和25年4月31日はありません。この年の4月は、30日までです" in error_of(field, "昭和25", "4", "31")
    assert "平成元年2月1日ではありませんか" in error_of(field, "昭和64", "2", "1")
    assert "令和元年5月1日ではありませんか" in error_of(field, "平成31", "5", "1")
    assert "元号がないと、何年かわかりません" in error_of(field, "25", "4", "1")


def test_a_parent_may_ask_for_the_records_of_a_child():
    assert read(WhoForm.base_fields["birth_date"], "令和5", "4", "1") == date(2023, 4, 1)


def _all_fields():
    for each in pkgutil.walk_packages(sites.__path__, "madoguchi.sites."):
        if each.name.endswith("forms"):
            for _name, kind in inspect.getmembers(import_module(each.name), inspect.isclass):
                for name, field in getattr(kind, "base_fields", {}).items():
                    yield f"{kind.__module__}.{kind.__name__}.{name}", field


def test_no_form_reads_a_date_in_a_way_of_its_own():
    wrong = [
        where
        for where, field in _all_fields()
        if isinstance(field, forms.DateField | forms.DateTimeField) and not isinstance(field, READERS)
    ]
    assert wrong == []


def test_how_a_short_year_was_read_is_said_beside_the_field_and_on_the_next_page(client):
    typed = {"card_expires_on_year": "17", "card_expires_on_month": "5", "card_expires_on_day": "10"}
    short = {"cert_expires_on_year": "8", "cert_expires_on_month": "12", "cert_expires_on_day": "20"}
    page = text_of(client.post("/reserve/", {**PROCEDURES, **typed, **short}))
    assert "令和8年（2026年）12月20日と読み取りました" in page
    assert "とも読めます" in page
    answer = client.post("/reserve/", {**PROCEDURES, **short})
    assert "電子証明書の有効期限：令和8年（2026年）12月20日と読み取りました" in text_of(
        client.get(answer.url)
    )
    page = text_of(client.get("/reserve/"))
    assert "令和8年（2026年）12月20日と読み取りました" in page


@pytest.mark.parametrize("year", ["2026", "令和8"])
def test_a_full_year_needs_no_word_about_how_it_was_read(client, year):
    typed = {"cert_expires_on_year": year, "cert_expires_on_month": "12", "cert_expires_on_day": "20"}
    answer = client.post("/reserve/", {**PROCEDURES, **typed})
    assert "読み取りました" not in text_of(client.get(answer.url))


def test_a_person_sent_to_the_ward_by_a_short_year_sees_how_it_was_read(client):
    typed = {"card_expires_on_year": "8", "card_expires_on_month": "11", "card_expires_on_day": "1"}
    answer = client.post("/reserve/", {**PROCEDURES, **typed})
    assert answer.status_code == 200
    assert "カードの有効期限：令和8年（2026年）11月1日と読み取りました" in text_of(answer)


def test_a_refusal_on_the_confirm_page_leads_back_to_the_field(client):
    """Old enough for the 16th when the details were typed, and too young for the 15th that is chosen then."""
    client.post("/reserve/", PROCEDURES)
    client.post("/reserve/HM01/", {"slot": slot_at(16, 9)})
    young = {
        "birth_date_era": "平成",
        "birth_date_year": "23",
        "birth_date_month": "12",
        "birth_date_day": "16",
    }
    assert client.post("/reserve/details/", {**DETAILS, **young}).url == "/reserve/confirm/"
    client.post("/reserve/HM01/", {"slot": slot_at(15, 10, 30)})
    answer = client.post("/reserve/confirm/", {"consent": "on"})
    assert answer.url == "/reserve/ward/UNDER_15/"
    assert 'href="/reserve/details/#id_birth_date_0"' in text_of(client.get(answer.url))


def test_showa_stands_first_and_in_english_the_western_calendar(client):
    to_details(client)
    page = text_of(client.get("/reserve/details/"))
    assert page.index('<option value="昭和"') < page.index('<option value="平成"')
    with translation.override("en"):
        html = str(BirthDateForm()["birth_date"])
    assert html.index('<option value="西暦"') < html.index('<option value="昭和"')


def test_a_whole_date_in_the_field_of_the_year_is_taken_apart():
    assert DAY_DOORS["citizen card"].clean(["令和8年12月20日", "", ""]) == date(2026, 12, 20)
    assert BIRTH_DOORS["citizen booking"].clean(["", "昭和25年4月1日", "", ""]) == date(1950, 4, 1)
    assert BIRTH_DOORS["citizen booking"].clean(["昭和", "25.4.1", "", ""]) == date(1950, 4, 1)


# Where the year is never in doubt; a card runs for ten years.
# An order of the city names its year: a slip there erases people.
WITH_YEAR = {
    "staff erasure",
    "staff document",
    *(name for name in DAY_DOORS if name.endswith(("card", "certificate"))),
}
NEAR_DOORS = [
    name
    for name, field in DAY_DOORS.items()
    if name not in WITH_YEAR and not isinstance(field, shared.DatePartsField)
]


@pytest.mark.parametrize(
    "typed", ["12/3", "12月3日", "12月3日(木)", "１２／３", "2026-12-03", "3日", "３日", "あさって", "明後日"]
)
@pytest.mark.parametrize("door", NEAR_DOORS)
def test_staff_type_a_day_near_today_as_it_is_said(door, typed):
    field = DAY_DOORS[door]
    moment = isinstance(field, days.MomentField)
    with clock.travel(clock.at(date(2026, 12, 1), clock.MIDNIGHT)):
        found = field.clean(f"{typed} 9:00" if moment else typed)
    assert (clock.to_jst(found).date() if moment else found) == date(2026, 12, 3)


def test_how_a_day_was_read_is_said_beside_the_field():
    form = CallerForm({"day": "あさって", "name": "ア", "birth_date": "S25.4.1"}, offices=[])
    with clock.travel(clock.at(date(2026, 12, 1), clock.MIDNIGHT)):
        form.errors.pop("phone", None)
        assert "令和8年（2026年）12月3日と読み取りました" in form["day"].reading


def test_a_day_in_a_filter_is_read_likewise_and_what_cannot_be_read_is_said(rf):
    found = list_page(rf.get("/?from=0026-12-03&to=12/4").GET)
    assert (found.search.first, found.search.last) == (date(2026, 12, 3), date(2026, 12, 4))
    unread = list_page(rf.get("/?from=1850-01-01").GET)
    assert "1850-01-01" in unread.unread[0]
    assert unread.filters[0].dates[0].value == "1850-01-01"


@pytest.mark.parametrize("typed", ["27-1-20", "0027-01-20", "8/12/20"])
def test_a_pack_never_means_a_day_of_the_first_century(typed):
    with pytest.raises(ValueError):  # noqa: PT011 - the caller adds the sentence
        pack_day(typed)
