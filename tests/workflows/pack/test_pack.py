"""A city from a folder of files: mistakes by line, the effect first, nothing twice, nothing of Fukuoka."""

# ruff: noqa: E501 - the table of mistakes reads best with one line for each

import re
import shutil
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from support.people import HANAKO, SECRETARIAT

from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.audit.actor import Actor
from madoguchi.audit.models import AuditEntry
from madoguchi.common import clock
from madoguchi.common.calendar import JST
from madoguchi.contract import selectors
from madoguchi.contract.errors import NoProgramLoaded, StillInUse
from madoguchi.contract.kinds import CalendarCode, ProposalKind
from madoguchi.contract.models import LoadedPack
from madoguchi.contract.services import decide_rule
from madoguchi.notifications.kinds import MailKind
from madoguchi.notifications.models import MailText
from madoguchi.offices.kinds import DayKind
from madoguchi.offices.models import Slot
from madoguchi.offices.rules import Span
from madoguchi.offices.selectors import format_hours, office, offices, presets, weekly_hours
from madoguchi.offices.services import set_weekly_hours
from madoguchi.reservations.availability import starts
from madoguchi.reservations.selectors import reservation
from madoguchi.workflows.approvals.proposals import approve_proposal, save_proposal, send_proposal
from madoguchi.workflows.booking import book as booking
from madoguchi.workflows.pack import entries
from madoguchi.workflows.pack.files import PackInvalid
from madoguchi.workflows.pack.loading import PlanOutdated, apply_pack, plan_pack, preview_pack, read_pack

HOSHIMI = Path(__file__).parents[2] / "packs" / "hoshimi"
TODAY = datetime(2026, 11, 24, 10, 0, tzinfo=JST)  # a Tuesday in the term
THURSDAY = date(2026, 12, 3)


