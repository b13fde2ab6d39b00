"""A city from a folder of files: mistakes by line, the effect first, nothing twice, nothing of Fukuoka."""

# ruff: noqa: E501 - the table of mistakes reads best with one line for each
import re
from datetime import date, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from support.packs import THURSDAY, TODAY, book

from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.common import clock
from madoguchi.common.calendar import JST
from madoguchi.contract import selectors
from madoguchi.contract.errors import NoProgramLoaded
from madoguchi.contract.kinds import CalendarCode
from madoguchi.notifications.kinds import MailKind
from madoguchi.notifications.models import MailText
from madoguchi.offices.kinds import DayKind
from madoguchi.offices.models import Slot
from madoguchi.offices.selectors import format_hours, office, offices, presets, weekly_hours
from madoguchi.reservations.selectors import reservation
from madoguchi.workflows.pack import entries
from madoguchi.workflows.pack.loading import read_pack

HOSHIMI = Path(__file__).parents[2] / "packs" / "hoshimi"


# What a loaded city is


def test_a_made_up_city_is_loaded_whole(hoshimi):
    program = selectors.program()
    assert (program.city_name, program.slot_minutes) == ("星見市", 20)
    assert [wave.code for wave in selectors.waves()] == ["A", "B"]
    assert [row.name for row in offices()] == ["星見本町郵便局", "星見浜町郵便局", "星見山町郵便局"]
    assert not office("HM1").is_demo
    assert office("HM2").is_demo
    assert selectors.postal_area("9990002").town == "浜町"
    assert selectors.postal_area("9990003").latitude is None
    assert [row.code for row in selectors.procedures()] == ["PIN_RESET", "CERT_RENEW"]
    assert [row.code for row in selectors.belongings_for(["PIN_RESET"])] == ["CARD", "PAPER"]
    assert [row.name for row in selectors.guidance("faq")] == ["faq.second", "faq.first"]
    assert MailText.objects.filter(language="ja").count() == len(MailKind)


def test_its_calendars_are_its_own(hoshimi):
    city, post = selectors.calendar(CalendarCode.CITY), selectors.calendar(CalendarCode.OFFICE)
    assert city.why_closed(date(2026, 12, 16)) == "水曜日"
    assert city.is_open(date(2026, 12, 23))  # a Wednesday, opened
    assert city.why_closed(date(2026, 12, 15)) == "庁舎の点検"
    assert city.is_open(date(2026, 11, 3))  # this city works on holidays
    assert city.why_closed(date(2027, 1, 2)) == "年末年始"
    assert post.why_closed(date(2026, 11, 3)) == "文化の日"
    assert post.why_closed(date(2027, 1, 1)) == "元日の休み"  # one day's own word before the holiday's


def test_its_rules_hold_from_their_day_and_differ_by_office(hoshimi):
    rules = selectors.booking_rules(TODAY)
    assert (rules.opens_days_before, rules.register_days, rules.min_age) == (30, 2, 16)
    december = datetime(2026, 12, 1, tzinfo=JST)
    assert selectors.booking_rules(december, "HM2").register_days == 3
    assert selectors.booking_rules(december, "HM1").register_days == 2


def test_its_hours_become_slots_on_days_when_both_office_and_city_are_open(hoshimi):
    spans = [row.span for row in weekly_hours("HM1", on=THURSDAY) if row.weekday == 3]
    assert format_hours(spans) == "08:40–12:00、13:00–16:00"
    days = {clock.to_jst(slot.starts_at).date() for slot in Slot.objects.filter(office="HM1", capacity__gt=0)}
    assert THURSDAY in days
    assert date(2026, 12, 15) not in days  # a Tuesday, closed by the city
    assert {row.day_kind: row.keep_one_in for row in presets()} == {"MONTH_END": 3}


def test_a_citizen_of_it_can_book(hoshimi):
    assert reservation(book().id, scope=EVERYWHERE).office == "HM1"


def test_nothing_of_fukuoka_is_in_the_code():
    """Examples in docstrings and remarks may name it; what the program says and does may not."""
    places = re.compile(
        r"福岡(?![ 　]花子)|fukuoka|4013[0-9]|アクロス|博多(?![ 　]太郎)|092-711", re.IGNORECASE
    )
    # The default of a setting, and what the sample papers show.
    allowed = {"config/settings.py", "rendering/samples.py"}
    package = Path(settings.BASE_DIR) / "madoguchi"
    found = [
        f"{path.relative_to(package)}: {line.strip()}"
        for path in sorted(package.rglob("*"))
        if path.suffix in {".py", ".html", ".txt", ".js", ".css", ".typ", ".po"}
        and "vendor" not in path.parts
        for line in path.read_text(encoding="utf-8").splitlines()
        if places.search(line) and not re.match(r"\s*(#|>>>|\(?'|.*\"\"\")", line)
    ]
    assert [line for line in found if not line.startswith(tuple(allowed))] == []


# Mistakes


