"""Made-up people with their reservations, sealed as the services seal them, written by COPY.

They are made from syllables and kanji, the same in every run. Their visits have no seats.
"""

import random
import sys
import uuid
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path

import django

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
django.setup()

from django.db import connection  # noqa: E402 - Django comes first

from madoguchi.common import clock  # noqa: E402
from madoguchi.common.references import ALPHABET  # noqa: E402
from madoguchi.reservations.people import Person, link_hash, sealed_columns  # noqa: E402
from madoguchi.sealing.services import new_key  # noqa: E402

SEED = 20261124
SIGNS = "見本架空例示仮設試作図形色彩音楽星月雲雨雪風林森山川海空花草木石竹松梅桜春夏秋冬東西南北"
SOUNDS = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン"
KEY = ("id", "ring_key", "wrapped", "created_at")
APPLICANT = (
    "id", "key_id", "name", "name_kana", "birth_date", "postal_code", "address", "phone", "email", "details",
    "link_token", "has_email", "contact_by", "ward_code", "language", "name_tokens", "person_hash",
    "birth_hash", "phone_hash", "phone_end_hash", "email_hash",
)  # fmt: skip
RESERVATION = (
    "id", "reference", "applicant_id", "office_id", "starts_at", "minutes", "status", "channel", "link_hash",
    "booked_at", "booked_by", "changed_by", "cancelled_by", "cancel_reason", "checked_by",
)  # fmt: skip
PROCEDURE = ("reservation_id", "procedure_id")

Row = tuple[object, ...]


def names(most: int) -> list[tuple[str, str]]:
    """Return made-up names with their kana; of fewer, the first."""
    rng = random.Random(SEED)

    def word(signs: str, least: int, most: int) -> str:
        return "".join(rng.choices(signs, k=rng.randint(least, most)))

    return [
        (f"{word(SIGNS, 1, 3)}　{word(SIGNS, 1, 3)}", f"{word(SOUNDS, 2, 4)}　{word(SOUNDS, 2, 4)}")
        for _ in range(most)
    ]


def write(people: Sequence[tuple[str, str]], *, begin: int = 0) -> None:
    """Write people, each with a key and a reservation of one procedure; `begin` numbers the first of them."""
    half = len(people) // 2
    connection.close()
    with ProcessPoolExecutor(2, mp_context=get_context("fork")) as pool:
        parts = pool.map(_sealed, [people[:half], people[half:]], [begin, begin + half])
        keys, applicants = (list(rows) for rows in zip(*(row for part in parts for row in part), strict=True))
    now = clock.now()
    reservations = [
        (
            uuid.uuid4(), _reference(begin + number), row[0], "HM01", now + timedelta(minutes=number), 30,
            "BOOKED", "WEB", link_hash(str(begin + number)), now, "citizen", "", "", "", "",
        )
        for number, row in enumerate(applicants)
    ]  # fmt: skip
    copy("sealing_personkey", KEY, keys)
    copy("reservations_applicant", APPLICANT, applicants)
    copy("reservations_reservation", RESERVATION, reservations)
    copy("reservations_reservedprocedure", PROCEDURE, [(row[0], "CERT_RENEW") for row in reservations])


def copy(table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Write rows of a table."""
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as sink,
    ):
        for row in rows:
            sink.write_row(row)


def _sealed(people: Sequence[tuple[str, str]], begin: int) -> list[tuple[Row, Row]]:
    """Return the rows of the keys and of the applicants."""
    born = clock.today().replace(year=1950, day=1)
    rows: list[tuple[Row, Row]] = []
    for number, (name, kana) in enumerate(people, begin):
        person = Person(
            name=name,
            name_kana=kana,
            birth_date=born + timedelta(days=number % 15_000),
            postal_code="8140006",
            address="星見市西区見本町1番1号",
            phone=f"0900{number % 10_000_000:07d}",
        )
        row, key = uuid.uuid4(), new_key()
        columns = sealed_columns(person=person, key=key, row=row)
        columns |= {"id": row, "key_id": key.id, "link_token": b"", "language": "ja"}
        rows.append((tuple(getattr(key, name) for name in KEY), tuple(columns[name] for name in APPLICANT)))
    return rows


def _reference(number: int) -> str:
    """Return ten characters that look like a reference; nobody types these."""
    text = ""
    for _ in range(10):
        number, digit = divmod(number, len(ALPHABET))
        text += ALPHABET[digit]
    return text