class Folder:
    """A copy of a pack that a test may spoil."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def change(self, file: str, old: str, new: str) -> None:
        target = self.path / file
        text = target.read_text(encoding="utf-8")
        assert old in text, f"{old} is not in {file}"
        target.write_text(text.replace(old, new, 1), encoding="utf-8")

    def load(self) -> None:
        pack = read_pack(self.path)
        apply_pack(pack=pack, plan=plan_pack(pack))

    def plan(self) -> str:
        return "\n".join(plan_pack(read_pack(self.path)).lines())

    def problems(self) -> list[str]:
        with pytest.raises(PackInvalid) as caught:
            read_pack(self.path)
        return [str(problem) for problem in caught.value.problems]


@pytest.fixture
def folder(tmp_path):
    return Folder(shutil.copytree(HOSHIMI, tmp_path / "hoshimi"))


@pytest.fixture
def hoshimi(db, folder):
    """星見市, loaded, on a Tuesday of its term."""
    with clock.travel(TODAY):
        folder.load()
        yield folder


def book(place: str = "HM1", day: date = THURSDAY, hour: int = 15, minute: int = 40) -> booking.Created:
    begins = datetime(day.year, day.month, day.day, hour, minute, tzinfo=JST)
    slot = starts(office=place, since=begins, until=begins.replace(minute=59), slots=1, slot_minutes=20)[0]
    request = booking.BookingRequest(visitors=(booking.Visitor(("PIN_RESET",), HANAKO),), slot=slot.slot)
    return booking.book(
        replace(request, channel="PARTNER", actor=Actor("partner", "test"), submission="x", fingerprint="x")
    )


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
        ("program.toml", "opens_on = 2027-04-01", "opens_on = 2029-04-01", "program.toml:32: 履行期間の外"),
        ("program.toml", "2026-10-15T08:30:00+09:00", "2026-11-15T08:30:00+09:00", "program.toml:27: 予約の開始が"),
        ("program.toml", "2026-10-15T08:30:00+09:00", "2026-10-15T08:30:00", "program.toml:27: booking_opens_at:"),
        ("program.toml", 'code = "VENUE"', 'code = "GARDEN"', "program.toml:57: code: 「GARDEN」は使えません。CITY・"),
        ("program.toml", 'code = "VENUE"', 'code = "GARDEN"', "program.toml:1: 暦「VENUE」がありません"),
        ("program.toml", "MONTH_END", "FULL_MOON", "program.toml:64: day_kind: 「FULL_MOON」は使えません。"),
        ("program.toml", "[[presets]]", "[[preset]]", "program.toml:63: [preset] は使いません"),
        ("program.toml", 'year_end = "12-30/01-02"', 'year_end = "12-40/01-02"', "program.toml:40: year_end:"),
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


# Loading again


def test_loading_twice_changes_nothing(hoshimi):
    before = (AuditEntry.objects.count(), Slot.objects.count(), LoadedPack.objects.count())
    assert hoshimi.plan() == "変更はありません。"
    hoshimi.load()
    assert (AuditEntry.objects.count(), Slot.objects.count(), LoadedPack.objects.count()) == before


def test_a_change_is_told_cell_by_cell_before_it_is_made(hoshimi):
    hoshimi.change("offices.csv", "星見市本町2-2", "星見市本町9-9")
    hoshimi.change("texts/guidance.ja.toml", "一つめの答え", "べつの答え")
    hoshimi.change("rules.toml", "register_days = 2", "register_days = 4")
    hoshimi.change("calendar_days.csv", "CITY,2026-12-15,closed,庁舎の点検\n", "")
    assert hoshimi.plan().splitlines() == [
        "休業日・臨時開庁日: 1件",
        "  削除 CITY 2026-12-15",
        "案内文: 1件",
        "  変更 ja faq.first",
        "    body:",
        "      -一つめの答え",
        "      +べつの答え",
        "郵便局: 1件",
        "  変更 HM1",
        "    address: 星見市本町2-2 → 星見市本町9-9",
        "予約のきまり: 1件",
        "  変更 register_days",
        "    value: 2 → 4",
    ]
    assert office("HM1").address == "星見市本町2-2"
    hoshimi.load()
    assert office("HM1").address == "星見市本町9-9"
    assert selectors.booking_rules(TODAY).register_days == 4
    assert selectors.calendar(CalendarCode.CITY).is_open(date(2026, 12, 15))


def test_who_would_lose_the_time_is_told_first_and_keeps_it_afterwards(hoshimi):
    made = book()
    hoshimi.change("hours.csv", "13:00,16:00", "13:00,15:00")
    hoshimi.change("program.toml", 'city_name = "星見市"', 'city_name = "星降市"')
    pack = read_pack(hoshimi.path)
    plan = plan_pack(pack)
    effect = preview_pack(pack=pack, plan=plan)
    assert [row.reference for row in effect.affected] == [reservation(made.id, scope=EVERYWHERE).reference]
    assert effect.slots > 0
    assert selectors.program().city_name == "星見市"
    assert format_hours([r.span for r in weekly_hours("HM1", on=THURSDAY) if r.weekday == 3]).endswith(
        "16:00"
    )
    applied = apply_pack(pack=pack, plan=plan)
    assert [row.reference for row in applied.affected] == [reservation(made.id, scope=EVERYWHERE).reference]
    assert applied.disruption
    assert reservation(made.id, scope=EVERYWHERE).starts_at == datetime(2026, 12, 3, 15, 40, tzinfo=JST)


def test_a_text_that_changes_leaves_the_slots_alone(hoshimi):
    hoshimi.change("texts/guidance.ja.toml", "一つめの答え", "べつの答え")
    pack = read_pack(hoshimi.path)
    assert preview_pack(pack=pack, plan=plan_pack(pack)).slots == 0


def test_a_text_that_the_city_approved_stays_and_the_plan_says_so(hoshimi):
    name = next(row.name for row in selectors.guidance("") if "一つめの答え" in row.body)
    made = save_proposal(
        kind=ProposalKind.TEXT, scope=name, content={"title": "題", "body": "承認した答え"}, reason="協議",
        effective_from=TODAY, actor=SECRETARIAT,
    )  # fmt: skip
    send_proposal(proposal_id=made, actor=SECRETARIAT)
    approve_proposal(proposal_id=made, actor=Actor("staff", "900002"))
    hoshimi.change("texts/guidance.ja.toml", "一つめの答え", "べつの答え")
    assert "承認した案の文が優先します" in hoshimi.plan()
    hoshimi.load()
    assert selectors.guidance(name)[0].body == "承認した答え\n"


def test_what_was_decided_on_screen_stays_unless_the_pack_changes_that_row(hoshimi):
    since = datetime(2026, 11, 20, tzinfo=JST)
    decide_rule(key="min_age", value=18, effective_from=since, actor=SECRETARIAT)
    set_weekly_hours(
        office="HM2", spans=[(0, Span(600, 720, 1))], effective_from=date(2026, 12, 1), actor=SECRETARIAT
    )
    hoshimi.change("rules.toml", "register_days = 2", "register_days = 4")
    hoshimi.load()
    assert selectors.booking_rules(TODAY).min_age == 18
    assert [row.since for row in weekly_hours("HM2", on=date(2026, 12, 7))] == [date(2026, 12, 1)]

    hoshimi.change("rules.toml", "min_age = 16", "min_age = 17")
    hoshimi.change("hours.csv", "HM2,月木,10:00", "HM2,月木,11:00")
    plan = hoshimi.plan()
    assert "※ きまり「min_age」は、11/20(金) 00:00 から画面で決めた値が優先します。" in plan
    assert "※ HM2 の 2026-12-01 から画面で決めた受付時間は、なくなります。" in plan
    hoshimi.load()
    assert selectors.booking_rules(TODAY).min_age == 18
    assert {row.since for row in weekly_hours("HM2")} == {date(2026, 11, 1)}


def test_hours_of_several_dates_are_set_in_their_order(hoshimi):
    with (hoshimi.path / "hours.csv").open("a", encoding="utf-8") as file:
        file.write("HM2,月,9:00,12:00,1,2027-01-01\n")
    hoshimi.load()
    hoshimi.change("hours.csv", "HM2,月木,10:00", "HM2,月木,11:00")
    hoshimi.load()
    assert {row.since for row in weekly_hours("HM2")} == {date(2026, 11, 1), date(2027, 1, 1)}


def test_a_row_that_goes_is_removed_a_preset_ended_and_a_ledger_kept(hoshimi):
    hoshimi.change(
        "texts/guidance.ja.toml", '["faq.second"]\ntitle = "二つめの問い"\nbody = "二つめの答え"\n', ""
    )
    hoshimi.change("rules.toml", "min_age = 16\n", "")
    text = (hoshimi.path / "program.toml").read_text(encoding="utf-8")
    (hoshimi.path / "program.toml").write_text(text[: text.index("[[presets]]")], encoding="utf-8")
    plan = hoshimi.plan()
    assert "  削除 ja faq.second" in plan
    assert "※ 予約のきまり「min_age」は、読み込み済みのものがそのまま残ります。" in plan
    hoshimi.load()
    assert [row.name for row in selectors.guidance("faq")] == ["faq.first"]
    assert selectors.booking_rules(TODAY).min_age == 16
    assert presets() == []


def test_a_row_in_use_cannot_go_and_nothing_else_changes_then(hoshimi):
    text = (hoshimi.path / "program.toml").read_text(encoding="utf-8")
    second = text[text.index('[[waves]]\ncode = "B"') : text.index("[[calendars]]")]
    hoshimi.change("program.toml", second, "")
    hoshimi.change("program.toml", 'city_name = "星見市"', 'city_name = "星降市"')
    # An office that leaves the pack stays in the database, and with it its wave.
    hoshimi.change("offices.csv", "HM3,", "# HM3,")
    hoshimi.change("hours.csv", "HM3,", "# HM3,")
    with pytest.raises(StillInUse, match="開設時期"):
        hoshimi.load()
    assert selectors.program().city_name == "星見市"
    assert office("HM3").wave_code == "B"


def test_a_plan_is_not_carried_out_after_another_pack_was_loaded(hoshimi):
    hoshimi.change("offices.csv", "星見市本町2-2", "星見市本町9-9")
    pack = read_pack(hoshimi.path)
    plan = plan_pack(pack)
    hoshimi.change("offices.csv", "星見市浜町3-3", "星見市浜町8-8")
    hoshimi.load()
    with pytest.raises(PlanOutdated):
        apply_pack(pack=pack, plan=plan)
    assert office("HM2").address == "星見市浜町8-8"


def test_many_changes_of_a_kind_are_counted_not_listed(hoshimi):
    rows = "".join(f"99910{number:02},992011,新町{number},,,\n" for number in range(40))
    with (hoshimi.path / "postal_codes.csv").open("a", encoding="utf-8") as file:
        file.write(rows)
    plan = hoshimi.plan()
    assert "郵便番号: 40件" in plan
    assert "  ほか 10件" in plan


# The command


def test_the_first_load_is_counted_and_done_without_a_question(db, folder, capsys):
    with clock.travel(TODAY):
        call_command("load_pack", folder.path)
    out = capsys.readouterr().out
    assert "郵便局: 3件" in out
    assert "追加" not in out
    assert "読み込みました。" in out
    assert selectors.program().city_name == "星見市"


def test_plan_shows_and_writes_nothing(hoshimi, capsys):
    book()
    hoshimi.change("hours.csv", "13:00,16:00", "13:00,15:00")
    call_command("load_pack", hoshimi.path, plan=True)
    out = capsys.readouterr().out
    assert "closes: 16:00:00 → 15:00:00" in out
    assert "入らなくなる予約: 1件" in out
    assert "福岡" not in out
    assert "変更はありません" not in hoshimi.plan()


@pytest.mark.parametrize(
    ("answer", "address"), [("y", "星見市本町9-9"), ("", "星見市本町2-2")], ids=["yes", "no"]
)
def test_a_change_is_made_only_when_somebody_agrees(hoshimi, monkeypatch, answer, address):
    hoshimi.change("offices.csv", "星見市本町2-2", "星見市本町9-9")
    monkeypatch.setattr("builtins.input", lambda _: answer)
    call_command("load_pack", hoshimi.path)
    assert office("HM1").address == address


def test_without_anybody_to_ask_it_wants_to_be_told(hoshimi, monkeypatch):
    def nobody(_):
        raise EOFError

    hoshimi.change("offices.csv", "星見市本町2-2", "星見市本町9-9")
    monkeypatch.setattr("builtins.input", nobody)
    with pytest.raises(CommandError, match="--noinput"):
        call_command("load_pack", hoshimi.path)
    call_command("load_pack", hoshimi.path, interactive=False)
    assert office("HM1").address == "星見市本町9-9"
