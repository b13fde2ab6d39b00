"""Lines break between phrases, and nowhere else; readings are ruby; Japanese says so in other languages."""

import re
import tomllib

import polib
import pytest
from django.template import Context, Template
from django.utils import translation

from madoguchi.web.templatetags import phrases as module
from madoguchi.web.templatetags.phrases import ZERO_WIDTH_SPACE as BREAK
from madoguchi.web.templatetags.phrases import phrases
from scripts.catalogues import LOCALE, PACKS

# Words and groups that no line may end in, found with a finger on the pages of 2026.
WHOLE = re.findall(
    r"\S+",
    """
    ただいま ひらがな もうすぐ もらうまで やめること さがす さがし方 あらためて うかがう たいへん ちがいます
    まちがい 1人ずつ 2人ずつ 2026年 3か月前 15歳以上 6桁の 10文字の 博多区大井 博多区役所 年末年始
    所要時間 照会書兼回答書 憲法記念日 福岡空港駅 室見駅 博多駅 メールアドレス はしごだか にちじ
    """,
)


def texts(*, easy):
    """Return every line that a citizen may read: of the software, of each pack, of its texts."""
    found = [
        path.read_text("utf-8") for path in PACKS.glob(f"*/texts/guidance.{'ja-easy' if easy else 'ja'}.toml")
    ]
    lines = [line for text in found for each in tables(tomllib.loads(text)) for line in each.splitlines()]
    catalogues = [LOCALE, *PACKS.glob("*/locale")]
    entries = [e for path in catalogues for e in polib.pofile(str(path / "ja_Easy/LC_MESSAGES/django.po"))]
    return {*lines, *(entry.msgstr if easy else entry.msgid for entry in entries)}


def tables(value):
    """Yield every text of a TOML table."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from tables(each)


def rendered(html, **context):
    return Template("{% load phrases %}{% phrases %}" + html + "{% endphrases %}").render(Context(context))


def test_a_heading_breaks_between_phrases():
    assert phrases("お名前などを入力してください") == f"お名前などを{BREAK}入力してください"


@pytest.mark.parametrize(
    "text",
    [
        "12月15日（火）",
        "午前10時30分",
        "092-123-4567",
        "〒814-0006",
        "昭和25年4月1日",
        "令和元年5月1日",
        "2-56-1",
        "8341-3:2016",
    ],
)
def test_dates_times_and_numbers_never_break(text):
    assert f'<span class="nowrap">{text}</span>' in phrases(f"予約は{text}まで")


@pytest.mark.parametrize(
    "text",
    [
        "日にちと時間",
        "福岡マリナタウン郵便局",
        "24の郵便局",
        "1か月",
        "あてはまる",
        "早良区百道",
        "お住まいの区",
    ],
)
def test_words_that_belong_together_stay_together(text):
    assert text in phrases(f"{text}を選んでください").replace(f"と{BREAK}時間", "と時間")


def test_text_is_escaped():
    assert "&lt;b&gt;" in phrases("<b>を選んでください")


def test_what_a_person_typed_is_left_alone():
    typed = "福岡　花子は入力してください"
    assert f'<dd translate="no">{typed}</dd>' in rendered('<dd translate="no">{{ typed }}</dd>', typed=typed)
    assert f"<textarea>{typed}</textarea>" in rendered("<textarea>{{ typed }}</textarea>", typed=typed)


def test_attributes_are_left_alone():
    html = '<p title="お名前などを入力してください">x</p>'
    assert rendered(html) == html


def test_no_text_is_kept_in_memory():
    phrases("博多　太郎を入力してください")
    assert "博多" not in repr(module._known)


def laid_out(text, language="ja"):
    with translation.override(language):
        return rendered("{{ text }}", text=text)


@pytest.mark.parametrize("language", ["ja", "ja-easy"])
def test_no_line_of_any_text_ends_inside_a_word(language):
    torn = set()
    for line in texts(easy=language == "ja-easy"):
        html = re.sub("</?ruby>|</?span[^>]*>|<rp>.*?</rp>$", "", laid_out(line, language))
        said = re.sub("<rp>（</rp><rt>.*?</rt><rp>）</rp>|（[ぁ-んー]+）", "", html)
        parts = said.split(BREAK)
        whole = "".join(parts)
        place = 0
        for part in parts[:-1]:
            place += len(part)
            torn |= {
                (word, line)
                for word in WHOLE
                for start in range(max(0, place - len(word) + 1), place)
                if whole.startswith(word, start)
            }
            before, after = whole[place - 1], whole[place]
            if before.isdigit() or before in "（「【" or after in "、。）」ー・：ょゅゃっ":
                torn.add((before + after, line))
    assert not torn


@pytest.mark.parametrize("language", ["ja", "ja-easy"])
def test_no_mark_stands_inside_a_reading_an_address_or_a_number(language):
    for line in (
        "福岡（ふくおか）市早良（さわら）区",
        "福岡市博多区大井二丁目2-1 博多ビル3階に行く",
        "早良郵便局（さわらゆうびんきょく）",
    ):
        parts = re.sub("<[^>]+>", "", laid_out(line, language)).split(BREAK)
        assert not [part for part in parts if part.count("（") != part.count("）")]
    assert "福岡市博多区大井二丁目2-1" in re.sub("<[^>]+>", "", laid_out("福岡市博多区大井二丁目2-1に行く"))


def test_a_reading_is_ruby_where_a_page_says_the_word_first_and_is_left_out_afterwards():
    html = laid_out("予約（よやく）の手続き（てつづき）。次の予約（よやく）", "ja-easy")
    ruby = "<ruby>{}<rp>（</rp><rt>{}</rt><rp>）</rp></ruby>"
    first, _, second = html.replace(BREAK, "").partition("。")
    assert first == ruby.format("予約", "よやく") + "の" + ruby.format("手続き", "てつづき")
    assert second == "次の予約"


def test_in_japanese_and_in_plain_text_a_reading_stays_in_brackets():
    assert "高（はしごだか）" in laid_out("高（はしごだか）")


def test_every_reading_of_every_text_belongs_to_a_word():
    lost = [
        text for text in texts(easy=True) if re.search("[一-龥](（[ぁ-んー]+）)", laid_out(text, "ja-easy"))
    ]
    assert lost == []


def test_options_titles_and_what_people_typed_hold_no_ruby():
    for html in (
        "<option>予約（よやく）</option>",
        "<select><option>予約（よやく）</option></select>",
        '<i title="予約（よやく）">',
    ):
        with translation.override("ja-easy"):
            assert "<ruby>" not in rendered(html)


def test_japanese_words_inside_another_language_say_so():
    assert laid_out("At 早良郵便局, 1F", "en") == 'At <span lang="ja">早良郵便局</span>, 1F'
    assert laid_out("Call 092-123-4567.", "en") == 'Call <span class="nowrap">092-123-4567</span>.'
    address = "福岡市早良区百道1-2-3"
    assert re.sub("<span class[^>]*>", "", laid_out(f"Go to {address}.", "en")).count("lang=") == 1
    with translation.override("en"):
        assert (
            rendered('<dd translate="no">福岡　花子</dd>') == '<dd lang="ja" translate="no">福岡　花子</dd>'
        )
        assert rendered('<select><option value="1">早良区</option></select>') == (
            '<select><option lang="ja" value="1">早良区</option></select>'
        )
        assert rendered('<input value="福岡　花子">') == '<input lang="ja" value="福岡　花子">'
