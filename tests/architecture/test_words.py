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
