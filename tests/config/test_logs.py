"""Logs tell what happened, and never who or where."""

import io
import json
import logging
import re
import sys

import pytest
import structlog
from django.conf import settings
from django.db import OperationalError, connection
from django.test import Client
from support.journeys import BIRTH, DETAILS, to_booked, to_confirm
from support.people import HANAKO
from support.secretariat import member

from madoguchi.common.statements import execute_prepared
from madoguchi.config.logs import configure, hide_secrets, last_words
from madoguchi.workflows.messages import mail


@pytest.fixture
def lines(caplog):
    """Return what a log line of this run would say, as JSON."""
    formatter = settings.LOGGING["formatters"]["json"]
    as_json = structlog.stdlib.ProcessorFormatter(
        processors=formatter["processors"], foreign_pre_chain=formatter["foreign_pre_chain"]
    )
    caplog.set_level(logging.INFO)
    return lambda: [json.loads(as_json.format(record)) for record in caplog.records]


def test_a_secret_link_is_hidden_wherever_it_stands():
    event = hide_secrets(None, "", {"event": "GET /r/abc_DEF-123/cancel/", "path": "/r/abc?x=1", "code": 200})
    assert event == {"event": "GET /r/…/cancel/", "path": "/r/…?x=1", "code": 200}
    assert hide_secrets(None, "", {"event": "POST /w/abc_DEF-123/accept/"}) == {"event": "POST /w/…/accept/"}


@pytest.mark.parametrize(
    ("address", "request_line"),
    [
        ("/r/a-very-secret-token/", "GET /r/<str:token>/"),
        ("/secretariat/reservations/hanako/move/", "GET /secretariat/reservations/<slug:reference>/move/"),
        ("/福岡花子/", "GET (no page)"),
    ],
)
def test_a_request_is_logged_by_its_route_and_not_by_what_was_typed(city, lines, address, request_line):
    Client().get(address)
    assert [line["request"] for line in lines() if line["event"] == "request_finished"] == [request_line]
    said = json.dumps(lines(), ensure_ascii=False)
    assert "a-very-secret-token" not in said
    assert "hanako" not in said
    assert "花子" not in said


def test_a_line_names_the_address_our_own_proxy_saw_and_not_the_one_a_client_wrote(city, settings, lines):
    settings.TRUSTED_PROXIES = 1
    Client().get("/", headers={"X-Forwarded-For": "198.51.100.7, 203.0.113.9"})
    assert [line["ip"] for line in lines() if line["event"] == "request_finished"] == ["203.0.113.9"]


def test_monitoring_may_ask_a_web_host_past_the_proxy(city, settings):
    settings.TRUSTED_PROXIES, settings.SECURE_SSL_REDIRECT = 1, True
    assert b"madoguchi_standbys_missing" in Client().get("/metrics").content
    assert Client().get("/readyz").status_code == 200
    assert Client().get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 404


def test_a_request_is_logged_without_what_was_searched_for(city, lines):
    Client().get("/secretariat/reservations/", {"q": "090-0000-5678"})
    said = json.dumps(lines(), ensure_ascii=False)
    assert "GET /secretariat/reservations/" in said
    assert "5678" not in said


# Everything that is known of one person, in every form in which it is typed or kept.
OF_HANAKO = (
    *("福岡", "花子", "フクオカ", "ハナコ", "5678", "hanako", "814-0006", "8140006", "2丁目", "1950", "昭和"),
    "S25.4.1",
)


@pytest.fixture
def logged(monkeypatch):
    """Give all that a real system would write, at every level."""
    # Loggers that are there keep what they were set up with, except for the words of exceptions.
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    facts = configure(level="DEBUG", words=False)["formatters"]["json"]
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=facts["processors"], foreign_pre_chain=facts["foreign_pre_chain"]
        )
    )
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield written.getvalue
    root.setLevel(before)
    root.removeHandler(handler)


# Identifiers by chance and fractions of seconds have any digits in them.
BY_CHANCE = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[0-9a-f]{16,}\b|\d\.\d{3,}")


def found_in(text):
    return [word for word in OF_HANAKO if word in BY_CHANCE.sub("", text)]


def row_with_words():
    """Send the database a row that it refuses, with what was typed in it, as literal and as value."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO notifications_announcement"
            " (kind, title, body, shows_from, shows_until, created_at, created_by, updated_by)"
            " VALUES ('no such', '福岡 花子', %s, now(), now(), now(), 'x', '')",
            [HANAKO.phone],
        )


BROKEN = {
    "python": lambda *_args, **_kwargs: int(f"{HANAKO.name} {HANAKO.phone} {HANAKO.email}"),
    "values": lambda *_args, **_kwargs: execute_prepared("SELECT %s::integer", [HANAKO.name]),
    "row": lambda *_args, **_kwargs: row_with_words(),
}


def test_booking_looking_up_and_mail_leave_nothing_of_a_person(city, client, settings, logged):
    settings.AXES_ENABLED = True
    answer = to_booked(client)
    token = answer.url.split("/")[2]
    client.get(answer.url)
    client.post("/lookup/", {"reference": "K7MTAWXR74", **BIRTH})
    Client().post("/reserve/details/", {**DETAILS, "birth_date_month": "13", "name": HANAKO.name * 50})
    client.post("/api/v1/reservations", {"name": HANAKO.name}, content_type="application/json")
    client.get("/api/v1/availability", {"office": HANAKO.name, "from": HANAKO.phone})
    client.post(
        "/accounts/login/",
        {"login": HANAKO.email, "password": HANAKO.phone},
        headers={"Referer": HANAKO.email},
    )
    client.force_login(member(), backend="django.contrib.auth.backends.ModelBackend")
    client.get("/secretariat/reservations/", {"q": HANAKO.name})
    mail.send_due_mail()
    assert "request_finished" in logged()
    assert found_in(logged()) == []
    assert token not in logged()


@pytest.mark.parametrize("fault", BROKEN.values(), ids=BROKEN)
def test_a_fault_is_told_with_its_place_and_nothing_of_a_person(city, client, monkeypatch, logged, fault):
    client.raise_request_exception = False
    to_confirm(client)
    monkeypatch.setattr("madoguchi.workflows.booking.book.book_held", fault)
    assert client.post("/reserve/confirm/", {"consent": "on"}).status_code == 500
    assert "request_failed" in logged()
    assert "test_logs.py" in logged()
    assert "Error" in logged()
    assert found_in(logged()) == []


@pytest.mark.parametrize(("fault", "code"), [(OperationalError, 503), (RuntimeError, 500)])
def test_a_fault_writes_its_place_once(city, client, monkeypatch, logged, fault, code):
    def broken(*_args, **_kwargs):
        raise fault

    client.raise_request_exception = False
    to_confirm(client)
    monkeypatch.setattr("madoguchi.workflows.booking.book.book_held", broken)
    before = len(logged())
    assert client.post("/reserve/confirm/", {"consent": "on"}).status_code == code
    assert logged()[before:].count("test_logs.py") == 1


def test_an_error_that_ends_a_process_is_logged_in_the_same_way(logged):
    try:
        BROKEN["python"]()
    except ValueError:
        last_words(*sys.exc_info())
    assert json.loads(logged())["exception"].endswith("ValueError")
    assert found_in(logged()) == []


def test_a_training_system_keeps_the_words_of_its_made_up_people():
    processors = settings.LOGGING["formatters"]["json"]["processors"]
    assert structlog.processors.format_exc_info in processors
