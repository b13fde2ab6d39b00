"""A page is compressed for somebody who is nobody yet, and for nobody else (docs/adr/0031)."""

import gzip

import pytest
from django.test import Client
from support.journeys import to_confirm

pytestmark = pytest.mark.usefixtures("city")
COMPRESSED = "Content-Encoding"
HARMLESS = ("__Host-language", "__Host-csrf")
# Cookies of ours that lead to somebody: tests/sites/test_cookies.py finds them all.
SOMEBODY = ("__Host-hold", "__Host-session", "__Host-device", "__Secure-booking-0a", "__Secure-link-0a")


@pytest.fixture
def ask(settings):
    """Return a call that asks as a browser of production with these cookies."""
    client = Client()
    settings.HTTPS = settings.SESSION_COOKIE_SECURE = True
    for name in ("SESSION", "CSRF", "LANGUAGE"):
        setattr(settings, f"{name}_COOKIE_NAME", f"__Host-{name.lower()}")

    def ask(path, *cookies):
        client.cookies.clear()
        for name in cookies:
            client.cookies[name] = "en" if name.endswith("language") else "x"
        return client.get(path, headers={"accept-encoding": "gzip, deflate, br"}, secure=True)

    return ask


@pytest.mark.parametrize("path", ["/", "/offices/", "/faq/", "/reserve/", "/none/", "/embed/times/"])
def test_a_page_for_anybody_is_compressed(ask, path):
    reply = ask(path, *HARMLESS, "_ga")
    assert reply[COMPRESSED] == "gzip"
    assert "Accept-Encoding" in reply["Vary"]
    assert b"</html>" in gzip.decompress(reply.content)


@pytest.mark.parametrize("name", SOMEBODY)
@pytest.mark.parametrize("path", ["/", "/reserve/", "/lookup/"])
def test_a_page_for_somebody_goes_as_it_is(ask, path, name):
    reply = ask(path, *HARMLESS, name)
    assert (COMPRESSED in reply, b"</html>" in reply.content) == (False, True)


def test_what_was_typed_is_never_compressed(client):
    to_confirm(client)
    reply = client.get("/reserve/confirm/", headers={"accept-encoding": "gzip"})
    assert (reply.status_code, COMPRESSED in reply) == (200, False)
    assert COMPRESSED not in client.post("/lookup/", headers={"accept-encoding": "gzip"})
