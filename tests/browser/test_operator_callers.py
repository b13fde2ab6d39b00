"""Callers in a row on the operator's desk, by keyboard alone: no key but those that the screen prints.

Besides them an operator has what every browser has: letters in a field, and Tab to the next one.
"""

import time
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect
from support.callcentre import put_texts
from support.pauses import scope, stop
from support.people import OPERATOR, somebody
from support.secretariat import book, member, sign_in

from madoguchi.accounts.kinds import Role
from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.common import clock
from madoguchi.reservations.kinds import ReservationStatus
from madoguchi.reservations.models import Reservation, ReservedProcedure, Wait
from madoguchi.reservations.selectors import reminder_calls
from madoguchi.reservations.waiting_entries import Wish
from madoguchi.workflows.booking.waiting import enter

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.usefixtures("lasting_city")]
CALL_DAY, VISIT_DAY = date(2026, 12, 14), date(2026, 12, 15)
MORNING = clock.at(CALL_DAY, clock.MIDNIGHT) + timedelta(hours=9)
FIGURES = Path("var/callers.tsv")
PRINTED_AS = {"Escape": "Esc", "ArrowDown": "↓", "Control+Enter": "Ctrl+Enter", "PageDown": "PgDn"}
# The keys on screen at this moment, and those before the lines of a list that has the focus.
PRINTED = """() => {
  const keys = [...document.querySelectorAll('.key')].filter((each) => each.checkVisibility());
  const lines = document.activeElement.matches('select') ? [...document.activeElement.options] : [];
  return [...keys.map((each) => each.textContent), ...lines.map((each) => each.text.slice(0, 1))];
}"""


class Keyboard:
    """What an operator's hands do: each press is counted, and none is made that is not on screen."""

    def __init__(self, page):
        self.page = page
        self.presses = 0

    def press(self, *keys):
        """Press keys that change the page as it stands."""
        for key in keys:
            printed = self.page.evaluate(PRINTED)
            assert PRINTED_AS.get(key, key.upper() if len(key) == 1 else key) in printed, (key, self.page.url)
            self._press(key)

    def go(self, *keys):
        """Press keys of which each leads to a page."""
        for key in keys:
            with self.page.expect_navigation():
                self.press(key)

    def type(self, **fields):
        """Go to fields with Tab, in the order in which they stand, and type."""
        for name, text in fields.items():
            self._tab(f"#id_{name}")
            self.letters(text)

    def letters(self, text):
        self.presses += len(text)
        self.page.keyboard.type(text)

    def read_all(self, selector):
        """Tick each box as its line is read aloud."""
        for number in range(1, self.page.locator(selector).count() + 1):
            self.press(str(number))

    def _tab(self, selector):
        target = self.page.locator(selector)
        for _ in range(30):
            if target.evaluate("each => each === document.activeElement"):
                return
            self._press("Tab")
        raise AssertionError(selector)

    def _press(self, key):
        self.presses += 1
        self.page.keyboard.press(key)


def heading(keys, text):
    expect(keys.page.locator("h1")).to_have_text(text)


def says(keys, text):
    expect(keys.page.locator("[role=status]")).to_contain_text(text)


def give_person(keys, number):
    """Who comes."""
    keys.type(name=f"見本　{number}郎", name_kana="ミホン　ゴロウ", birth_date="S25.4.1")
    keys.type(phone=f"0900000{number:04d}", postal_code="9990002", address="星見市西区見本町2丁目1番1号")
    keys.go("Enter")


def register(keys):
    """Everything is read back, and the reference twice."""
    keys.read_all(".read-back input")
    keys.go("Enter")
    expect(keys.page.locator(".reference-groups strong")).to_have_count(3)
    keys.press("1", "2")


def choose(keys):
    """A certificate is renewed, on the third day of the second week, at the second time."""
    keys.press("1")
    keys.go("Enter", ".", "d")
    keys.press("2")
    keys.go("Enter")


def books(keys, number):
    before = Reservation.objects.count()
    choose(keys)
    give_person(keys, number)
    register(keys)
    keys.go("Enter")
    heading(keys, "電話予約の登録")
    assert Reservation.objects.count() == before + 1


def books_for_two(keys, number):
    before = Reservation.objects.count()
    choose(keys)
    give_person(keys, number)
    register(keys)
    keys.go("f")
    keys.press("1")
    keys.go("Enter", "Enter")
    keys.type(name="見本　はる", name_kana="ミホン　ハル", birth_date="S27.5.6")
    keys.go("Enter")
    register(keys)
    keys.go("Enter")
    assert Reservation.objects.count() == before + 2


def goes_to_the_ward_office(keys, number):
    keys.press("1", "q")
    keys.go("Enter", "g")
    says(keys, "区役所を案内して")


def is_verified(keys, number):
    """Search, compare what the caller says, call back."""
    person = somebody(number)
    keys.press("F2")
    keys.letters(person.phone[-4:])
    keys.go("Enter", "Enter")
    keys.type(name=person.name, birth_date="S35.1.1", phone=person.phone)
    keys.go("Enter", "p", "g")
    heading(keys, "予約の確認")
    return person


