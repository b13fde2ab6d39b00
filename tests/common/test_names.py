import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madoguchi.common.names import (
    KanaUnreadable,
    NameUnreadable,
    bigrams,
    fold_kana,
    fold_name,
    holds_text,
    mask_email,
    mask_name,
    match_key,
    query_bigrams,
    read_kana,
    read_name,
    tokens_may_mislead,
)
from madoguchi.common.texts import CharacterUnusable
from madoguchi.common.variants import VARIANTS


def found(query, name):
    """Tell what the database does: the name's tokens contain all tokens of the query."""
    return query_bigrams(fold_name(query)) <= bigrams(fold_name(name))


@pytest.mark.parametrize(
    "shapes",
    [
        "高髙",
        "崎﨑嵜",
        "辺邊邉",
        "斎齋齊斉",
        "浜濵濱",
        "沢澤",
        "広廣",
        "国國",
        "真眞",
        "島嶋嶌",
        "桜櫻",
        "恵惠",
        "徳德",
        "柳栁",
        "槙槇",
        "竜龍",
        "与與",
        "円圓",
        "条條",
        "静靜",
        "瀬瀨",
        "黒黑",
        "曽曾",
        "富冨",
        "寛寬",
        "園薗",
        "藪薮",
        "遥遙",
        "凛凜",
        "吉𠮷",
        "神\ufa19",
        "祐\ufa4f",
    ],
)
def test_shapes_of_one_character_are_one(shapes):
    assert len({fold_name(shape) for shape in shapes}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("福岡　花子", "福岡 花子"),
        ("福岡   花子 ", "福岡 花子"),
        ("渡邉󠄂 花子", "渡辺 花子"),
        ("葛󠄀城", "葛城"),
        ("ｻﾄｳ ﾊﾅｺ", "サトウ　ハナコ"),
        ("さとう はなこ", "サトウ　ハナコ"),
        ("ＡＮＮＡ Ｓｍｉｔｈ", "anna smith"),
        ("José Müller", "JOSE MULLER"),
        ("Nguyễn Thị Hoa", "NGUYEN THI HOA"),
        ("Łukasz Strauß", "lukasz strauss"),
        ("O'Brien", "OBRIEN"),
        ("O’Brien", "OBRIEN"),
        ("Anna-Maria", "ANNA MARIA"),
        ("マリア・サントス", "マリア サントス"),
        ("SMITH, ANNA", "Smith Anna"),
        ("佐々木", "佐佐木"),
        ("김철수", unicodedata.normalize("NFD", "김철수")),
    ],
)
def test_names_written_differently_fold_alike(one, other):
    assert fold_name(one) == fold_name(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ガ", "カ"),
        ("パ", "ハ"),
        ("ユーコ", "ユコ"),
        ("ショウコ", "シヨウコ"),
        ("ミヅキ", "ミズキ"),
        ("チヂイワ", "チジイワ"),
        ("ヴィクトリア", "ビクトリア"),
        ("ヴ", "ブ"),
        ("カヲル", "カオル"),
        ("ｶﾞ", "カ"),
        ("オ－ノ", "オノ"),
        ("か\u3099", "カ"),
    ],
)
def test_kana_that_sound_alike_fold_alike(one, other):
    assert fold_kana(one) == fold_kana(other)


def test_different_names_stay_different():
    assert fold_name("福岡 花子") != fold_name("福岡 花代")
    assert fold_kana("フクオカ") != fold_kana("フクオキ")
    assert fold_name("福岡花子") != fold_name("福岡 花子")


def test_names_are_the_same_however_they_are_spaced():
    assert match_key("福岡花子") == match_key("福岡　花子")
    assert match_key("フクオカハナコ") == match_key("ふくおか はなこ")


def test_no_variant_leads_to_another_variant():
    assert not {ord(first) for first in VARIANTS.values()} & set(VARIANTS)