@pytest.mark.parametrize(
    ("file", "old", "new", "problem"),
    [
        ("wards.csv", "992011,星見市", "992012,星見市", "wards.csv:2: 「992012」の検査数字"),
        ("wards.csv", "099-000-0001", "0990000001", "wards.csv:2: phone: 「0990000001」は使えません。"),
        ("wards.csv", "9990001", "999-0001", "wards.csv:2: postal_code:"),
        ("postal_codes.csv", "9990002,992011", "9990002,992038", "postal_codes.csv:4: 区「992038」がありません"),
        ("postal_codes.csv", "本町,,", "本町,NORTH,", "postal_codes.csv:3: 出張所「NORTH」がありません"),
        ("postal_codes.csv", "35.1,139.1", "35.1,", "postal_codes.csv:3: 緯度と経度は両方"),
        ("postal_codes.csv", "35.1,139.1", "139.1,35.1", "postal_codes.csv:3: latitude: 139.1 は使えません。20から"),
        ("postal_codes.csv", "9990002", "9990001", "postal_codes.csv:4: 郵便番号「9990001」は"),
        ("offices.csv", "HM1,星見本町郵便局", "HM1,", "offices.csv:2: name: 「」は使えません。60文字まで"),
        ("offices.csv", "992011,A,9990002", "992011,Z,9990002", "offices.csv:3: 開設時期「Z」がありません"),
        ("offices.csv", ",no", ",maybe", "offices.csv:2: is_demo: 「maybe」は使えません。yes か no"),
        ("offices.csv", "駅のとなり", "x" * 201, "offices.csv:2: access:"),
        ("offices.csv", "駅のとなり", "1234 5678 9018", "offices.csv:2: access: マイナンバー"),
        ("offices.csv", "is_demo", "demo", "offices.csv:1: 「is_demo」という列がありません"),
        ("offices.csv", "is_demo", "demo", "offices.csv:1: 「demo」という列は使いません"),
        ("offices.csv", "00001,no", "00001,no,extra", "offices.csv:2: 列が16個あります。15個"),
        ("offices.csv", "HM3,", "HM9,", "offices.csv:4: 星見山町郵便局の受付時間が hours.csv にありません"),
        ("hours.csv", "HM3,", "HM9,", "hours.csv:5: 郵便局「HM9」がありません"),
        ("hours.csv", "13:00,16:00", "16:00,13:00", "hours.csv:3: 受付の終わりが始まりより前"),
        ("hours.csv", "13:00,16:00", "11:40,16:00", "hours.csv:3: 2行と受付時間が重なって"),
        ("hours.csv", "月木,10:00,15:00,1,2026-11-01", "月木,10:00,15:00,0,2026-11-01", "hours.csv:4: seats: 0 は"),
        ("hours.csv", "月火木金土,8:40", "月火Thu,8:40", "hours.csv:2: weekdays: 「月火Thu」は使えません。"),
        ("hours.csv", "8:40", "朝", "hours.csv:2: opens: 「朝」は使えません。09:00 のように"),
        ("holidays.csv", "2026/11/3", "2026/13/3", "holidays.csv:2: day: 「2026/13/3」は使えません。"),
        ("calendar_days.csv", "CITY,2026-12-23,open", "TOWN,2026-12-23,open", "calendar_days.csv:2: 暦「TOWN」が"),
        ("calendar_days.csv", "open", "half", "calendar_days.csv:2: state: 「half」は使えません。closed"),
        ("program.toml", 'title = "カードの手続き"\n', "", "program.toml:2: 「title」がありません"),
        ("program.toml", "slot_minutes = 20", 'slot_minutes = "20 minutes"', "program.toml:13: slot_minutes:"),
        ("program.toml", "term_ends_on = 2027-09-30", "term_ends_on = 2026-09-30", "program.toml:12: 履行期間の終わり"),
        ("program.toml", "18:00:00", "08:00:00", "program.toml:17: 電話の受付の終わりが"),
        ("program.toml", "opens_on = 2027-04-01", "opens_on = 2029-04-01", "program.toml:33: 履行期間の外"),
        ("program.toml", "2026-10-15T08:30:00+09:00", "2026-11-15T08:30:00+09:00", "program.toml:28: 予約の開始が"),
        ("program.toml", "2026-10-15T08:30:00+09:00", "2026-10-15T08:30:00", "program.toml:28: booking_opens_at:"),
        ("program.toml", 'code = "VENUE"', 'code = "GARDEN"', "program.toml:58: code: 「GARDEN」は使えません。CITY・"),
        ("program.toml", 'code = "VENUE"', 'code = "GARDEN"', "program.toml:1: 暦「VENUE」がありません"),
        ("program.toml", "MONTH_END", "FULL_MOON", "program.toml:65: day_kind: 「FULL_MOON」は使えません。"),
        ("program.toml", "[[presets]]", "[[preset]]", "program.toml:64: [preset] は使いません"),
        ("program.toml", 'year_end = "12-30/01-02"', 'year_end = "12-40/01-02"', "program.toml:41: year_end:"),
        ("program.toml", "slot_minutes = 20", "slot_minutes = ", "program.toml:13: TOML として読めません"),
        ("procedures.toml", 'code = "FACE_CHANGE"', 'code = "TAX"', "procedures.toml:20: code: 「TAX」は使えません。"),
        ("procedures.toml", 'code = "FACE_CHANGE"', 'code = "PIN_CHANGE"', "procedures.toml:38: 手続き「FACE_CHANGE」が"),
        ("procedures.toml", "minutes_alone = 35", "minutes_alone = 0", "procedures.toml:15: minutes_alone: 0 は"),
        ("rules.toml", "register_days = 2", "register_days = 999", "rules.toml:6: 予約の締切（申請者）は0から366"),
        ("rules.toml", "register_time", "register_tiem", "rules.toml:7: 「register_tiem」という規則はありません"),
        ("rules.toml", "register_days = 3", "ask_sex = true", "rules.toml:13: 性別をたずねるは、局ごとには"),
        ("rules.toml", "[HM2]", "[HM7]", "rules.toml:13: 郵便局「HM7」がありません"),
        ("rules.toml", "2026-12-01T00:00:00+09:00", "2026-12-01", "rules.toml:13: effective_from:"),
        ("texts/guidance.ja.toml", '["purpose"]', '["aim"]', "texts/guidance.ja.toml:1: 案内文「purpose」がありません"),
        ("texts/guidance.ja.toml", 'body = "大切に', 'text = "大切に', "texts/guidance.ja.toml:16: 「body」がありません"),
        ("texts/guidance.ja.toml", "「{when}に", "「{whan}に", "texts/guidance.ja.toml:30: 「{whan}」は、電話の文では"),
        ("texts/mails.ja.toml", "[changed]", "[change]", "texts/mails.ja.toml:1: メールの文「changed」がありません"),
        ("texts/mails.ja.toml", "{reference}", "{name}", "texts/mails.ja.toml:5: 「{name}」は、このメールでは"),
        ("texts/mails.ja.toml", "ご予約を受け", "カードの予約", "texts/mails.ja.toml:4: 件名に「カード」は書けません"),
        ("texts/mails.ja.toml", "変更しました", "受け付けました", "texts/mails.ja.toml:13: 「予約の受付」のメールと同じ"),
        ("texts/mails.ja.toml", "effective_from", "# effective_from", "texts/mails.ja.toml:3: 「effective_from」が"),
    ],
    ids=lambda value: str(value)[:30],
)  # fmt: skip
def test_a_mistake_is_named_with_file_and_line(folder, file, old, new, problem):
    folder.change(file, old, new)
    assert [line for line in folder.problems() if line.startswith(problem)], folder.problems()


