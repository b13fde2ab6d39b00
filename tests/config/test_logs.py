"""Logs tell what happened, and never who or where."""

import json
import logging

import pytest
import structlog
from django.conf import settings
from django.test import Client

from madoguchi.config.logs import hide_secrets


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


def test_a_request_is_logged_without_its_token(city, lines):
    Client().get("/r/a-very-secret-token/")
    said = json.dumps(lines(), ensure_ascii=False)
    assert "request_finished" in said
    assert "a-very-secret-token" not in said


def test_a_line_names_the_address_our_own_proxy_saw_and_not_the_one_a_client_wrote(city, settings, lines):
    settings.TRUSTED_PROXIES = 1
    Client().get("/", headers={"X-Forwarded-For": "198.51.100.7, 203.0.113.9"})
    assert [line["ip"] for line in lines() if line["event"] == "request_finished"] == ["203.0.113.9"]


def test_a_request_is_logged_without_what_was_searched_for(city, lines):
    Client().get("/secretariat/reservations/", {"q": "090-0000-5678"})
    said = json.dumps(lines(), ensure_ascii=False)
    assert "GET /secretariat/reservations/" in said
    assert "5678" not in said
