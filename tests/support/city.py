"""星見市: a made-up city with two wards and three offices, built through the services."""

from datetime import date, datetime, time, timedelta

from django.db import connection

from madoguchi.audit.actor import SYSTEM
from madoguchi.common.clock import JST
from madoguchi.contract.kinds import CalendarCode, ProcedureCode
from madoguchi.contract.rows import (
    BelongingRow,
    CalendarDayRow,
    CalendarRow,
    ProcedureRow,
    ProgramRow,
    WardRow,
    WaveRow,
)
from madoguchi.contract.services import put_rows
from madoguchi.offices.rules import Span
from madoguchi.offices.services import put_office, set_weekly_hours
from madoguchi.reservations.availability import starts
from madoguchi.workflows.capacity.slots import extend_slots

# A Tuesday in the term, before noon. Tests freeze the clock here unless they say otherwise.
NOON = datetime(2026, 11, 24, 10, 0, tzinfo=JST)
OFFICES = ("HM01", "HM02", "HM03")


def build_city(*, with_slots: bool = True) -> None:
    """Write the city; HM01 and HM02 take bookings, HM03 opens with the second wave."""
    put_rows(
        kind=ProgramRow,
        rows=[
            ProgramRow(
                code="hoshimi",
                title="マイナンバーカード手続き予約",
                city_name="星見市",
                municipality_code="992011",
                city_url="https://www.example.jp/",
                city_section="市民課",
                city_section_phone="000-000-0001",
                contractor_name="見本事務局",
                term_starts_on=date(2026, 8, 1),
                term_ends_on=date(2027, 3, 31),
                slot_minutes=30,
                call_centre_name="予約専用コールセンター",
                call_centre_phone="000-000-0002",
                call_centre_opens=time(9),
                call_centre_closes=time(17),
                call_centre_hours="平日 午前9時～午後5時",
                helpdesk_phone="000-000-0003",
                secretariat_phone="000-000-0005",
                lost_card_line="マイナンバー総合フリーダイヤル",
                lost_card_phone="0120-95-0178",
            )
        ],
    )
    put_rows(
        kind=WaveRow,
        rows=[
            WaveRow(
                code="1",
                name="第1期",
                opens_on=date(2026, 9, 1),
                booking_opens_at=datetime(2026, 8, 17, 9, tzinfo=JST),
            ),
            WaveRow(
                code="2",
                name="第2期",
                opens_on=date(2027, 3, 1),
                booking_opens_at=datetime(2027, 2, 15, 9, tzinfo=JST),
            ),
        ],
    )
    put_rows(
        kind=WardRow,
        rows=[
            WardRow(
                code=code,
                name=name,
                counter_name=f"{name}役所市民課",
                postal_code="9990000",
                address=f"星見市{name}見本町1番1号",
                phone="000-000-0004",
                hours="平日 午前8時45分～午後5時15分",
            )
            for code, name in (("992021", "東区"), ("992038", "西区"))
        ],
    )
    put_rows(
        kind=CalendarRow,
        rows=[
            CalendarRow(code=code, name=code.value, closed_weekdays=(5, 6))
            for code in (CalendarCode.CITY, CalendarCode.OFFICE, CalendarCode.CALL_CENTRE)
        ],
    )
    put_rows(
        kind=CalendarDayRow,
        rows=[
            CalendarDayRow(calendar=CalendarCode.CITY, day=day, is_open=False, reason=reason)
            for day, reason in (
                (date(2026, 11, 23), "勤労感謝の日"),
                (date(2026, 12, 29), "年末年始"),
                (date(2026, 12, 30), "年末年始"),
                (date(2026, 12, 31), "年末年始"),
                (date(2027, 1, 1), "元日"),
            )
        ],
    )
    put_rows(
        kind=ProcedureRow,
        rows=[
            ProcedureRow(
                code=code,
                name=name,
                short_name=short,
                explanation=f"{name}の説明です。",
                minutes_alone=alone,
                minutes_beside=beside,
                is_enabled=True,
                position=place,
            )
            for place, (code, name, short, alone, beside) in enumerate(
                (
                    (ProcedureCode.CERT_RENEW, "電子証明書の更新", "更新", 30, 30),
                    (ProcedureCode.CERT_ISSUE, "電子証明書の新規発行", "新規発行", 30, 30),
                    (ProcedureCode.PIN_RESET, "暗証番号の初期化・再設定", "暗証番号", 30, 0),
                    (ProcedureCode.FACE_CHANGE, "券面記載事項の変更", "券面", 30, 15),
                )
            )
        ],
    )
    put_rows(
        kind=BelongingRow,
        rows=[
            BelongingRow(code="CARD", text="マイナンバーカード", hint="", procedures=(), position=1),
            BelongingRow(
                code="ID_DOCUMENT",
                text="本人確認書類 1点",
                hint="運転免許証、資格確認書など",
                procedures=(ProcedureCode.PIN_RESET,),
                position=2,
            ),
        ],
    )
    for place, code in enumerate(OFFICES):
        put_office(
            code=code,
            actor=SYSTEM,
            name=f"星見{'東西南'[place]}郵便局",
            short_name=f"星見{'東西南'[place]}",
            kana="ホシミ",
            ward_id="992021" if place == 0 else "992038",
            wave_id="2" if code == "HM03" else "1",
            postal_code="9990001",
            address=f"星見市見本町{place + 1}番1号",
            latitude=33.5 + place / 100,
            longitude=130.4,
            is_demo=True,
        )
        set_weekly_hours(
            office=code,
            spans=[(weekday, Span(9 * 60, 17 * 60, 1)) for weekday in range(5)],
            effective_from=date(2026, 8, 1),
            actor=SYSTEM,
        )
    if with_slots:
        extend_slots()


def sequences_behind() -> list[str]:
    """Return the columns whose next number stands in a row already."""
    behind = []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name, pg_get_serial_sequence(format('%I', table_name), column_name)"
            " FROM information_schema.columns WHERE table_schema = 'public'"
            " AND pg_get_serial_sequence(format('%I', table_name), column_name) IS NOT NULL"
        )
        for table, column, sequence in cursor.fetchall():
            cursor.execute(f"SELECT nextval('{sequence}') <= coalesce(max({column}), 0) FROM {table}")  # noqa: S608
            if cursor.fetchone()[0]:
                behind.append(f"{table}.{column}")
    return behind


def slot_at(day: int, hour: int, minute: int = 0, *, office: str = "HM01", month: int = 12) -> int:
    """Return the slot of an office at a time of the year of the tests."""
    begins = datetime(2026, month, day, hour, minute, tzinfo=JST)
    found = starts(office=office, since=begins, until=begins + timedelta(minutes=1), slots=1, slot_minutes=30)
    return found[0].slot
