"""One word for one thing, in everything that a reader of Japanese sees."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# What is written, what would be written beside it elsewhere, and the text that shows the difference.
WORDS = (
    ("桁", r"[0-9０-９]けた(?!も)", "数字4けたの暗証番号"),
    ("届出", r"届け出(?![たるてな])", "届け出を済ませる"),
    ("訓練環境", r"研修用", "研修用（実際の予約はできません）"),
    ("問合せ", r"問い合せ|問合わせ", "お問合わせ"),
    ("取消し", r"取り消し(?![まてた線])|取消(?![しす済させそ])", "予約の取り消しは"),
    ("引っ越し", r"引越", "引越した方"),
)


# What no part of the system sends or reports yet: nobody is promised it, nor its day (docs/plan.md).
PROMISES = (
    (r"照合し(ます|てい)", "お申込み内容を、福岡市の住民登録と照合します。"),
    (r"本市に伝達|来局結果", "来局結果をお知らせします。"),
    (r"同じか(どうか、)?調べ(ます|てい)", "住民登録（じゅうみんとうろく）と同じか調べます。"),
    (r"check(s|ing)? (your details|it) against", "We check your details against the resident register."),
)


def texts_of_citizens():
    """Yield the files whose sentences a citizen reads or hears, in every language."""
    for pattern in ("programs/**/*.toml", "programs/**/*.po", "madoguchi/locale/**/*.po"):
        yield from sorted(ROOT.glob(pattern))
    yield from sorted((ROOT / "madoguchi/sites/citizen").glob("**/*.html"))
    yield from sorted((ROOT / "madoguchi/sites/citizen").glob("**/*.py"))


def texts():
    """Yield the files whose Japanese somebody reads; やさしい日本語 has words of its own."""
    for pattern in ("madoguchi/**/*.html", "programs/**/*.toml", "docs/manual/*.md"):
        for path in sorted(ROOT.glob(pattern)):
            if "ja-easy" not in path.name:
                yield path
    yield from sorted((ROOT / "madoguchi").glob("**/*.py"))


def test_each_thing_has_one_word():
    found = [
        (str(path.relative_to(ROOT)), line.strip()[:80], word)
        for path in texts()
        for line in path.read_text(encoding="utf-8").splitlines()
        for word, other, _example in WORDS
        if re.search(other, line)
    ]
    assert found == []


@pytest.mark.parametrize(("word", "other", "example"), WORDS)
def test_the_other_word_would_be_found(word, other, example):
    assert re.search(other, example)
    assert not re.search(other, word)


def test_no_citizen_is_promised_what_is_not_served_yet():
    found = [
        (str(path.relative_to(ROOT)), line.strip()[:80])
        for path in texts_of_citizens()
        for line in path.read_text(encoding="utf-8").splitlines()
        for promise, _example in PROMISES
        if re.search(promise, line) and not line.strip().startswith("#")
    ]
    assert found == []


@pytest.mark.parametrize(("promise", "example"), PROMISES)
def test_a_promise_would_be_found(promise, example):
    assert re.search(promise, example)
