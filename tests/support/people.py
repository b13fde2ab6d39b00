"""Made-up people. No name of a living person: wards and stations of the city, and plain first names."""

from datetime import date

from madoguchi.audit.actor import Actor
from madoguchi.reservations.people import Details, Person

HANAKO = Person(
    name="福岡　花子",
    name_kana="フクオカ　ハナコ",
    birth_date=date(1950, 4, 1),
    postal_code="8140006",
    address="星見市西区見本町2丁目1番1号",
    phone="09000005678",
    email="hanako@example.jp",
)
TARO = Person(
    name="博多　太郎",
    name_kana="ハカタ　タロウ",
    birth_date=date(1946, 11, 3),
    postal_code="8120001",
    address="星見市東区見本町1番1号",
    phone="0920000142",
)
OPERATOR = Actor("staff", "7")
SECRETARIAT = Actor("staff", "8")


def somebody(number: int, **changes: object) -> Person:
    """Return a made-up person who is nobody else."""
    facts: dict[str, object] = {
        "name": f"見本　{number}郎",
        "name_kana": "",
        "birth_date": date(1960, 1, 1),
        "postal_code": "8140006",
        "address": "星見市西区見本町1番1号",
        "phone": f"0900000{number:04d}",
        "details": Details(),
    }
    return Person(**{**facts, **changes})  # type: ignore[arg-type]
