"""P7: find people by two characters of a name among 200,000, and compare with looking at every row.

The people are made up from syllables and kanji, sealed as the services seal them, and written by COPY.
"""

import json
import random
import statistics
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path

import django

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
django.setup()

from django.db import connection  # noqa: E402 - Django comes first

from madoguchi.common import clock  # noqa: E402
from madoguchi.common.names import fold_kana, fold_name  # noqa: E402
from madoguchi.common.references import ALPHABET  # noqa: E402
from madoguchi.reservations.people import Person, link_hash, sealed_columns  # noqa: E402
from madoguchi.reservations.search import Search, search  # noqa: E402
from madoguchi.sealing.models import PersonKey  # noqa: E402
from madoguchi.sealing.services import new_key  # noqa: E402

PEOPLE, QUERIES, SEED = 200_000, 60, 20261124
SIGNS = "見本架空例示仮設試作図形色彩音楽星月雲雨雪風林森山川海空花草木石竹松梅桜春夏秋冬東西南北"
SOUNDS = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン"
APPLICANT = (
    "id", "key_id", "name", "name_kana", "birth_date", "postal_code", "address", "phone", "email", "details",
    "link_token", "has_email", "contact_by", "ward_code", "language", "name_tokens", "person_hash",
    "birth_hash", "phone_hash", "phone_end_hash", "email_hash",
)  # fmt: skip
RESERVATION = (
    "id", "reference", "applicant_id", "office_id", "starts_at", "minutes", "status", "channel", "link_hash",
    "booked_at", "booked_by", "changed_by", "cancelled_by", "cancel_reason", "checked_by",
)  # fmt: skip


def names() -> list[tuple[str, str]]:
    """Return the made-up names with their kana, the same in every run."""
    dice = random.Random(SEED)
    word = lambda signs, least, most: "".join(dice.choices(signs, k=dice.randint(least, most)))  # noqa: E731
    return [
        (f"{word(SIGNS, 1, 3)}　{word(SIGNS, 1, 3)}", f"{word(SOUNDS, 2, 4)}　{word(SOUNDS, 2, 4)}")
        for _ in range(PEOPLE)
    ]


def main() -> None:
    """Write the people, ask, and print the figures."""
    people = names()
    _write(people)
    plain = [(fold_name(name).replace(" ", ""), fold_kana(kana).replace(" ", "")) for name, kana in people]
    found: dict[str, object] = {"people": PEOPLE}
    ratios, recalls = [], []
    for kind, place in (("kanji", 0), ("kana", 1)):
        asked = _pairs(plain, place)
        for _ in range(2):  # the first round warms
            ours = [_timed(lambda text=text: search(Search(text=text)).total) for text in asked]
            scanned = [_timed(lambda text=text: _scan(text)) for text in asked]
        right = [sum(text in name or text in kana for name, kana in plain) for text in asked]
        recalls += [total / want for (total, _), want in zip(ours, right, strict=True)]
        ours_ms, scan_ms = (_p95([ms for _, ms in each]) for each in (ours, scanned))
        ratios.append(ours_ms / scan_ms)
        found[kind] = {"search_p95_ms": ours_ms, "scan_p95_ms": scan_ms, "found": statistics.median(right)}
    # More than all means false finds, which count as badly as missing ones.
    found["recall"] = min(*recalls, 2 - max(recalls))
    found["p95_ratio"] = max(ratios)
    print(json.dumps(found))


def _write(people: list[tuple[str, str]]) -> None:
    made = new_key()
    made.save(force_insert=True)
    key = PersonKey.objects.get(pk=made.pk)
    halves = [people[: PEOPLE // 2], people[PEOPLE // 2 :]]
    now = clock.now()
    connection.close()
    with ProcessPoolExecutor(len(halves), mp_context=get_context("fork")) as pool:
        rows = [row for half in pool.map(_sealed, [key] * 2, halves) for row in half]
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE plain (name text, kana text)")
        _copy(cursor, "plain", ("name", "kana"), ((fold_name(n), fold_kana(k)) for n, k in people))
        _copy(cursor, "reservations_applicant", APPLICANT, rows)
        _copy(
            cursor,
            "reservations_reservation",
            RESERVATION,
            (
                (
                    uuid.uuid4(), _reference(number), row[0], "HM01", now + timedelta(minutes=number), 30,
                    "BOOKED", "WEB", link_hash(str(number)), now, "citizen", "", "", "", "",
                )
                for number, row in enumerate(rows)
            ),
        )  # fmt: skip
        cursor.execute("VACUUM ANALYZE")


def _sealed(key: PersonKey, people: list[tuple[str, str]]) -> list[tuple[object, ...]]:
    born = clock.today().replace(year=1950, day=1)
    rows: list[tuple[object, ...]] = []
    for number, (name, kana) in enumerate(people):
        person = Person(
            name=name,
            name_kana=kana,
            birth_date=born + timedelta(days=number % 15_000),
            postal_code="8140006",
            address="星見市西区見本町1番1号",
            phone=f"0900{number % 10_000_000:07d}",
        )
        row = uuid.uuid4()
        columns = sealed_columns(person=person, key=key, row=row)
        columns |= {"id": row, "key_id": key.id, "link_token": b"", "language": "ja"}
        rows.append(tuple(columns[name] for name in APPLICANT))
    return rows


def _copy(cursor, table: str, columns: tuple[str, ...], rows: Iterator[tuple[object, ...]]) -> None:  # noqa: ANN001
    with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _reference(number: int) -> str:
    """Return ten characters that look like a reference; nobody types these."""
    text = ""
    for _ in range(10):
        number, digit = divmod(number, len(ALPHABET))
        text += ALPHABET[digit]
    return text


def _pairs(plain: list[tuple[str, str]], place: int) -> list[str]:
    dice = random.Random(SEED + place)
    pairs = sorted({a + b for row in plain[:2000] for a, b in pairwise(row[place])})
    return dice.sample(pairs, QUERIES)


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
