"""Every citizen page in every language: what is not translated, and what nobody marked, is found here."""

import re
from dataclasses import asdict
from html.parser import HTMLParser
from http import HTTPStatus

import polib
import pytest
from django.conf import settings as real_settings
from django.test import Client
from django.utils import translation
from support.journeys import BIRTH, DETAILS, PROCEDURES, expiry
from support.staff_pages import placeholders

from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.common.catalogues import DATES, catalogues, compile_catalogue, gaps, language_of
from madoguchi.common.languages import MAIN
from madoguchi.contract.rows import GuidanceRow
from madoguchi.contract.selectors import belongings_for, calendar, procedures, program, wards
from madoguchi.contract.services import put_rows
from madoguchi.offices.selectors import offices
from madoguchi.reservations.models import Reservation
from madoguchi.reservations.selectors import access_code, reservation
from madoguchi.sites.citizen.urls import urlpatterns
from madoguchi.workflows.pack.loading import read_pack, untranslated
from madoguchi.workflows.pack.messages import translatable_messages
from scripts.catalogues import LOCALE, PACKS, sentences

JAPANESE = re.compile(r"[ぁ-んァ-ヶ一-龥]+")
UNMARKED = re.compile(
    r'<(\w+)[^>]*\btranslate="no"[^>]*>.*?</\1>|<svg.*?</svg>|<(form|div) class="languages".*?</\2>'
    r'| value="[^"]*"',
    re.DOTALL,
)
# Words that an English page says in Japanese, so that their reader finds them on paper and on the card.
TERMS = ("継続利用", "通称", "住民票", "高", "フクオカ", "ハナコ", "はしごだか", "有効期限通知書")
TEXTS = ("purpose", "privacy", "accessibility", "ward.WARD_GUIDANCE", "ward.EXPIRES_SOON", "faq.fee")
# Answers that are no page: files, and what only a POST reaches.
NO_PAGES = {
    "link-calendar",
    "reserve-work",
    "link-add",
    "reserve-leave-out",
    "reserve-extend",
    "wait-accept",
    "wait-pass",
    "wait-leave",
    "booking-code",
}
LANGUAGES = [code for code, _name in real_settings.LANGUAGES if code != MAIN]


@pytest.mark.parametrize("path", list(catalogues([LOCALE])), ids=language_of)
def test_every_sentence_that_citizens_read_is_in_every_catalogue(path):
    known = {(entry.msgctxt or "", entry.msgid) for entry in polib.pofile(str(path)) if not entry.obsolete}
    lacking = [each.text for each in sentences() if each not in known]
    assert not lacking, f"make messages, then translate in {path}: {lacking}"
    assert not gaps(path), f"translate in {path}"


@pytest.mark.parametrize("pack", sorted(PACKS.glob("*/locale")), ids=lambda path: path.parent.name)
def test_every_word_of_a_pack_that_citizens_read_is_in_its_catalogues(pack):
    said = set(translatable_messages(pack.parent))
    found = {language_of(path): path for path in catalogues([pack])}
    assert set(found) == set(LANGUAGES)
    for path in found.values():
        lacking = said - {entry.msgid for entry in polib.pofile(str(path))}
        assert not lacking, f"make messages, then translate in {path}: {lacking}"
        assert not gaps(path), f"translate in {path}"


@pytest.mark.parametrize("pack", sorted(PACKS.glob("*/texts")), ids=lambda path: path.parent.name)
def test_every_text_and_mail_of_a_pack_is_there_in_every_language(pack):
    assert {path.name.split(".")[1] for path in pack.glob("*.toml")} == {MAIN, *LANGUAGES}
    assert list(untranslated(read_pack(pack.parent))) == []


def test_every_language_has_a_catalogue_and_the_other_way_round():
    assert {language_of(path) for path in catalogues([LOCALE])} == set(LANGUAGES)


@pytest.fixture
def made_up(settings, tmp_path):
    """A language nobody speaks, added by nothing but a catalogue: each sentence becomes ☆ and its values."""
    path = tmp_path / "xx" / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True)
    catalogue = polib.POFile()
    catalogue.metadata = {"Content-Type": "text/plain; charset=utf-8"}
    for context, text in sentences():
        values = " ".join(re.findall(r"%\(\w+\)[.\d]*[a-z]|\{\w+\}", text)) if context != DATES else ""
        said = f"☆ {values}" if context != DATES else "☆%(day)d" if "day" in text else "☆"
        catalogue.append(polib.POEntry(msgid=text, msgctxt=context or None, msgstr=said))
    catalogue.save(str(path))
    assert compile_catalogue(path) == []
    settings.LANGUAGES = [*real_settings.LANGUAGES, ("xx", "☆")]
    settings.LOCALE_PATHS = [tmp_path]
    translation.trans_real._translations = {}
    yield "xx"
    translation.trans_real._translations = {}


