"""Calendar files and QR codes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from icalendar import Calendar

from madoguchi.rendering.ics import CalendarEntry, calendar_file
from madoguchi.rendering.qr import svg

VISIT = datetime(2026, 12, 15, 1, 30, tzinfo=UTC)
ENTRY = CalendarEntry(
    uid="0f9d@yoyaku.example.jp",
    sequence=0,
    starts_at=VISIT,
    ends_at=VISIT + timedelta(minutes=30),
    summary="福岡市　ご予約",
    location="早良郵便局（福岡市早良区高取1丁目1番1号）",
    description="予約番号 K7MT-AWX-R74",
    organizer="yoyaku@example.jp",
)


def read(content):
    calendar = Calendar.from_ical(content)
    return calendar, calendar.walk("VEVENT")[0]


def test_the_entry_is_in_japanese_time_with_its_zone():
    content = calendar_file(ENTRY)
    calendar, event = read(content)
    assert b"DTSTART;TZID=Asia/Tokyo:20261215T103000" in content
    assert [zone["TZID"] for zone in calendar.walk("VTIMEZONE")] == ["Asia/Tokyo"]
    assert event.start == VISIT
    assert event["SUMMARY"] == "福岡市　ご予約"


def test_lines_are_folded_for_every_calendar():
    content = calendar_file(replace(ENTRY, description="持ち物を\nお確かめください。" * 20))
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    assert read(content)[1]["DESCRIPTION"] == "持ち物を\nお確かめください。" * 20


def test_a_cancellation_takes_the_same_entry_away():
    calendar, event = read(calendar_file(replace(ENTRY, sequence=2), cancelled=True))
    assert calendar["METHOD"] == "CANCEL"
    assert event["STATUS"] == "CANCELLED"
    assert (event["UID"], event["SEQUENCE"]) == (ENTRY.uid, 2)


def test_a_line_break_cannot_smuggle_a_property_in():
    assert b"\nATTENDEE" not in calendar_file(replace(ENTRY, location="早良\r\nATTENDEE:mailto:x@example.jp"))


def test_a_code_is_one_path_on_white_without_script_or_style():
    code = svg("https://yoyaku.example.jp/r/abc")
    assert code.startswith("<svg ")
    assert code.count("<path") == 2
    assert not any(word in code for word in ("<script", "<style", "style=", "href"))
