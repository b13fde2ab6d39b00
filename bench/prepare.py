"""Fill the database through the services and print what the load needs: slots, days and a token, as JSON."""

import json
import sys
from datetime import date, timedelta
from itertools import islice
from pathlib import Path

from people import names, write  # sets Django up

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from support.city import OFFICES, build_city

from madoguchi.accounts.partners import issue_token
from madoguchi.audit.actor import SYSTEM
from madoguchi.common import clock
from madoguchi.contract.kinds import CalendarCode
from madoguchi.contract.selectors import calendar
from madoguchi.contract.services import decide_rule
from madoguchi.offices.rules import Span
from madoguchi.offices.selectors import office
from madoguchi.offices.services import put_office, set_day_hours, set_weekly_hours
from madoguchi.workflows.booking.offering import open_starts, window
from madoguchi.workflows.capacity.slots import extend_slots

SPREAD = [f"SP{number:02d}" for number in range(1, 37)]
CONTESTED, LAST_SEATS = "CD01", "LS01"
DAY = (9 * 60, 17 * 60)
CONTESTED_DAYS = 6
# Booked before: with empty tables PostgreSQL plans for a handful of rows, and looks again in a minute only.
BOOKED_BEFORE = 20_000


def main() -> None:
    """Build the city, 36 offices of one seat a time, a contested one and one of four seats a time."""
    build_city(with_slots=False)
    decide_rule(
        key="telephone_percent",
        value=0,
        effective_from=clock.now() - timedelta(days=1),
        actor=SYSTEM,
        note="",
    )
    for code in (*SPREAD, CONTESTED, LAST_SEATS):
        put_office(
            code=code,
            actor=SYSTEM,
            name=f"見本{code}郵便局",
            short_name=f"見本{code}",
            kana="ミホン",
            ward_id="992021",
            wave_id="1",
            postal_code="9990001",
            address="星見市見本町1番1号",
            latitude=33.5,
            longitude=130.4,
            is_demo=True,
        )
    for code in SPREAD:
        set_weekly_hours(
            office=code,
            spans=[(weekday, Span(*DAY, 1)) for weekday in range(5)],
            effective_from=date(2026, 8, 1),
            actor=SYSTEM,
        )
    first = window(office(OFFICES[0]), channel="WEB").first
    days = list(islice(_open_days(first), CONTESTED_DAYS))
    for day in days:
        set_day_hours(office=CONTESTED, day=day, spans=[Span(*DAY, 500)], actor=SYSTEM)
    for day in days[:2]:
        set_day_hours(office=LAST_SEATS, day=day, spans=[Span(*DAY, 4)], actor=SYSTEM)
    extend_slots()
    write(names(BOOKED_BEFORE))
    spread = [_slots(code) for code in SPREAD]
    print(
        json.dumps(
            {
                "token": issue_token(name="bench", actor=SYSTEM),
                "office": SPREAD[0],
                "first_day": days[0].isoformat(),
                # Neighbours in the list are at different offices.
                "spread": [slot for at_one_time in zip(*spread, strict=True) for slot in at_one_time],
                "contested": [_slots(CONTESTED, day) for day in days],
                "last_seats": _slots(LAST_SEATS)[:20],
            }
        )
    )


def _open_days(first: date):  # noqa: ANN202 - dates
    city = calendar(CalendarCode.CITY)
    return (day for day in (first + timedelta(days=step) for step in range(30)) if city.is_open(day))


def _slots(code: str, day: date | None = None) -> list[int]:
    days = window(office(code), channel="WEB").narrowed(day, day)
    return [start.slot for start in open_starts(office_code=code, slots=1, within=days) if start.free]


main()
