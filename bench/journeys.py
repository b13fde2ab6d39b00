"""P9: an opening morning. Whole journeys of citizens arrive at 60 % of what the server can take."""

import http.client
import random
import re
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http import HTTPStatus
from http.cookies import SimpleCookie
from itertools import count
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import urlencode, urlsplit

from measure import CLIENTS, Goal, psql
from servers import granian

IDLE_JOURNEYS = 20
# The offices that bench/prepare.py makes with one seat at each time, and how many days of them are asked for.
OF_ONE_SEAT = "slot.office_id LIKE 'SP%' AND slot.capacity = 1"
DAYS = 20
SHARE_OF_CAPACITY = 0.6
# A time that somebody else has taken meanwhile is chosen anew so often.
TRIES = 5
# Far more than arrive together unless the server falls behind; then waiting shows in the first step.
VISITORS = 200
PROCEDURES = {"people": "1", "procedures": "CERT_RENEW", "who": "self"}
DETAILS = {
    "name_kana": "ミホン　ハナコ",
    "birth_date_era": "昭和",
    "birth_date_year": "25",
    "postal_code": "814-0006",
    "address": "星見市西区見本町",
    "address_rest": "2丁目1番1号",
    "contact_by": "PHONE",
}
_visitors = count(1)


class Clock:
    """Seconds of each step of each journey, and how many answers of each status there were."""

    def __init__(self) -> None:
        self.steps: dict[str, list[float]] = defaultdict(list)
        self.statuses: Counter[int] = Counter()
        self.ends: Counter[str] = Counter()
        self._lock = Lock()

    def note(self, step: str, seconds: float, status: int) -> None:
        """Add one answer."""
        with self._lock:
            self.steps[step].append(seconds)
            self.statuses[status] += 1

    def ended(self, how: str) -> None:
        """Add one journey."""
        with self._lock:
            self.ends[how] += 1


class Visitor:
    """A browser without scripts and with an address of its own, as a proxy names it."""

    def __init__(self, port: int, clock: Clock, begun: float | None = None) -> None:
        self.port, self.clock, self.cookies = port, clock, {}
        # Whoever had to wait for a free visitor has waited for the first page.
        self.begun = begun
        self.number = next(_visitors)
        self.line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def ask(self, step: str, path: str, answers: Mapping[str, str] | None = None) -> tuple[int, str, str]:
        """Ask for a page or send a form; return status, body and where it leads."""
        n = self.number
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Forwarded-For": f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}",
        }
        begun, self.begun = self.begun or time.perf_counter(), None
        self.line.request("GET" if answers is None else "POST", path, urlencode(answers or {}), headers)
        reply = self.line.getresponse()
        text = reply.read().decode()
        self.clock.note(step, time.perf_counter() - begun, reply.status)
        for name, value in reply.getheaders():
            if name.lower() == "set-cookie":
                self.cookies |= {key: morsel.value for key, morsel in SimpleCookie(value).items()}
        return reply.status, text, reply.headers["Location"] or ""

    def press(self, step: str, path: str, page: str, answers: Mapping[str, str]) -> tuple[int, str, str]:
        """Send the form of a page, with what stands hidden in it."""
        hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page))
        return self.ask(step, path, hidden | answers)


def journey(visitor: Visitor, choose: Callable[[], tuple[str, str, int]]) -> str:
    """Book one visit from the top page to the last one; return how it ended."""
    visitor.ask("top page", "/")
    _, page, _ = visitor.ask("procedures", "/reserve/")
    visitor.press("procedures, sent", "/reserve/", page, PROCEDURES)
    visitor.ask("offices", "/reserve/office/?by=earliest")
    for _ in range(TRIES):
        office, day, slot = choose()
        path = f"/reserve/{office}/?day={day}"
        _, page, _ = visitor.ask("days and times", path)
        status, _, leads = visitor.press("time, sent", path, page, {"slot": str(slot)})
        if status == HTTPStatus.FOUND and leads.startswith("/reserve/details/"):
            break
    else:
        return "found no time"
    number = visitor.number
    typed = DETAILS | {
        "name": f"見本　{number}子",
        "birth_date_month": str(1 + number % 12),
        "birth_date_day": str(1 + number % 28),
        "phone": f"090-{number // 10000:04d}-{number % 10000:04d}",
        "email": f"mihon{number}@example.jp",
    }
    _, page, _ = visitor.ask("details", "/reserve/details/")
    visitor.press("details, sent", "/reserve/details/", page, typed)
    _, page, _ = visitor.ask("confirm", "/reserve/confirm/")
    status, page, leads = visitor.press("booked", "/reserve/confirm/", page, {"consent": "on"})
    if status != HTTPStatus.FOUND or "step=done" not in leads:
        return "not booked"
    parts = urlsplit(leads)
    status, _, _ = visitor.ask("done", f"{parts.path}?{parts.query}")
    return "booked" if status == HTTPStatus.OK else "not shown"


