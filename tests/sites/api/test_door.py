"""The server's own door: the API needs neither sessions nor forms, and pages keep all they have."""

import io

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from madoguchi.config.wsgi import application

pytestmark = pytest.mark.usefixtures("city", "_kept_connection")


@pytest.fixture
def _kept_connection():
    """Keep the test's transaction open, as Django's own test client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def ask(path):
    """Return status and headers of a GET, as the server asks for it."""
    seen = {}
    answer = application(
        {
            "REQUEST_METHOD": "GET", "PATH_INFO": path, "SERVER_NAME": "localhost", "SERVER_PORT": "80",
            "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(), "REMOTE_ADDR": "127.0.0.1",
        },
        lambda status, headers: seen.update(headers, status=status),
    )  # fmt: skip
    answer.close()
    return seen


def test_the_api_answers_through_few_middlewares():
    seen = ask("/api/v1/offices")
    assert seen["status"] == "200 OK"
    assert seen["X-Content-Type-Options"] == "nosniff"
    assert "Permissions-Policy" in seen
    assert not {"Set-Cookie", "Vary", "Content-Security-Policy"} & set(seen)


def test_pages_keep_theirs():
    seen = ask("/reserve/")
    assert seen["status"] == "200 OK"
    assert {"Set-Cookie", "Vary", "Content-Security-Policy"} <= set(seen)