def words_of_the_city():
    """Return what the made-up city and person bring along: all that may stand in Japanese on a page."""
    rows = [program(), *wards(), *offices(), *procedures(), *belongings_for(["PIN_RESET"])]
    words = {value for row in rows for value in asdict(row).values() if isinstance(value, str)}
    words |= {reason for code in ("CITY", "OFFICE") for reason in calendar(code).closed.values()}
    words |= {*DETAILS.values(), "福●　花●", "福岡　月子", *TEXTS, "星見市東区", "星見市西区", "はじめから"}
    return sorted((word for word in words if JAPANESE.search(word)), key=len, reverse=True)


def first_free(page):
    """Return the first free time on a page of times."""
    return re.search(r'name="slot" value="(\d+)"', page.content.decode())[1]


@pytest.fixture
def walk(client, city):
    """Every page of a citizen's ways, with its mistakes."""
    put_rows(
        kind=GuidanceRow,
        rows=[
            GuidanceRow(name=name, language="ja", title="星見市", body="星見市", position=place)
            for place, name in enumerate(TEXTS)
        ],
    )

    def pages():
        def get(address, **data):
            return client.get(address, data, follow=True)

        def post(address, data):
            return client.post(address, data, follow=True)

        for address in (
            "/",
            "/wizard/",
            "/faq/",
            "/offices/",
            "/how-to/",
            "/privacy/",
            "/accessibility/",
            "/no/",
        ):
            yield get(address)
        yield get("/wards/", ward="992021")
        yield get("/wizard/", asked="1")
        yield get("/reserve/")
        yield post("/reserve/", {})
        yield get("/reserve/ward/EXPIRES_SOON/", ward="992021")
        yield post("/reserve/", {**PROCEDURES, **expiry("2035-5-10", "2028-5-10")})
        codes = ["CERT_RENEW", "PIN_RESET", "FACE_CHANGE"]
        yield post("/reserve/", {**PROCEDURES, "procedures": codes})
        for by in ("postal", "ward", "date", "earliest"):
            yield get("/reserve/office/", by=by, ward="992021", day="2026-12-15")
        yield post("/reserve/office/", {"postal_code": "x"})
        yield get("/reserve/HM01/")
        yield get("/reserve/HM01/", day="2026-12-15", month="2026-12")
        yield get("/reserve/HM01/", view="list", month="2026-12")
        yield get("/reserve/HM01/", month="2027-01")
        yield post("/reserve/HM01/", {})
        yield get("/reserve/wait/", office="HM01")
        wish = {"offices": ["HM01"], "first_day": "2026-12-16", "last_day": "2026-12-15", "times": "any"}
        yield post("/reserve/wait/", wish)
        yield post("/reserve/wait/", {**wish, "last_day": "2026-12-16"})
        more = {
            "unknown_pins": ["UNSURE"],
            "changes": ["ADDRESS", "NAME"],
            "new_address": "星見市西区見本町",
            "needs": ["WRITING"],
        }
        yield post("/reserve/details/", {**DETAILS, **more, "email": ""})
        yield get("/reserve/wait/check/")
        yield get("/reserve/expired/")
        entered = client.post("/reserve/wait/check/", {"consent": "on"}).url
        yield get(entered)
        yield get(f"{entered.partition('?')[0]}slip/")
        client.post("/reserve/", {**PROCEDURES, "procedures": codes})
        yield post("/reserve/HM01/", {"slot": first_free(get("/reserve/HM01/", day="2026-12-15"))})
        yield post(
            "/reserve/details/", {"contact_by": "MAIL", "name": "1234-5678-9018", "birth_date_year": "1"}
        )
        wrong = {"birth_date_day": "31", "phone": "1", "email": "x", "name_kana": "x", "name_differs": "on"}
        yield post("/reserve/details/", {**DETAILS, **wrong, "postal_code": "1"})
        yield post("/reserve/details/", {**DETAILS, **more})
        yield get("/reserve/confirm/")
        yield post("/reserve/confirm/", {})
        client.post(client.get(entered).wsgi_request.path.rstrip("/") + "/leave/")
        yield get(entered)
        yield get(f"{entered.partition('?')[0]}slip/")
        booked = client.post("/reserve/confirm/", {"consent": "on"}).url
        yield get(booked)
        link = booked.partition("?")[0]
        for address in ("", "confirm/", "slip/", "change/", "procedures/", "contact/", "cancel/"):
            yield get(link + address)
        yield post(f"{link}confirm/?step=done", {**BIRTH, "birth_date_day": "2"})
        yield get(f"{link}change/", day="2026-12-17", month="2026-12")
        yield post(f"{link}change/", {"slot": first_free(get(f"{link}change/", day="2026-12-17"))})
        yield post(f"{link}contact/", {})
        yield get("/lookup/")
        yield post("/lookup/", {})
        yield post("/lookup/", {"reference": "K7MT-AWX-R74", **BIRTH})
        row = Reservation.objects.get()
        found = client.post("/lookup/", {"reference": row.reference, **BIRTH}).url
        for address in ("", "change/", "cancel/", "contact/"):
            yield get(found + address)
        yield post(f"{found}code/", {})
        yield post(f"{found}place/?to=change", {"phone_end": "0"})
        yield post(f"{found}place/?to=change", {"phone_end": "9999"})
        yield post(f"{found}place/?to=change", {"phone_end": DETAILS["phone"][-4:]})
        yield get(f"{found}change/", office="all")
        yield post(f"{found}code/use/", {"code": "1"})
        yield post(f"{found}code/use/", {"code": "000000"})
        client.post(f"{found}code/use/", {"code": access_code(row.pk)})
        yield get(f"{found}contact/")
        yield get(f"{found}procedures/")
        yield post(f"{link}cancel/", {"reason": "SCHEDULE"})
        client.cookies.pop("hold")
        yield get("/reserve/details/")
        yield get("/embed/times/", office="HM01", lang=client.cookies["language"].value)
        yield post("/reserve/", {**PROCEDURES, "people": "2"})
        yield post("/reserve/", {"person": "2"})
        yield post("/reserve/", {**PROCEDURES, "person": "2"})
        yield get("/reserve/HM01/", day="2026-12-15")
        yield post("/reserve/HM01/", {"slot": first_free(client.get("/reserve/HM01/?day=2026-12-15"))})
        for number, family in (("1", {}), ("2", {"name": "福岡　月子", "name_kana": ""})):
            yield post("/reserve/details/", {**DETAILS, **family, "person": number, "address": ""})
            yield post("/reserve/details/", {**DETAILS, **family, "person": number})
        yield post("/reserve/confirm/", {"consent": "on"})
        made = Reservation.objects.filter(status="BOOKED").first().pk
        link = f"/r/{reservation(made, scope=EVERYWHERE).link_token}/"
        yield get(link)
        yield post(f"{link}add/", {})

    return pages


