"""What Django costs when it writes the same eight rows as we do: the same tables, nothing sealed or asked.

Names, hashes and tokens are random bytes and numbers, as long as those of one booking that is there.
The database is a copy of ours, so columns, indexes, constraints and triggers are the same (P1b).
"""

import json
import random
import secrets
import string
import uuid

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from psycopg.types.json import Jsonb

TAKE = """
    UPDATE reservations_seat AS mine SET reservation_id = %(reservation)s
      FROM (SELECT slot_id, seat_no FROM reservations_seat WHERE slot_id = %(slot)s AND reservation_id IS NULL
             ORDER BY seat_no LIMIT 1 FOR UPDATE SKIP LOCKED) AS free
     WHERE mine.slot_id = free.slot_id AND mine.seat_no = free.seat_no"""
# One booking through our API, made before: its rows are the pattern.
PATTERN = {
    "reservations_submission": "reservation_id = %s",
    "reservations_reservedprocedure": "reservation_id = %s",
    "sealing_personkey": "id = (SELECT key_id FROM reservations_applicant WHERE id = "
    "(SELECT applicant_id FROM reservations_reservation WHERE id = %s))",
    "reservations_applicant": "id = (SELECT applicant_id FROM reservations_reservation WHERE id = %s)",
    "reservations_reservation": "id = %s",
    "audit_auditentry": "target = 'reservation:' || %s::uuid",
    "notifications_mail": "target = %s::uuid::text",
}
GENERATED = {
    "reservations_submission": {"id"},
    "reservations_reservedprocedure": {"id"},
    "audit_auditentry": {"id", "transaction"},
}
HASHES = ("person_hash", "birth_hash", "phone_hash", "phone_end_hash", "email_hash")
patterns: dict[str, dict[str, object]] = {}


def read_patterns() -> None:
    """Read the rows of one booking."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT reservation_id FROM reservations_submission LIMIT 1")
        (reservation,) = cursor.fetchone()
        for table, condition in PATTERN.items():
            cursor.execute(f"SELECT * FROM {table} WHERE {condition} LIMIT 1", [reservation])
            row = dict(zip([column.name for column in cursor.description], cursor.fetchone(), strict=True))
            patterns[table] = {
                name: Jsonb(json.loads(value)) if name == "detail" else value
                for name, value in row.items()
                if name not in GENERATED.get(table, ())
            }


def book(request: HttpRequest) -> HttpResponse:
    """Take a seat and write the other seven rows, a statement each."""
    if not patterns:
        read_patterns()
    asked = json.loads(request.body)
    reservation, applicant, key = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
    claim = secrets.token_bytes(32)
    tokens = patterns["reservations_applicant"]["name_tokens"]
    fresh: dict[str, dict[str, object]] = {
        "reservations_submission": {"reservation_id": reservation, "key_hash": secrets.token_bytes(32)},
        "reservations_reservedprocedure": {"reservation_id": reservation, "claim": claim},
        "sealing_personkey": {"id": key},
        "reservations_applicant": {
            "id": applicant,
            "key_id": key,
            "name_tokens": [random.getrandbits(62) for _ in tokens],  # type: ignore[attr-defined]
            **{name: secrets.token_bytes(32) for name in HASHES},
            "person_hash": claim,
        },
        "reservations_reservation": {
            "id": reservation,
            "applicant_id": applicant,
            "reference": "".join(random.choices(string.ascii_uppercase, k=10)),
            "link_hash": secrets.token_bytes(32),
        },
        "audit_auditentry": {"target": f"reservation:{reservation}"},
        "notifications_mail": {
            "id": uuid.uuid4(),
            "target": str(reservation),
            "message_id": f"<{uuid.uuid4().hex}@example.jp>",
        },
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(TAKE, {"reservation": reservation, "slot": asked["slot"]})
        if not cursor.rowcount:
            return JsonResponse({"code": "slot_full"}, status=409)
        for table, changed in fresh.items():
            row = patterns[table] | changed
            cursor.execute(
                f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join(['%s'] * len(row))})",
                list(row.values()),
            )
    return JsonResponse({"reference": str(reservation)}, status=201)