def test_all_mistakes_are_named_at_once_and_nothing_is_written(db, folder):
    folder.change("wards.csv", "992011", "992012")
    folder.change("hours.csv", "8:40", "朝")
    folder.change("rules.toml", "register_time", "register_tiem")
    (folder.path / "offices.csv").unlink()
    (folder.path / "office.csv").write_text("code\n", encoding="utf-8")
    files = {line.split(":")[0] for line in folder.problems()}
    assert files >= {"wards.csv", "hours.csv", "rules.toml", "offices.csv", "office.csv"}
    with pytest.raises(CommandError, match=r"hours\.csv:2"):
        call_command("load_pack", folder.path)
    with pytest.raises(NoProgramLoaded):
        selectors.program()


def test_a_broken_quotation_and_a_broken_encoding_are_mistakes_too(folder):
    folder.change("wards.csv", "星見市本町1-1", '"星見市"本町1-1')
    (folder.path / "holidays.csv").write_bytes(b"\xff\xfe\x00\x81")
    problems = folder.problems()
    assert [line for line in problems if line.startswith("wards.csv:2: CSV として読めません")]
    assert [line for line in problems if line.startswith("holidays.csv:1: UTF-8 か Shift_JIS")]


def test_a_year_of_the_term_without_holidays_is_a_mistake(folder):
    folder.change("holidays.csv", "2027/1/1,元日\n", "")
    folder.change("holidays.csv", "2027/5/3,憲法記念日\n", "")
    assert "holidays.csv:1: 2027年の祝日がありません。" in folder.problems()


def test_the_cabinet_offices_own_file_and_excels_are_read(folder):
    for file in ("holidays.csv", "offices.csv"):
        path = folder.path / file
        path.write_bytes(path.read_text(encoding="utf-8").replace("\n", "\r\n").encode("cp932"))
    path = folder.path / "hours.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes() + b",,,,,\n")
    assert read_pack(folder.path) == read_pack(HOSHIMI)


def test_hours_that_touch_do_not_overlap(folder):
    folder.change("hours.csv", "13:00,16:00", "12:00,16:00")
    read_pack(folder.path)


def test_the_kinds_of_day_are_those_of_the_offices():
    assert entries.DAY_KINDS.split("|") == DayKind.values
