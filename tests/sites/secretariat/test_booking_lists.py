"""The lists of reservations: what waits for a check, the way back, quick days, sorting, and the letter."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from support.people import TARO
from support.printed import words_of
from support.secretariat import book
from support.staff_pages import page

from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.audit.models import AuditEntry
from madoguchi.common import clock
from madoguchi.common.cache import clear_caches
from madoguchi.common.references import show_reference
from madoguchi.reservations.selectors import reservation

pytestmark = pytest.mark.usefixtures("city")
LIST = "/secretariat/reservations/"


def test_what_nobody_looked_through_is_checked_one_after_the_other(staff):
    first, second = book(), book(TARO, hour=11)
    answer = staff.post(reverse("secretariat:checks-check", args=[first.reference]), {"checks": "1"})
    assert answer.url == f"/secretariat/checks/?checked={first.reference}&open={second.reference}"
    row = reservation(first.id, scope=EVERYWHERE)
    assert row.checked_by.startswith("staff:")
    html = page(staff.get("/secretariat/checks/"))
    assert "博多　太郎" in html
    assert "福岡　花子" not in html
    last = staff.post(reverse("secretariat:checks-check", args=[second.reference]), {"checks": "1"})
    assert "確認待ちの予約はありません" in page(staff.get(last.url))


def test_what_waits_says_until_when_and_what_is_late_stands_first(staff):
    book()
    with clock.travel(clock.now() + timedelta(days=5)):
        book(TARO, hour=11)
        html = page(staff.get("/secretariat/checks/"))
    assert re.findall(r"花子</a>|太郎</a>|期限切れ|10:00まで", html) == [
        "花子</a>",
        "期限切れ",
        "太郎</a>",
        "10:00まで",
    ]


def test_a_check_is_taken_back_once_and_not_the_one_that_somebody_made_since(staff):
    made = book()
    check = reverse("secretariat:checks-check", args=[made.reference])
    after = staff.post(check, {"checks": "1"}).url
    html = page(staff.get(after))
    form = {"checked_at": re.search(r'name="checked_at" value="([^"]+)"', html)[1]}
    undo = reverse("secretariat:checks-undo", args=[made.reference])
    for _ in range(2):
        staff.post(undo, form)
        assert reservation(made.id, scope=EVERYWHERE).checked_at is None
    assert AuditEntry.objects.filter(action="reservations.reservation.check_undone").count() == 1
    assert "取り消す" not in page(staff.get(after)).split('class="filters"')[0]
    with clock.travel(clock.now() + timedelta(minutes=1)):
        staff.post(check)
        staff.post(undo, form)
    assert reservation(made.id, scope=EVERYWHERE).checked_at
    assert staff.post(undo, {"checked_at": "きのう"}).status_code == 302


@pytest.mark.parametrize("path", [LIST, "/secretariat/checks/"])
@pytest.mark.parametrize("name", ["move", "procedures", "correct", "cancel", "history"])
def test_whatever_is_opened_from_a_list_leads_back_to_the_same_list(staff, path, name):
    made = book()
    book(TARO, hour=11)
    html = page(staff.get(path, {"office": "HM01", "order": "-booked_at", "open": made.reference}))
    url = reverse(f"secretariat:reservations-{name}", args=[made.reference])
    link = re.search(rf'href="({url}\?[^"]+)"', html)[1].replace("&amp;", "&")
    opened = f"{path}?office=HM01&amp;order=-booked_at&amp;open={made.reference}"
    assert opened in page(staff.get(link))
    assert 'href="https://example.com' not in page(staff.get(url, {"list": "https://example.com/?a=1"}))


def test_today_tomorrow_and_the_weeks_are_one_press_away(staff):
    book(day=2)
    book(TARO, day=8)
    html = page(staff.get(LIST))
    found = {}
    for label in ("今日", "明日", "今週", "来週", "今月", "来月"):
        link = re.search(rf'href="([^"]+)">{label}</a>', html)[1].replace("&amp;", "&")
        shown = page(staff.get(LIST + link))
        assert f"<b>{label}</b>" in shown
        found[label] = "".join(name for name in ("花子", "太郎") if name in shown)
    assert found == {
        "今日": "",
        "明日": "",
        "今週": "",
        "来週": "花子",
        "今月": "",
        "来月": "花子太郎",
    }


@pytest.mark.parametrize("column", ["来局日時", "郵便局", "状態", "受付"])
def test_a_column_sorts_by_its_link_and_back(staff, column):
    book()
    html = page(staff.get(LIST))
    for expected in ("ascending", "descending"):
        link = re.search(rf'<a href="([^"]+)">{column}[ ↑↓]*</a>', html)[1].replace("&amp;", "&")
        html = page(staff.get(LIST + link))
        wanted = expected if column != "来局日時" else {"ascending": "descending"}.get(expected, "ascending")
        assert re.search(rf'aria-sort="{wanted}"><a href="[^"]+">{column}', html)


def test_offices_stand_in_their_order_and_what_waits_before_what_was_cancelled(staff):
    made = book(TARO, office="HM02")
    book()
    rows = re.compile("花子|太郎")
    assert rows.findall(page(staff.get(LIST, {"order": "office"}))) == ["花子", "太郎"]
    assert rows.findall(page(staff.get(LIST, {"order": "-office"}))) == ["太郎", "花子"]
    staff.post(reverse("secretariat:reservations-cancel", args=[made.reference]), {"reason": "SCHEDULE"})
    assert rows.findall(page(staff.get(LIST, {"order": "state"}))) == ["花子", "太郎"]
    assert rows.findall(page(staff.get(LIST, {"order": "-state"}))) == ["太郎", "花子"]


def test_the_letter_has_the_address_and_the_telephone_but_no_link_and_is_on_record(staff):
    made = book()
    url = reverse("secretariat:reservations-letter", args=[made.reference])
    assert url in page(staff.get(LIST, {"open": made.reference}))
    answer = staff.post(url)
    words = words_of(answer.content)
    for text in (
        "予約のお知らせ",
        "〒814-0006",
        "福岡花子",
        show_reference(made.reference),
        "星見東郵便局",
        "お電話で",
    ):
        assert text in words
    assert "二次元コード" not in words
    assert "花子" not in answer.headers["Content-Disposition"]
    entry = AuditEntry.objects.get(action="reservations.list.exported")
    assert (entry.target, entry.detail["file"]) == (f"reservation:{made.id}", "letter")
    staff.post(reverse("secretariat:reservations-cancel", args=[made.reference]), {"reason": "SCHEDULE"})
    assert "手紙は作れません" in page(staff.post(url, follow=True))
    assert AuditEntry.objects.filter(action="reservations.list.exported").count() == 1


def test_the_navigation_tells_how_much_waits_and_nothing_where_nothing_does(staff):
    assert "sidenav-count" not in page(staff.get(LIST))
    made = book()
    book(TARO, hour=11)
    clear_caches()
    html = page(staff.get("/secretariat/offices/"))
    assert re.findall(r'<span>([^<]+)</span><span class="sidenav-count">(\d+)', html) == [
        ("予約内容の確認", "2")
    ]
    staff.post(reverse("secretariat:checks-check", args=[made.reference]))
    clear_caches()
    assert '"sidenav-count">1<' in page(staff.get(LIST))