def opening_morning(
    cluster: Path, environment: Mapping[str, str], plan: Mapping[str, Any], *, minutes: float
) -> dict[str, Any]:
    """P9: every step within five times its idle median at 60 % of capacity, no 5xx, no seat twice."""
    print("P9: an opening morning", flush=True)
    random.seed(9)
    times = _times(cluster, plan["first_day"])
    choose = lambda: random.choice(times)  # noqa: E731 - what a visitor asks of the plan
    behind_a_proxy = environment | {"TRUSTED_PROXIES": "1"}
    booked_before = _booked(cluster)
    idle, full, morning = Clock(), Clock(), Clock()
    with granian(
        "madoguchi.config.wsgi:application", environment=behind_a_proxy, folder=cluster.parent
    ) as port:
        for clock in (Clock(), idle):  # once unmeasured, so that nothing is cold
            for _ in range(IDLE_JOURNEYS):
                _go(port, clock, choose)
        seconds = min(30.0, minutes * 20)
        capacity = _closed(port, full, choose, seconds)
        rate = capacity * SHARE_OF_CAPACITY
        print(f"{capacity:.1f} journeys a second; {rate:.1f} arrive for {minutes:g} minutes", flush=True)
        _open(port, morning, choose, rate, minutes * 60)
    made = sum(clock.ends["booked"] for clock in (idle, full, morning)) + IDLE_JOURNEYS
    doubled = int(
        psql(
            cluster, "own", "-Atc",
            "SELECT count(*) FROM (SELECT slot_id FROM reservations_seat WHERE reservation_id IS NOT NULL "
            f"AND slot_id IN (SELECT id FROM offices_slot slot WHERE {OF_ONE_SEAT}) "
            "GROUP BY slot_id HAVING count(*) > 1) AS twice",
        )
    )  # fmt: skip
    missing = abs(_booked(cluster) - booked_before - made)
    statuses = idle.statuses + full.statuses + morning.statuses
    faults = sum(times for status, times in statuses.items() if status >= HTTPStatus.INTERNAL_SERVER_ERROR)
    steps = {
        step: {
            "idle_median_ms": statistics.median(idle.steps[step]) * 1000,
            "morning_median_ms": statistics.median(found) * 1000,
            "morning_p95_ms": sorted(found)[int(len(found) * 0.95)] * 1000,
        }
        for step, found in morning.steps.items()
    }
    slowest, times_idle = max(
        ((step, each["morning_p95_ms"] / each["idle_median_ms"]) for step, each in steps.items()),
        key=lambda each: each[1],
    )
    return {
        "minutes": minutes,
        "journeys_a_second_at_most": capacity,
        "journeys_a_second_arriving": rate,
        "ends": {"idle": idle.ends, "capacity": full.ends, "morning": morning.ends},
        "statuses": morning.statuses,
        "steps": steps,
        "goals": [
            Goal(
                "P9", f"p95 of the slowest step ({slowest}) to its idle median", times_idle, 5, at_most=True
            ),
            Goal("P9", "answers of 500 and more", faults, 0, at_most=True),
            Goal(
                "P9", "times sold twice, and bookings told and not kept", doubled + missing, 0, at_most=True
            ),
        ],
    }


def _go(
    port: int, clock: Clock, choose: Callable[[], tuple[str, str, int]], begun: float | None = None
) -> None:
    visitor = Visitor(port, clock, begun)
    try:
        clock.ended(journey(visitor, choose))
    except (OSError, http.client.HTTPException) as fault:
        clock.ended(type(fault).__name__)
    finally:
        visitor.line.close()


def _closed(port: int, clock: Clock, choose: Callable[[], tuple[str, str, int]], seconds: float) -> float:
    """Let as many visitors as there are clients follow one another; return the journeys a second."""
    begun = time.perf_counter()

    def follow(_: int) -> None:
        while time.perf_counter() - begun < seconds:
            _go(port, clock, choose)

    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(follow, range(CLIENTS)))
    return clock.ends.total() / (time.perf_counter() - begun)


def _open(
    port: int, clock: Clock, choose: Callable[[], tuple[str, str, int]], rate: float, seconds: float
) -> None:
    """Let visitors arrive as they do, by chance, whether or not those before them are done."""
    with ThreadPoolExecutor(VISITORS) as pool:
        begun = due = time.perf_counter()
        while (due := due + random.expovariate(rate)) < begun + seconds:
            with suppress(ValueError):  # late already
                time.sleep(due - time.perf_counter())
            pool.submit(_go, port, clock, choose, due)


def _times(cluster: Path, first_day: str) -> list[tuple[str, str, int]]:
    """Return office, day and number of each time of one seat that nobody has taken."""
    rows = psql(
        cluster, "own", "-AtF,",
        "-c", "SELECT slot.office_id, (slot.starts_at AT TIME ZONE 'Asia/Tokyo')::date, slot.id "
        f"FROM offices_slot slot WHERE {OF_ONE_SEAT} AND slot.starts_at >= '{first_day}' "
        f"AND slot.starts_at < date '{first_day}' + {DAYS} "
        "AND NOT EXISTS (SELECT FROM reservations_seat seat "
        "WHERE seat.slot_id = slot.id AND seat.reservation_id IS NOT NULL)",
    )  # fmt: skip
    return [(office, day, int(slot)) for office, day, slot in (row.split(",") for row in rows.split())]


def _booked(cluster: Path) -> int:
    return int(
        psql(cluster, "own", "-Atc", "SELECT count(*) FROM reservations_reservation WHERE status = 'BOOKED'")
    )
