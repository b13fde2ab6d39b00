"""What went wrong is said in the shell of the site where it went wrong."""

import pytest
from django.db import OperationalError, connection
from django.test import Client
from support.people import HANAKO
from support.secretariat import book, member

from madoguchi.accounts.kinds import Role
from madoguchi.common import clock
from madoguchi.contract.selectors import booking_rules
from madoguchi.rate_limits.errors import TooManyTries
from madoguchi.reservations import search
from madoguchi.reservations.errors import HighDemand
from madoguchi.sites.citizen.pages import too_many
from madoguchi.web import errors
from madoguchi.workflows.booking import sessions

pytestmark = pytest.mark.usefixtures("city")
STAFF = ["/secretariat/no/", "/operator/no/", "/office/no/such/", "/staff/no/", "/accounts/no/"]


def page(response):
    return response.content.decode().replace("\u200b", "")


def broken(*args, **kwargs):
    raise RuntimeError("broken on purpose")


@pytest.mark.parametrize("signed_in", [False, True])
@pytest.mark.parametrize("address", STAFF)
def test_a_wrong_address_of_staff_shows_the_shell_of_staff(client, address, signed_in):
    if signed_in:
        client.force_login(member())
    answer = client.get(address)
    assert answer.status_code == 404
    assert answer.headers["Cache-Control"] == "no-store"
    assert "ページが見つかりません" in page(answer)
    assert 'class="topbar"' in page(answer)
    assert 'href="/staff/"' in page(answer)
    assert "site-header" not in page(answer)


def test_a_wrong_address_of_citizens_shows_theirs(client):
    answer = client.get("/no/such/page/")
    assert answer.status_code == 404
    assert "site-header" in page(answer)
    assert "topbar" not in page(answer)


def test_a_visit_that_is_not_there_is_told_in_the_shell_without_anything_of_a_person(client):
    client.force_login(member())
    book()
    answer = client.get("/secretariat/reservations/K7MTAWXR74/move/")
    assert answer.status_code == 404
    assert 'class="topbar"' in page(answer)
    assert HANAKO.name not in page(answer)


@pytest.mark.parametrize(
    ("address", "sign"), [("/reserve/", "site-header"), ("/secretariat/reservations/add/", 'class="topbar"')]
)
def test_a_form_without_its_token_is_refused_in_the_right_shell(address, sign):
    client = Client(enforce_csrf_checks=True)
    client.force_login(member())
    answer = client.post(address, {})
    assert answer.status_code == 403
    assert "この操作はできませんでした" in page(answer)
    assert sign in page(answer)


COOKIE = "必要なクッキー（Cookie）が届きませんでした"
NOT_OURS = "このサイトの画面から送られたことを、確かめられませんでした"


@pytest.mark.parametrize(
    ("has_cookie", "says", "keeps_quiet"), [(False, COOKIE, NOT_OURS), (True, NOT_OURS, COOKIE)]
)
def test_a_refused_form_tells_its_cause_other_ways_and_the_telephone(has_cookie, says, keeps_quiet):
    client = Client(enforce_csrf_checks=True)
    if has_cookie:
        client.get("/lookup/")
    answer = client.post("/lookup/", {"csrfmiddlewaretoken": "of another page"})
    main = page(answer).split("<main")[1].split("</main>")[0]
    assert says in main
    assert keeps_quiet not in main
    assert "Safari、Chromeなどのブラウザーで開き直す" in main
    assert 'href="tel:000-000-0002"' in main


@pytest.mark.parametrize("refusal", [TooManyTries(), HighDemand()])
def test_a_page_for_too_many_tries_tells_its_cause_other_ways_and_the_telephone(rf, refusal):
    answer = too_many(rf.get("/"), refusal)
    main = page(answer).split("<main")[1].split("</main>")[0]
    assert answer.status_code == 429
    assert "同じ回線を使うほかの方の操作" in main
    assert 'href="tel:000-000-0002"' in main
    assert ("JavaScriptを使えるようにすると" in main) == isinstance(refusal, HighDemand)


def test_people_behind_one_address_are_asked_for_work_long_before_one_is_turned_away():
    rules = booking_rules(clock.now())
    assert rules.work_from_holds_of_one * 10 < sessions.HOLDS_PER_SOURCE
    assert rules.work_from_holds <= sessions.HOLDS_PER_SOURCE


def test_a_fault_of_ours_is_told_in_the_right_shell(client, monkeypatch):
    client.raise_request_exception = False
    client.force_login(member(Role.SECRETARIAT))
    monkeypatch.setattr(search, "_narrowed", broken)
    answer = client.get("/secretariat/reservations/")
    assert answer.status_code == 500
    assert "結果を確かめてください" in page(answer)
    assert 'class="topbar"' in page(answer)


@pytest.mark.parametrize(
    ("path", "says"), [("/office/", "事務局に知らせてください"), ("/", "お電話でお確かめください")]
)
def test_the_page_after_a_fault_comes_even_without_the_database(rf, monkeypatch, path, says):
    monkeypatch.setattr(errors, "render", broken)
    answer = errors.server_error(rf.get(path))
    assert answer.status_code == 500
    assert says in page(answer)


def away(*args, **kwargs):
    raise OperationalError("server closed the connection unexpectedly")


@pytest.mark.parametrize(
    ("address", "sign", "says"),
    [
        ("/reserve/", "site-header", "予約が二つになることはありません"),
        ("/secretariat/reservations/", 'class="topbar"', "二度送っても二重になりません"),
    ],
)
def test_while_the_database_is_away_people_are_told_to_press_again(client, monkeypatch, address, sign, says):
    client.raise_request_exception = False
    client.force_login(member(Role.SECRETARIAT))
    # From here on nothing answers, wherever it is asked: in a middleware, a view or this very page.
    with monkeypatch.context() as patch:
        patch.setattr(connection, "cursor", away)
        answer = client.post(address)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "30"
    assert sign in page(answer)
    assert says in page(answer)


def test_while_the_database_is_away_partners_are_told_to_send_the_same_again(client, monkeypatch):
    address = "/api/v1/availability?office=HM01&procedures=CERT_RENEW&from=2026-12-15&to=2026-12-15"
    with monkeypatch.context() as patch:
        patch.setattr(connection, "cursor", away)
        answer = client.get(address)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "30"
    assert answer.json()["code"] == "unavailable"
