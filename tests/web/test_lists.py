from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.web.lists import Page, choice_filter, page_number, sort_column, with_values, without


def test_far_pages_are_left_out_and_a_gap_shows():
    assert Page(1, 15, 252).numbers == [1, 2, 3, 0, 17]
    assert Page(9, 15, 252).numbers == [1, 0, 8, 9, 10, 0, 17]
    assert Page(1, 15, 10).numbers == [1]


@given(st.integers(1, 30), st.integers(1, 50), st.integers(0, 2000))
def test_all_rows_are_on_one_page_or_another(number, size, total):
    page = Page(number, size, total)
    if number <= page.count and total:
        assert 1 <= page.first <= page.last <= total
    assert Page(page.count, size, total).last == total
    assert [n for n in page.numbers if n] == sorted({n for n in page.numbers if n})


def test_nonsense_for_a_page_means_the_first():
    assert [page_number(text) for text in ("", "0", "-3", "x", "9" * 40, "7")] == [1, 1, 1, 1, 1, 7]


def test_a_filter_says_what_is_chosen_and_how_to_drop_it():
    query = QueryDict("office=PO01&office=PO02&status=BOOKED&page=3")
    offices = choice_filter(
        name="office", label="郵便局", choices=[("PO01", "香椎"), ("PO02", "箱崎")], query=query
    )
    status = choice_filter(name="status", label="状態", choices=[("BOOKED", "予約中")], query=query, one=True)
    assert (offices.chosen, status.chosen) == ("2つ選択", "予約中")
    assert offices.clear_url == "?status=BOOKED"


def test_pressing_a_sorted_head_again_turns_the_order_round():
    query = QueryDict("order=visit&page=2")
    head = sort_column(label="来局日時", name="visit", query=query, current="visit")
    assert (head.sorted, head.url) == ("ascending", "?order=-visit")
    assert sort_column(label="受付日時", name="booked", query=query, current="visit").sorted == ""


def test_an_address_keeps_what_is_not_changed():
    query = QueryDict("q=福岡&office=PO01&page=2")
    assert QueryDict(without(query, "office")[1:]).dict() == {"q": "福岡"}
    assert QueryDict(with_values(query, page=3)[1:]).dict() == {"q": "福岡", "office": "PO01", "page": "3"}
