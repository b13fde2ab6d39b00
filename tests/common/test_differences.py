from hypothesis import given
from hypothesis import strategies as st

from madoguchi.common.differences import ADDED, REMOVED, SAME, Piece, word_difference

texts = st.text(alphabet="あいう電話番号 \n{}x1。", max_size=60)


@given(texts, texts)
def test_without_what_came_it_is_the_text_before_and_without_what_went_the_text_after(before, after):
    pieces = word_difference(before, after)
    assert "".join(piece.text for piece in pieces if piece.kind != ADDED) == before
    assert "".join(piece.text for piece in pieces if piece.kind != REMOVED) == after


def test_a_word_is_changed_as_a_whole_and_the_rest_stays():
    assert word_difference("受付は5日前まで。\n{phone}", "受付は10日前まで。\n{phone}") == (
        Piece(SAME, "受付は"),
        Piece(REMOVED, "5"),
        Piece(ADDED, "10"),
        Piece(SAME, "日前まで。\n{phone}"),
    )


def test_the_same_text_has_no_difference():
    assert word_difference("同じ\n文", "同じ\n文") == (Piece(SAME, "同じ\n文"),)
    assert word_difference("", "") == ()
