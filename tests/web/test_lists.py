from django.http import QueryDict

from madoguchi.web.lists import choice_filter, page_number, page_of, sort_column, with_values, without
from madoguchi.web.templatetags.staff import page_numbers


def test_far_pages_are_left_out_and_a_gap_shows():
    def numbers(number, size, total):
        return list(page_numbers(page_of(number=number, size=size, total=total)))

    assert numbers(1, 15, 252) == [1, 2, "…", 17]
    assert numbers(9, 15, 252) == [1, "…", 8, 9, 10, "…", 17]
    assert numbers(1, 15, 10) == [1]


def test_a_page_beyond_the_end_is_the_last_and_an_empty_list_has_one():
    pages = [page_of(number=number, size=15, total=20) for number in (1, 2, 3, 999_999_999)]
    assert [(page.number, page.start_index(), page.end_index()) for page in pages] == [
        (1, 1, 15),
        *[(2, 16, 20)] * 3,
    ]
    assert page_of(number=7, size=15, total=0).number == 1


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