def test_no_variant_is_changed_before_the_table_is_asked():
    characters = {*map(chr, VARIANTS), *VARIANTS.values()}
    assert {c for c in characters if unicodedata.normalize("NFKC", c) != c} == set()


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("林", "林 太郎"),
        ("林", "林太郎"),
        ("林", "小林 太郎"),
        ("福岡", "福岡 花子"),
        ("花子", "福岡 花子"),
        ("福岡花子", "福岡　花子"),
        ("福岡 花子", "福岡花子"),
        ("花子 福岡", "福岡 花子"),
        ("林 太", "林 太郎"),
        ("smith", "ANNA MARIA SMITH"),
        ("Smith Anna", "ANNA MARIA SMITH"),
        ("渡辺", "渡邉󠄂 花子"),
        ("高崎", "髙﨑 一郎"),
        ("𠮷田", "吉田 花子"),
        ("王", "王"),
    ],
)
def test_a_name_is_found(query, name):
    assert found(query, name)


@pytest.mark.parametrize(
    ("query", "name"),
    [("林", "福岡 花子"), ("花代", "福岡 花子"), ("木", "佐々木村 花子"), ("岡子", "福岡 花子")],
)
def test_another_name_is_not_found(query, name):
    assert not found(query, name)


def test_nothing_to_look_for_has_no_tokens():
    assert query_bigrams(fold_name(" 　")) == bigrams(fold_name("")) == frozenset()


folded_names = st.lists(
    st.one_of(
        st.text(alphabet="福岡花子林高", min_size=1, max_size=4),
        st.text(alphabet="abcdelnrst", min_size=1, max_size=20),
    ),
    min_size=1,
    max_size=4,
).map(" ".join)


@settings(max_examples=100, deadline=None)
@given(name=folded_names, chance=st.data())
def test_every_piece_of_two_and_more_finds_the_name(name, chance):
    start = chance.draw(st.integers(0, len(name) - 1))
    piece = name[start : chance.draw(st.integers(start + 2, max(start + 2, len(name))))]
    if len(piece.replace(" ", "")) > 1:
        assert query_bigrams(piece) <= bigrams(name)
    joined = name.replace(" ", "")
    assert query_bigrams(joined[start : start + 3]) <= bigrams(name) or len(joined[start : start + 3]) < 2


@settings(max_examples=100, deadline=None)
@given(name=folded_names, chance=st.data())
def test_one_character_finds_the_names_with_a_part_that_begins_or_ends_so(name, chance):
    character = chance.draw(st.sampled_from(sorted(set(name) - {" "})))
    ends = {end for part in name.split() for end in (part[0], part[-1])}
    assert (query_bigrams(character) <= bigrams(name)) == (character in ends)


@settings(max_examples=100, deadline=None)
@given(text=st.text(max_size=30))
def test_folding_is_idempotent(text):
    folded = fold_name(text)
    assert fold_name(folded) == folded
    assert fold_kana(fold_kana(text)) == fold_kana(text)


def test_a_name_of_forty_latin_letters_is_found_by_any_part_of_it():
    name = "MARIA CONCEPCION DE LOS ANGELES FERNANDEZ GUTIERREZ"
    assert all(found(part, name) for part in (*name.split(), "fernández gutiérrez", "conce"))


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("福岡　花子", "福●　花●"),
        ("林 太一郎", "● 太●"),
        ("福岡花子", "福●"),
        ("ANNA SMITH", "A● S●"),
        ("𠮷田 花子", "𠮷● 花●"),
        ("邉󠄂田", "邉󠄂●"),
        ("邉󠄂", "●"),
        ("", ""),
    ],
)
def test_a_masked_name_shows_the_first_character_of_a_longer_part(name, masked):
    assert mask_name(name) == masked


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("hanako@example.jp", "h●●●@example.jp"),
        ("h@example.jp", "●●●@example.jp"),
        ("a@b@example.jp", "a●●●@example.jp"),
        ("", "●●●"),
    ],
)
def test_a_masked_address_shows_where_it_is(address, masked):
    assert mask_email(address) == masked