def stands(number, **facts):
    return book(somebody(number), **{"day": 22, "hour": 9 + number % 7, "minute": 0, **facts})


def moves(keys, number):
    made = stands(number)
    is_verified(keys, number)
    keys.go("e", ".", "d")
    keys.press("2")
    keys.go("Enter")
    says(keys, "日時を変更しました")
    keys.press("1", "2")
    keys.go("Enter")
    assert clock.to_jst(Reservation.objects.get(pk=made.id).starts_at).date() != date(2026, 12, 22)


def cancels(keys, number):
    made = stands(number)
    is_verified(keys, number)
    keys.go("x")
    keys.press("2")
    keys.go("Enter")
    says(keys, "取り消しました")
    keys.go("F4")
    assert Reservation.objects.get(pk=made.id).status == ReservationStatus.CANCELLED


def adds_a_procedure(keys, number):
    made = stands(number)
    is_verified(keys, number)
    keys.go("p")
    keys.press("3")
    keys.go("Control+Enter")
    says(keys, "手続きを変更しました")
    keys.go("F4")
    assert ReservedProcedure.objects.filter(reservation=made.id).count() == 2


def is_corrected(keys, number):
    stands(number)
    is_verified(keys, number)
    keys.go("t")
    keys.type(name_kana="ミホン　ゴロウ")
    keys.go("Control+Enter")
    says(keys, "内容を訂正しました")
    keys.go("F4")


def is_no_relative(keys, number):
    """What is said does not agree: nothing is told, and the call ends."""
    person = somebody(number)
    stands(number)
    keys.press("F2")
    keys.letters(person.phone[-4:])
    keys.go("Enter", "Enter")
    keys.type(name=person.name, birth_date="S36.1.1", phone=person.phone)
    keys.go("Enter")
    expect(keys.page.get_by_role("alert")).to_contain_text("一致しません")
    keys.go("F4")


def hangs_up(keys, number):
    """In the middle of the booking."""
    choose(keys)
    keys.type(name="見本")
    keys.go("F4")
    heading(keys, "電話予約の登録")


def waits(keys, number):
    keys.press("1")
    keys.go("Enter")
    keys.press("m")
    keys.type(wait_first="12/22", wait_last="12/23")
    keys.go("Control+Enter")
    give_person(keys, number)
    assert Wait.objects.count() == 1


def is_called_the_day_before(keys, number):
    keys.go("F8", "Enter", "o")
    expect(keys.page.locator(".call-results")).to_contain_text("「つながった」を取り消す")
    keys.go("F4")
    assert any(row.reached for row in reminder_calls(day=VISIT_DAY, scope=EVERYWHERE))


def is_called_in_vain(keys, number):
    """The second on the list; the wrong key first, which is taken back."""
    keys.go("F8")
    keys.press("ArrowDown")
    keys.go("Enter", "o", "z", "x")
    expect(keys.page.locator(".call-results")).to_contain_text("「不在」を取り消す")
    keys.go("F4")


def is_offered_a_seat(keys, number):
    wish = Wish(("HM02",), date(2026, 12, 23), date(2026, 12, 23))
    enter(person=somebody(number), procedures=("CERT_RENEW",), wish=wish, channel="PHONE", actor=OPERATOR)
    keys.go("F9", "Enter", "b")
    keys.press("1", "2")
    keys.go("Enter")


def is_told_of_a_stop(keys, number):
    stands(number, day=24)
    stop(scope(day=24, offices=("HM01",)))
    keys.go("F4", "F10", "Enter", "o", "F4")


FOUR = (books, moves, cancels, is_called_the_day_before)
TWENTY = (
    *FOUR,
    *(books_for_two, adds_a_procedure, is_corrected, waits, is_offered_a_seat, is_called_in_vain),
    *(hangs_up, is_no_relative, goes_to_the_ward_office, is_told_of_a_stop),
    *(books, moves, is_called_the_day_before, cancels, books, goes_to_the_ward_office),
)


@pytest.mark.parametrize(
    "row", [pytest.param(FOUR, id="four"), pytest.param(TWENTY, id="twenty", marks=pytest.mark.soak)]
)
def test_callers_in_a_row_are_served_by_the_keys_that_the_screen_prints(page, client, live_server, row):
    put_texts()
    for number in range(900, 904):
        book(somebody(number), day=VISIT_DAY.day, hour=number - 890)
    with clock.travel(MORNING):
        sign_in(page, client, live_server, member(Role.OPERATOR, "callcentre"))
        page.goto("/operator/")
        lines = []
        for number, serve in enumerate(row, start=1):
            keys, begun = Keyboard(page), time.perf_counter()
            serve(keys, number)
            lines.append(f"{serve.__name__}\t{keys.presses}\t{time.perf_counter() - begun:.1f}\n")
    if row is TWENTY:
        FIGURES.parent.mkdir(exist_ok=True)
        FIGURES.write_text("".join(lines))
