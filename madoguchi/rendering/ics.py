"""Calendar files that go with a mail: one entry for each reservation, moved and cancelled under one UID."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache

from icalendar import Calendar, Event, Timezone, vCalAddress

from madoguchi.common import clock


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """A visit. The summary hides the matter: calendars are seen by families and colleagues."""

    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    summary: str
    location: str
    description: str
    organizer: str


def calendar_file(entry: CalendarEntry, *, cancelled: bool = False) -> bytes:
    """Return the entry as an iCalendar file in Japan's time; `cancelled` takes it out of calendars again."""
    event = Event()
    event.add("uid", entry.uid)
    event.add("sequence", entry.sequence)
    event.add("dtstamp", clock.now())
    event.add("dtstart", clock.to_jst(entry.starts_at))
    event.add("dtend", clock.to_jst(entry.ends_at))
    event.add("summary", entry.summary)
    event.add("location", entry.location)
    event.add("description", entry.description)
    event.add("organizer", vCalAddress(f"mailto:{entry.organizer}"))
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    event.add("class", "PRIVATE")
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//Madoguchi//JA")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", calendar_method(cancelled=cancelled))
    calendar.add_component(event)
    calendar.add_component(_japan())
    return bytes(calendar.to_ical())


def calendar_method(*, cancelled: bool) -> str:
    """Return what a calendar does with the file (RFC 5546); who sends it says the same beside the type."""
    return "CANCEL" if cancelled else "PUBLISH"


@cache
def _japan() -> Timezone:
    """Return the description of Japan's time, made once: it costs more than all the rest of the file."""
    return Timezone.from_tzid("Asia/Tokyo")
