import pytest

from madoguchi.common.errors import NotVisible, Refusal
from madoguchi.common.privacy import Privacy


class SlotFull(Refusal):
    code = "slot_full"
    message = "この時間は埋まりました。"


def test_a_refusal_has_a_sentence_of_its_own():
    refusal = SlotFull()
    assert (refusal.code, refusal.message, str(refusal), refusal.fields) == (
        "slot_full",
        "この時間は埋まりました。",
        "この時間は埋まりました。",
        {},
    )


def test_a_refusal_may_be_given_another_sentence_and_facts():
    refusal = SlotFull("10時は埋まりました。", slot=12)
    assert refusal.message == str(refusal) == "10時は埋まりました。"
    assert refusal.fields == {"slot": 12}
    assert SlotFull.message == "この時間は埋まりました。"


def test_what_is_not_visible_is_a_refusal():
    with pytest.raises(Refusal, match="見つかりません"):
        raise NotVisible


def test_privacy_names_all_columns():
    assert Privacy(plain=("id", "at"), sealed=("name",), hashed=("name_hash",)).columns() == [
        "at",
        "id",
        "name",
        "name_hash",
    ]
