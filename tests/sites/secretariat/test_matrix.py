"""The matrix of offices and days: what is free, full, few or closed, on screen and as CSV."""

from datetime import date

import pytest
from django.urls import reverse
from support.people import somebody
from support.secretariat import book
from support.staff_pages import page

from madoguchi.rendering.csv_file import read_csv
from madoguchi.reservations.waiting_entries import Wish
from madoguchi.workflows.booking.waiting import enter

pytestmark = pytest.mark.usefixtures("city")
DAY = "2026-12-15"
CLOSING = {"day": DAY, "kind": "closure", "start": "540", "end": "1020", "reason": "FACILITY", "seats": "1"}


def test_the_matrix_adds_up_and_says_what_is_full_few_or_closed(staff):
    for number in range(16):
        book(somebody(number), hour=9 + number // 2, minute=30 * (number % 2))
    for number in range(20, 34):
        book(somebody(number), day=16, hour=9 + (number - 20) // 2, minute=30 * (number % 2))
    staff.post(reverse("secretariat:offices-save-day", args=["HM02"]), CLOSING)
    html = page(staff.get("/secretariat/matrix/", {"from": DAY}))
    assert '<b class="matrix-sign">満</b><small>0/16</small>' in html
    assert '<b class="matrix-sign">▲</b><b>2</b><small>/16</small>' in html
    assert "休業" in html
    assert "星見南" not in html


def test_the_matrix_says_how_many_wait_for_each_office(staff):
    day = date.fromisoformat(DAY)
    for number, places in enumerate((("HM01",), ("HM01", "HM02"))):
        enter(person=somebody(number), procedures=("CERT_RENEW",), wish=Wish(places, day, day))
    html = page(staff.get("/secretariat/matrix/"))
    assert "空き待ち：星見東 <b>2</b>人、星見西 <b>1</b>人" in html


def test_the_matrix_leaves_as_csv_with_the_numbers_of_the_screen(staff):
    book()
    answer = staff.get("/secretariat/matrix/", {"from": DAY, "file": "csv"})
    rows = list(read_csv(answer.content))
    assert rows[0][:3] == ["郵便局", "区", "12/15(火)"]
    assert rows[1][:3] == ["星見東", "東区", "15/16"]


def test_the_line_of_the_web_cut_off_stands_before_the_first_day_citizens_can_book(staff):
    html = page(staff.get("/secretariat/matrix/"))
    assert "12/1(火)分は本日17:00に締切" in html


@pytest.mark.parametrize("view", ["free", "booked", "channels", "nonsense"])
def test_the_matrix_counts_what_is_asked(staff, view):
    book()
    assert staff.get("/secretariat/matrix/", {"view": view, "ward": "992021"}).status_code == 200
