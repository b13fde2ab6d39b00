"""A pack is loaded again: its effect is told first, no booking is dropped, and nothing changes twice."""

from datetime import date, datetime

import pytest
from django.core.management import CommandError, call_command
from support.packs import THURSDAY, TODAY, book
from support.people import SECRETARIAT

from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.audit.actor import Actor
from madoguchi.audit.models import AuditEntry
from madoguchi.common import clock
from madoguchi.common.calendar import JST
from madoguchi.contract import selectors
from madoguchi.contract.errors import StillInUse
from madoguchi.contract.kinds import CalendarCode, ProposalKind
from madoguchi.contract.models import LoadedPack
from madoguchi.contract.services import decide_rule
from madoguchi.offices.models import Slot
from madoguchi.offices.rules import Span
from madoguchi.offices.selectors import format_hours, office, presets, weekly_hours
from madoguchi.offices.services import set_weekly_hours
from madoguchi.reservations.selectors import reservation
from madoguchi.workflows.approvals.proposals import approve_proposal, save_proposal, send_proposal
from madoguchi.workflows.pack.loading import PlanOutdated, apply_pack, plan_pack, preview_pack, read_pack


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


def test_the_plan_names_affected_visits_first_and_loading_keeps_them(hoshimi):
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