def test_the_switch_on_every_page_works_without_a_script_and_is_kept(city):
    browser = Client(enforce_csrf_checks=True)
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', browser.get("/how-to/").content.decode())[
        1
    ]
    typed = {"language": "en", "csrfmiddlewaretoken": token}
    answer = browser.post(
        "/i18n/setlang/", typed, headers={"referer": "http://testserver/how-to/"}, follow=True
    )
    assert answer.redirect_chain[-1][0].endswith("/how-to/")
    assert "How to book" in answer.content.decode()
    assert "最初のページ" not in browser.get("/no/such/page/").content.decode()
    assert browser.cookies["language"]["httponly"]


def test_without_a_choice_every_browser_gets_japanese_and_staff_always(client, city):
    headers = {"accept-language": "en-US,en;q=0.9"}
    assert client.get("/", headers=headers).headers["Content-Language"] == "ja"
    client.cookies["language"] = "en"
    assert client.get("/staff/").headers["Content-Language"] == "ja"
    client.cookies["language"] = "../../etc"
    assert client.get("/").headers["Content-Language"] == "ja"


def test_the_next_page_of_the_same_process_is_not_in_the_language_of_the_last(client, city):
    client.cookies["language"] = "en"
    client.get("/")
    assert translation.get_language() == MAIN


def unspoken(response, allowed):
    """Return the Japanese words of a page that are neither the city's nor the person's."""
    html = UNMARKED.sub("", response.content.decode()).replace("\u200b", "")
    html = re.sub(r'<span class="nowrap">([^<]*)</span>', r"\1", html)
    for word in allowed:
        html = html.replace(word, "")
    return JAPANESE.findall(html)


class Unmarked(HTMLParser):
    """Collects the Japanese text of a page in another language that is not marked as Japanese."""

    def __init__(self, html):
        super().__init__()
        self.languages, self.found = [("html", "en")], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        language = attributes.get("lang") or self.languages[-1][1]
        spoken = [
            attributes.get(name) or ""
            for name in ("alt", "placeholder", "value" if tag == "input" else "alt")
        ]
        self.found += [text for text in spoken if language != "ja" and JAPANESE.search(text)]
        if tag not in {"input", "br", "img", "meta", "link", "hr", "use", "path", "wbr"}:
            self.languages.append((tag, language))

    def handle_endtag(self, tag):
        while len(self.languages) > 1 and self.languages.pop()[0] != tag:
            pass

    def handle_data(self, data):
        tag, language = self.languages[-1]
        if language != "ja" and tag not in {"title", "style", "script"} and JAPANESE.search(data):
            self.found.append(data.strip())


@pytest.mark.parametrize("code", ["en", "xx"], ids=["English", "a language made up of a catalogue alone"])
def test_every_citizen_page_speaks_the_language_chosen(client, walk, code, request):
    if code == "xx":
        request.getfixturevalue("made_up")
    allowed = [*words_of_the_city(), *TERMS]
    client.cookies[real_settings.LANGUAGE_COOKIE_NAME] = code
    seen, left = set(), {}
    for response in walk():
        name = "" if response.status_code == HTTPStatus.NOT_FOUND else response.resolver_match.url_name
        seen.add(name)
        assert response.headers["Content-Language"] == code
        assert f'<html lang="{code}">' in response.content.decode()
        assert placeholders(response) == [], response.wsgi_request.get_full_path()
        left |= {(name, word): response.wsgi_request.get_full_path() for word in unspoken(response, allowed)}
    assert not left, str(left)
    assert {each.name for each in urlpatterns} - NO_PAGES - seen == set()
