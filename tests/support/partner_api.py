"""A partner at the API: what it sends, and what an answer says."""

from datetime import datetime

from madoguchi.common.clock import JST

MY_NUMBER = "123456789018"
AVAILABILITY = "/api/v1/availability"
RESERVATIONS = "/api/v1/reservations"
DAYS = {"office": "HM01", "from": "2026-12-15", "to": "2026-12-16", "procedures": "CERT_RENEW"}
HANAKO = {
    "procedures": ["CERT_RENEW"],
    "name": "福岡　花子",
    "name_kana": "フクオカ　ハナコ",
    "date_of_birth": "1950-04-01",
    "postal_code": "814-0006",
    "address": "星見市西区見本町2丁目1番1号",
    "phone": "090-0000-5678",
    "email": "hanako@example.jp",
    "consent": True,
}
RUN = {
    "procedures": ["FACE_CHANGE", "CERT_ISSUE"],
    "changes": ["ADDRESS"],
    "new_address": "星見市東区見本町1番1号",
}


def slots(client, **changes):
    answer = client.get(AVAILABILITY, DAYS | changes)
    assert answer.status_code == 200, answer.content.decode()
    return answer.json()


def slot_at(client, day=15, hour=10, minute=30, **changes):
    wanted = datetime(2026, 12, day, hour, minute, tzinfo=JST).isoformat()
    return next(each["slot"] for each in slots(client, **changes) if each["starts_at"] == wanted)


def problem(answer, status, code):
    assert answer.status_code == status, answer.content.decode()
    assert answer["Content-Type"] == "application/problem+json"
    found = answer.json()
    assert found["code"] == code
    assert found["status"] == status
    assert found["type"] == f"urn:madoguchi:problem:{code}"
    assert found["detail"].endswith("。")
    return found


def faulty(answer, field, code="invalid"):
    (fault,) = problem(answer, 422, code)["errors"]
    assert fault["field"] == field
    assert fault["message"].endswith("。")
