"""P7: find people by two characters of a name among 200,000, and compare with looking at every row.

What is timed is the search, and the secretariat's page as a clerk gets it: with its audit entries.
"""

import json
import random
import statistics
import time
from collections.abc import Callable
from itertools import pairwise

from people import SEED, copy, names, write  # sets Django up

from django.db import connection  # isort: skip
from django.test import Client

from madoguchi.accounts.kinds import Role
from madoguchi.accounts.models import User
from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.accounts.services import open_account
from madoguchi.audit.actor import SYSTEM
from madoguchi.common.names import fold_kana, fold_name
from madoguchi.reservations.search import Search, search

PEOPLE, QUERIES = 200_000, 60
# Behind those of prepare.py.
BEGIN = 1_000_000


def main() -> None:
    """Write the people, ask, and print the figures."""
    people = names(PEOPLE)
    with connection.cursor() as cursor:  # nobody but these
        cursor.execute("TRUNCATE reservations_applicant CASCADE")
    write(people, begin=BEGIN)
    plain = [(fold_name(name).replace(" ", ""), fold_kana(kana).replace(" ", "")) for name, kana in people]
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE plain (name text, kana text)")
    copy("plain", ("name", "kana"), [(fold_name(name), fold_kana(kana)) for name, kana in people])
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    client = _clerk()
    found: dict[str, object] = {"people": PEOPLE}
    ratios, page_ratios, recalls = [], [], []
    for kind, place in (("kanji", 0), ("kana", 1)):
        asked = _pairs(plain, place)
        for _ in range(2):  # the first round warms
            ours = [
                _timed(lambda text=text: search(Search(text=text), scope=EVERYWHERE).total) for text in asked
            ]
            pages = [_timed(lambda text=text: _page(client, text)) for text in asked]
            scanned = [_timed(lambda text=text: _scan(text)) for text in asked]
        right = [sum(text in name or text in kana for name, kana in plain) for text in asked]
        recalls += [total / want for (total, _), want in zip(ours, right, strict=True)]
        search_ms, page_ms, scan_ms = (_p95([ms for _, ms in each]) for each in (ours, pages, scanned))
        ratios.append(search_ms / scan_ms)
        page_ratios.append(page_ms / scan_ms)
        found[kind] = {
            "search_p95_ms": search_ms,
            "page_p95_ms": page_ms,
            "scan_p95_ms": scan_ms,
            "found": statistics.median(right),
        }
    # More than all means false finds, which count as badly as missing ones.
    found["recall"] = min(*recalls, 2 - max(recalls))
    found["search_to_scan"], found["page_to_scan"] = max(ratios), max(page_ratios)
    print(json.dumps(found))


def _clerk() -> Client:
    opened = open_account(
        username="bench",
        display_name="計測",
        organisation="見本",
        roles=[Role.SECRETARIAT],
        actor=SYSTEM,
        is_demo=True,
    )
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(User.objects.get(pk=opened.user_id))
    return client


def _page(client: Client, text: str) -> int:
    response = client.get("/secretariat/reservations/", {"q": text})
    if response.status_code != 200:  # noqa: PLR2004 - fine
        raise RuntimeError(f"The list answered {response.status_code}.")
    return len(response.content)


def _pairs(plain: list[tuple[str, str]], place: int) -> list[str]:
    rng = random.Random(SEED + place)
    pairs = sorted({a + b for row in plain[:2000] for a, b in pairwise(row[place])})
    return rng.sample(pairs, QUERIES)


def _scan(text: str) -> int:
    """Look at every row of a table of plain folded names, which is what the seals forbid."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM plain WHERE replace(name, ' ', '') LIKE %(like)s "
            "OR replace(kana, ' ', '') LIKE %(like)s",
            {"like": f"%{text}%"},
        )
        return int(cursor.fetchone()[0])


def _timed(call: Callable[[], int]) -> tuple[int, float]:
    begun = time.perf_counter()
    answer = call()
    return answer, (time.perf_counter() - begun) * 1000


def _p95(milliseconds: list[float]) -> float:
    return sorted(milliseconds)[int(len(milliseconds) * 0.95)]


main()
