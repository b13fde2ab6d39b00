"""The nginx of deploy/, really started: what it lets through, what it says of the client, what it refuses."""

import json
import re
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import create_connection
from ssl import create_default_context
from threading import Thread

import pytest
from support.nginx import HOST, LONG_AGO, Authority, Front
from support.staff_pages import address, staff_pages
from support.web_server import free_port

from madoguchi.web.middleware import STAFF_PREFIXES

pytestmark = pytest.mark.slow
LIMIT = 1 << 20  # client_max_body_size
# What a client might write to be taken for a terminal, or for somebody else.
FORGED = {
    "X-Forwarded-For": "192.0.2.1",
    "X-Forwarded-Proto": "http",
    "X-Client-Verify": "SUCCESS",
    "X-Request-ID": "mine",
}
STAFF_PATHS = sorted({address(route, page) for _, route, page in staff_pages()} | set(STAFF_PREFIXES))


class Echo(BaseHTTPRequestHandler):
    """Answers with what nginx handed on; /503 as an application that is not ready."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet: the second of two waits 40 ms for the first

    def do_GET(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        told = {name.lower(): value for name, value in self.headers.items()}
        said = json.dumps({"path": self.path, "length": len(body), "headers": told}).encode()
        self.send_response(503 if self.path == "/503" else 200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    do_POST = do_GET  # noqa: N815 - http.server calls it so

    def log_message(self, *_arguments):
        pass


@pytest.fixture(scope="module")
def front(tmp_path_factory):
    """nginx before something that says what it was asked."""
    echo = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    Thread(target=echo.serve_forever, daemon=True).start()
    one = Front(tmp_path_factory.mktemp("front"), echo.server_port)
    one.start()
    yield one
    one.stop()
    echo.shutdown()
    echo.server_close()


@pytest.fixture
def ask(front):
    """Return a call that asks and reads what came through."""

    def ask(path, **how):
        status, headers, body = front.ask(path, **how)
        return status, headers, json.loads(body) if body.startswith(b"{") else body.decode()

    return ask


def test_the_address_without_tls_leads_to_the_one_with_it_under_our_own_name(front):
    for host in (HOST, "another.example"):
        call = HTTPConnection("127.0.0.1", front.plain_port, timeout=30)
        call.request("GET", "/r/secret/?a=b", headers={"Host": host})
        reply = call.getresponse()
        assert (reply.status, reply.headers["Location"]) == (301, f"https://{HOST}/r/secret/?a=b")
        call.close()


def test_browsers_speak_http2_over_the_newest_tls(front):
    trust = create_default_context(cafile=front.folder / "tls/public.pem")
    trust.set_alpn_protocols(["h2", "http/1.1"])
    with (
        create_connection(("127.0.0.1", front.port)) as plain,
        trust.wrap_socket(plain, server_hostname=HOST) as line,
    ):
        assert (line.version(), line.selected_alpn_protocol()) == ("TLSv1.3", "h2")


def test_what_the_client_says_of_itself_is_replaced_by_what_nginx_sees(ask):
    status, _, told = ask("/reserve/?a=b", headers=FORGED, source="127.0.0.5")
    assert (status, told["path"], told["headers"]["host"]) == (200, "/reserve/?a=b", HOST)
    seen = {name: told["headers"][name.lower()] for name in FORGED}
    assert seen.pop("X-Request-ID") != "mine"
    assert seen == {
        "X-Forwarded-For": "127.0.0.5",
        "X-Forwarded-Proto": "https",
        "X-Client-Verify": "NONE",
    }


def test_nginx_compresses_nothing_itself(ask):
    status, headers, told = ask("/", headers={"Accept-Encoding": "gzip, br"})
    assert (status, headers["Content-Encoding"]) == (200, None)
    assert told["headers"]["accept-encoding"] == "gzip, br"


def test_a_body_of_one_megabyte_passes_and_a_larger_one_never_arrives(ask):
    assert ask("/reserve/", method="POST", body=b"x" * LIMIT)[2]["length"] == LIMIT
    assert ask("/reserve/", method="POST", body=b"x" * (LIMIT + 1))[0] == 413


def test_no_page_for_staff_is_reached_without_a_certificate_and_each_with_one(ask, front):
    for path in STAFF_PATHS:
        assert ask(path, headers=FORGED)[0] == 403, path
        status, _, told = ask(path, headers=FORGED, terminal=front.terminal)
        assert (status, told["path"], told["headers"]["x-client-verify"]) == (200, path, "SUCCESS")
        assert told["headers"]["x-forwarded-for"] == "127.0.0.1"


@pytest.mark.parametrize("path", ["/staff/../staff/", "//staff/", "/%73taff/", "/./city/", "/x/../office/"])
def test_no_spelling_of_an_address_leads_round_the_certificate(ask, path):
    assert ask(path)[0] == 403


def test_a_certificate_of_somebody_else_or_of_former_times_opens_nothing(ask, front):
    tls = front.folder / "tls"
    stranger = Authority("terminals").issue(tls, "stranger")
    former = front.terminals.issue(tls, "former", until=LONG_AGO.replace(year=2021))
    for terminal in (stranger, former):
        for path in ("/", "/staff/"):
            status, _, said = ask(path, terminal=terminal)
            assert (status, "certificate" in said) == (400, True)


def test_what_machines_inside_read_is_not_there_from_outside(ask, front):
    for path in ("/metrics", "/readyz", "/healthz"):
        assert ask(path, terminal=front.terminal)[0] == 404


def test_an_application_that_answers_503_itself_is_heard(ask):
    status, _, told = ask("/503")
    assert (status, told["path"]) == (503, "/503")


def test_a_flood_from_one_address_is_slowed_down_and_its_neighbour_is_not(ask):
    answers = [ask("/reserve/", method="POST", source="127.0.0.6")[0] for _ in range(60)]
    assert answers[:30] == [200] * 30
    assert 429 in answers
    assert ask("/reserve/", method="POST", source="127.0.0.7")[0] == 200


def test_no_log_names_the_page_that_was_asked_for(ask, front):
    ask("/r/a-secret-link/")
    ask("/staff/a-secret-name/")
    lines = {path.name: path.read_text(encoding="utf-8") for path in front.folder.glob("*.log")}
    assert "GET 403" in lines["madoguchi.log"]
    assert [name for name, text in lines.items() if "secret" in text] == []


def test_while_the_application_is_away_every_address_shows_the_maintenance_page(tmp_path):
    alone = Front(tmp_path / "front", free_port())
    alone.start()
    try:
        for path, how in (
            ("/", {}),
            ("/reserve/", {"method": "POST", "body": b"x"}),
            ("/staff/", {"terminal": alone.terminal}),
        ):
            status, headers, body = alone.ask(path, **how)
            assert (status, headers["Retry-After"], headers["Cache-Control"]) == (503, "60", "no-store")
            assert "ただいまご利用いただけません" in body.decode()
        assert alone.ask("/maintenance.html")[0] == 404
    finally:
        alone.stop()


def test_the_application_believes_nginx_and_sends_pages_and_files_through_it(production):
    status, headers, body = production.ask("/")
    assert (status, "予約" in body.decode()) == (200, True)
    assert headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["Server"] == "nginx"
    for link in re.findall(r'(?:href|src)="(/static/[^"]+)"', body.decode()):
        status, headers, _ = production.ask(link)
        assert (status, headers["Cache-Control"]) == (200, "max-age=315360000, public, immutable")
    sign_in = "/accounts/login/"
    assert production.ask(sign_in, terminal=production.terminal, source="127.0.0.2")[0] == 200
    # The certificate alone is not enough where networks are named, whatever the client claims.
    claim = {"X-Forwarded-For": "127.0.0.2"}
    assert production.ask(sign_in, terminal=production.terminal, source="127.0.0.3", headers=claim)[0] == 403
