"""Lines break between phrases, and nowhere else."""

import pytest
from django.template import Context, Template

from madoguchi.web.templatetags import phrases as module
from madoguchi.web.templatetags.phrases import ZERO_WIDTH_SPACE as BREAK
from madoguchi.web.templatetags.phrases import phrases


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
