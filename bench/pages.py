"""The citizen's calendar page of an office, as a browser asks for it after the first step."""

import http.client
import re
from http.cookies import SimpleCookie
from urllib.parse import urlencode

from load import request

FIRST_STEP = "/reserve/"


def calendar_page(port: int, office: str) -> bytes:
    """Answer the first step and return the request for the office's days and times."""
    cookies: dict[str, str] = {}
    form = _ask(port, "GET", FIRST_STEP, cookies)
    hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form))
    answers = hidden | {"people": "1", "procedures": "CERT_RENEW", "who": "self"}
    _ask(port, "POST", FIRST_STEP, cookies, answers)
    data = request("GET", f"{FIRST_STEP}{office}/", headers={"Cookie": _joined(cookies)})
    shown = _ask(port, "GET", f"{FIRST_STEP}{office}/", cookies)
    if "calendar" not in shown:
        raise RuntimeError("The calendar page was not shown.")
    return data


def _ask(
    port: int, method: str, path: str, cookies: dict[str, str], answers: dict[str, str] | None = None
) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Cookie": _joined(cookies), "Content-Type": "application/x-www-form-urlencoded"}
    connection.request(method, path, urlencode(answers or {}), headers)
    answer = connection.getresponse()
    for name, value in answer.getheaders():
        if name.lower() == "set-cookie":
            cookies |= {key: morsel.value for key, morsel in SimpleCookie(value).items()}
    text = answer.read().decode()
    connection.close()
    if answer.status >= http.client.BAD_REQUEST:
        raise RuntimeError(f"{method} {path} answered {answer.status}.")
    return text


def _joined(cookies: dict[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in cookies.items())
