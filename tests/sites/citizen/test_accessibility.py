"""The accessibility statement says what the run found, in every language, and every page leads to it."""

import json

import pytest
from support.journeys import text_of

from madoguchi.common.languages import MAIN
from madoguchi.sites.citizen.guide.accessibility import CRITERIA, FACTS
from madoguchi.web.languages import html_name

pytestmark = pytest.mark.usefixtures("city")
WORDS = {"ja": "レベルAAに配慮しています", "ja-easy": "レベルAAに", "en": "Made with level AA in mind"}
LINK = 'href="/accessibility/"'


@pytest.fixture
def facts():
    return json.loads(FACTS.read_text(encoding="utf-8"))


@pytest.mark.parametrize("language", WORDS)
def test_the_statement_says_what_was_found_in_the_language_of_the_reader(client, settings, facts, language):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    page = text_of(client.get("/accessibility/"))
    assert f'<html lang="{html_name(language)}">' in page
    for said in (
        WORDS[language],
        facts["axe"],
        facts["chromium"],
        *facts["criteria"][:1],
        "JIS X 8341-3:2016",
    ):
        assert said in page
    assert str(facts["pages"][language]) in page
    assert str(len(CRITERIA - {*facts["criteria"]})) in page


@pytest.mark.parametrize("language", WORDS)
@pytest.mark.parametrize("path", ["/", "/reserve/", "/lookup/", "/none/"])
def test_every_page_leads_to_it_at_its_foot(client, settings, path, language):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    assert LINK in text_of(client.get(path)).partition("<footer")[2]


def test_each_language_was_looked_at_on_as_many_pages_as_the_main_one(settings, facts):
    assert facts["pages"].keys() == dict(settings.LANGUAGES).keys()
    assert set(facts["pages"].values()) == {facts["pages"][MAIN]}
    assert len(CRITERIA) == 38
    assert {*facts["criteria"]} & CRITERIA