@pytest.mark.parametrize(
    "typed",
    [
        "フクオカ　ユーコ",
        "フクオカ ユーコ",
        "ふくおか　ゆーこ",
        "ﾌｸｵｶ ﾕｰｺ",
        "フクオカ  ユ-コ",
        "フクオカ　ユ−コ",
        "フクオカ　ユ—コ",
        "フクオカ　ユ―コ",
        "フクオカ　ユ─コ",
        "フクオカ　ユ－コ",
        "フクオカ　ユ〜コ",
        "フクオカ\xa0ユーコ\u200b",
        "\u202aフクオカ\u3000\u3000ユーコ\ufeff",
    ],
)
def test_a_reading_is_one_however_it_is_typed(typed):
    assert read_kana(typed) == "フクオカ　ユーコ"


@pytest.mark.parametrize(
    "typed", ["ヴァン", "ウ゛ァン", "ウ\u3099ァン", "ｳﾞｧﾝ", "ゔぁん", "ウ ゛ァン", "ウ\u200b゛ァン"]
)
def test_a_voiced_mark_of_its_own_joins_its_kana(typed):
    assert read_kana(typed) == "ヴァン"


def test_parts_of_a_reading_may_be_parted_by_a_dot():
    assert read_kana("ﾏﾘｱ･ガルシア") == "マリア・ガルシア"
    assert read_kana("ハ゜ク・シ゛フン") == "パク・ジフン"


@pytest.mark.parametrize(
    "typed",
    [
        "福岡 花子",
        "Hanako",
        "フクオカ花子",
        "ニ口",
        "12",
        "ア゛",
        "ー",
        "・",
        "<b>",
        "ハナコ😀",
        "\ue000",
        "フクオカ?",
    ],
)
def test_what_is_no_reading_is_answered_with_an_example(typed):
    with pytest.raises(KanaUnreadable, match="フリガナは、フクオカ　ハナコ のように、カタカナかひらがなで"):
        read_kana(typed)


def test_nothing_is_a_reading_for_whoever_has_none():
    assert read_kana("") == read_kana(" \u200b　") == ""


@given(st.text(alphabet="アカガハパゝヴィ゛゜ﾞ\u3099・ -か花", max_size=8))
def test_a_name_holds_itself_and_each_text_that_its_tokens_cannot_be_misled_by(text):
    assert holds_text([text], text) or not fold_name(text)
    for name in ("ヘンミ　ヒカリ", "花　ガハパ", text):
        if fold_name(text) and not tokens_may_mislead(text):
            assert holds_text([name], text) == found(text, name)


@given(st.text(alphabet="ァアカガハパーゝウヴ゛゜ﾞ\u3099・ -―　aか花", max_size=12))
def test_a_reading_that_was_read_is_read_the_same_again(text):
    try:
        kana = read_kana(text)
    except KanaUnreadable:
        return
    assert read_kana(kana) == kana
    assert match_key(kana) == match_key(text) or "゛" in text or "゜" in text


@pytest.mark.parametrize(
    "name",
    [
        "福岡　花子",
        "髙﨑 花子",
        "渡邉\U000e0101　花子",
        "〓崎　花子",
        "佐々木 〆子",
        "O’Brien José-Ángel",
        "VAN DER BERG, Jan Jr.",
        "ジャン＝ジャック・ルソー",
        "Nguyễn Thị Hoa",
        "สมชาย ใจดี",
        "김 철수",
        "林（旧姓　森）",
        "見本　1郎",
        "\U00031350",
    ],
)
def test_a_name_of_a_card_is_read_as_it_is(name):
    assert read_name(name) == name


@pytest.mark.parametrize(
    "typed",
    [
        "花子😀",
        "<b>花子</b>",
        "花子＜",
        "♡花子",
        "花子①",
        "1⃣花子",
        "----",
        "12",
        "花子@",
        "㈱見本",
        "花子\u20dd",
        "_",
    ],
)
def test_signs_and_pictures_are_no_name(typed):
    with pytest.raises(NameUnreadable, match="文字だけを入力してください。絵文字や < >"):
        read_name(typed)


def test_a_character_of_one_machine_is_refused_with_the_way():
    with pytest.raises(CharacterUnusable, match="「〓」かカタカナで入力してください"):
        read_name("\ue000崎　花子")
