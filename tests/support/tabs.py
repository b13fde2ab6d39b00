"""A browser without scripts: who presses has a page before them, and its form says what that page showed."""

import re
from html.parser import HTMLParser
from http import HTTPStatus
from urllib.parse import urlencode, urlsplit

from django.test import Client

from madoguchi.common import clock
from madoguchi.offices.models import Slot
from madoguchi.web.lists import whole_number


class _Words(HTMLParser):
    """What each form of a page says that the page showed, by its action."""

    def __init__(self, path):
        super().__init__()
        self.path, self.action, self.found = path, "", {}

    def handle_starttag(self, tag, attributes):
        had = dict(attributes)
        if tag == "form":
            self.action = urlsplit(had.get("action") or self.path).path
        elif tag == "input" and had.get("name") == "seen":
            self.found[self.action] = had["value"]
        elif tag == "button" and "formaction" in had:
            self.found[had["formaction"]] = self.found.get(self.action, "")


def words_of(response, path):
    """Return what the forms of a page carry as `seen`, by the address they go to."""
    parser = _Words(path)
    parser.feed(response.content.decode())
    return parser.found


def _times(path, data):
    slot = Slot.objects.filter(pk=whole_number(str(data.get("slot")))).first()
    day = clock.to_jst(slot.starts_at).date() if slot else "2026-12-15"
    return f"{path}{'&' if '?' in path else '?'}day={day}"


def _person(path, data):
    return f"{urlsplit(path).path}?person={data['person']}" if "person" in data else path


def _month(path, data):
    """Return the month of an office with the panel of a day, and with the change that is asked for."""
    office, _, rest = path.removeprefix("/secretariat/offices/").partition("/")
    day = str(data.get("day") or rest.split("/")[1])
    return f"/secretariat/offices/{office}/?{urlencode({**data, 'day': day, 'month': day[:7]})}"


# On which page the button stands.
PAGES = (
    (r"/reserve/|/reserve/details/", _person),
    (r"/reserve/confirm/|/reserve/wait/|/reserve/wait/check/", lambda path, _: path),
    (
        r"/reserve/extend/",
        lambda _, data: (
            "/reserve/confirm/" if data.get("back") == "confirm" else _person("/reserve/details/", data)
        ),
    ),
    (r"/reserve/leave-out/", lambda _, data: f"/reserve/ward/UNDER_15/?leave_out={data.get('person', 1)}"),
    (r"/reserve/HM\d\d/", _times),
    (r"(/w/[^/]+/)(accept|pass|leave)/", lambda path, _: path.rpartition("/")[0].rpartition("/")[0] + "/"),
    (r"/(booking|r)/[^/]+/change/", _times),
    (r"/(booking|r)/[^/]+/(procedures|contact|cancel)/", lambda path, _: path),
    (r"/operator/visits/[\w-]+/(move|procedures|correct|cancel)/", lambda path, _: path),
    (r"/secretariat/reservations/[\w-]+/(move|procedures|correct|cancel)/", lambda path, _: path),
    (r"/secretariat/proposals/\d+/edit/", lambda path, _: path),
    (
        r"(/secretariat|/city)/proposals/\d+/(send|withdraw|approve|return|take-back)/",
        lambda path, _: path.rsplit("/", 2)[0] + "/",
    ),
    (r"/(secretariat|city)/accounts/\d+/", lambda path, _: path),
    (r"/(secretariat|city)/accounts/\d+/\w+/", lambda path, _: path.rsplit("/", 2)[0] + "/"),
    (r"/secretariat/offices/\w+/days/(save|[\d-]+/reset)/", _month),
    (r"/secretariat/offices/\w+/(hours|presets)/", lambda path, _: path),
    (r"/secretariat/announcements/\d+/", lambda path, _: path),
    (r"/secretariat/announcements/\d+/end/", lambda _, __: "/secretariat/announcements/"),
    (
        r"/secretariat/disruptions/\d+/\d+/\w+/",
        lambda path, _: re.sub(r"(\d+)/\w+/$", r"?open=\1", path),
    ),
    (r"/operator/waiting/people/|/secretariat/waiting/", lambda path, _: f"{path}?q=フクオカ"),
    (r"/operator/stopped/", lambda path, data: f"{path}?open={data.get('visit')}"),
    (r"/secretariat/mails/[\w-]+/\w+/", lambda _, __: "/secretariat/mails/"),
    (r"/secretariat/personal/[\w-]+/erase/", lambda path, _: path),
    (
        r"/secretariat/(pauses|personal)/[\w-]+/(extend|lift|preserve|release)/",
        lambda path, _: path.rsplit("/", 2)[0] + "/",
    ),
    (
        r"/secretariat/checks/[\w-]+/",
        lambda path, _: f"/secretariat/reservations/?open={path.split('/')[3]}",
    ),
)


def page_of(path):
    """Return how to find the page of a button by its address and data; None where no form says `seen`."""
    address = urlsplit(str(path)).path
    return next((page for shape, page in PAGES if re.fullmatch(shape, address)), None)


class Browser(Client):
    """A client that opens the page before it presses, unless it is told what the page showed (`seen`)."""

    def post(self, path, data=None, *args, **kwargs):
        """Press a button of the page that stands at the address now, or stood there before."""
        plain = {} if data is None else data
        if isinstance(plain, dict) and "seen" not in plain and page_of(path):
            data = {**plain, "seen": self.open_before(path, plain)}
        response = super().post(path, data, *args, **kwargs)
        # A press that leads no further has a page that says why: a browser goes there by itself.
        return self.get(response.url) if response.status_code == HTTPStatus.SEE_OTHER else response

    def open_before(self, path, data):
        """Open the page on which a button stands, and return what its form says that it showed."""
        address = urlsplit(str(path)).path
        seen = self._seen(page_of(path)(str(path), data), address)
        if data.get("action") == "save":
            # This button stands below what the change would do.
            preview = super().post(path, {**data, "action": "preview", "seen": seen})
            seen = words_of(preview, address).get(address) or seen
        return seen

    def get(self, path, *args, **kwargs):
        """Open a page, and keep what its forms say."""
        response = super().get(path, *args, **kwargs)
        if response.headers.get("Content-Type", "").startswith("text/html") and not response.streaming:
            self.__dict__.setdefault("known", {}).update(words_of(response, urlsplit(str(path)).path))
        return response

    def _seen(self, page, address):
        shown = self.get(page)
        # A button that has gone was on the page before, which showed the same as the other forms.
        others = words_of(shown, page).values() if shown.status_code == 200 else ()
        return self.__dict__.get("known", {}).get(address) or next(iter(others), "")
