"""A catalogue that is half done, partly wrong or broken harms nobody, and is named."""

import gettext

import pytest

from madoguchi.common import catalogues
from madoguchi.common.catalogues import compile_catalogue, gaps, is_stale, lacking
from madoguchi.config.checks import check_the_catalogues

HEAD = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"

"""
HALF_DONE = (
    HEAD
    + """msgid "予約する"
msgstr "Book"

msgid "戻る"
msgstr ""

#, fuzzy
msgid "次へ"
msgstr "Previous"

msgid "%(day)sまで"
msgstr "until %(date)s"

msgctxt "date"
msgid "%(month)d月%(day)d日"
msgstr "%(day)d %(month_name)s %(year)d"
"""
)


@pytest.fixture
def written(tmp_path, settings):
    """Write the English catalogue of a folder of its own."""
    settings.LOCALE_PATHS = [tmp_path]
    settings.LANGUAGES = [("ja", "日本語"), ("en", "English")]
    path = tmp_path / "en" / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True)

    def write(text):
        path.write_text(text, encoding="utf-8")
        return path

    return write


def says(path, sentence):
    with path.with_suffix(".mo").open("rb") as file:
        return gettext.GNUTranslations(file).gettext(sentence)


def test_sentences_without_translation_stay_japanese_and_are_named(written):
    path = written(HALF_DONE)
    found = {gap.sentence: gap.why for gap in compile_catalogue(path)}
    assert found == {"戻る": "missing", "次へ": "fuzzy", "%(day)sまで": "placeholders"}
    assert says(path, "予約する") == "Book"
    assert [says(path, sentence) for sentence in found] == list(found)


@pytest.mark.parametrize("wrong", ["100 % sure", "%(day)", "%(day)s and %(day)q%", "{day}"])
def test_a_placeholder_that_would_stop_a_page_is_left_out(written, wrong):
    path = written(f'{HEAD}msgid "%(day)sまで"\nmsgstr "{wrong}"\n')
    assert [gap.why for gap in gaps(path)] == ["placeholders"]


def test_a_broken_catalogue_leaves_the_one_that_was_compiled_before(written):
    path = written(HALF_DONE)
    compile_catalogue(path)
    with pytest.raises(OSError, match="line"):
        compile_catalogue(written('msgid "予約 "する" "\nmsgstr "x"'))
    assert says(path, "予約する") == "Book"
    assert lacking([path.parents[2]]) == {"en": float("inf")}


def test_the_start_names_what_is_lacking_and_what_was_not_compiled(written):
    path = written(HALF_DONE)
    lines = {message.id: message.msg for message in check_the_catalogues()}
    assert lines["madoguchi.W004"].startswith("Sentences that en cannot say: 3.")
    assert "en" in lines["madoguchi.W005"]
    compile_catalogue(path)
    assert not is_stale(path)
    assert [message.id for message in check_the_catalogues()] == ["madoguchi.W004"]


def test_the_catalogues_of_this_house_are_whole(settings):
    catalogues.compile_stale(settings.LOCALE_PATHS)
    assert check_the_catalogues() == []
