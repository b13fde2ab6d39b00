"""What was sealed stays as it was, or it shows."""

# ruff: noqa: S608 - statements of somebody who tampers

import json

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction

from madoguchi.audit.keys import make_keys, seal_keys
from madoguchi.audit.models import AuditEntry, AuditSeal, AuditSealedEntry
from madoguchi.audit.seals import last_seal, seal_entries, unsealed
from madoguchi.audit.verification import Printed, faults, recent_faults
from madoguchi.config.management.commands.prepare_database import GRANTS

COLUMNS = "(id, at, actor, action, target, detail, transaction)"
ENTRY = "'2026-12-01', 'staff:8', 'test.thing.done', 'thing:1', '{}'"


def as_owner(*statements):
    """Do what only the owner of the database can: with triggers and foreign keys switched off."""
    connection.check_constraints()  # what this transaction wrote still waits for its keys to be checked
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in statements:
            cursor.execute(statement)
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


def test_what_was_left_alone_fits(sealed):
    assert list(faults()) == []
    assert unsealed().count == 0
    assert AuditSealedEntry.objects.count() == 12
    assert last_seal().number == 3


def test_without_entries_and_without_a_key_there_is_no_seal(write, seal_keys_set, settings):
    assert seal_entries() == []
    write(1)
    settings.AUDIT_KEYS = ""
    assert seal_entries() == []
    assert unsealed().count == 1


def test_an_entry_is_sealed_once(sealed):
    assert seal_entries() == []
    last = AuditSeal.objects.get(number=3)
    with pytest.raises(IntegrityError), transaction.atomic():
        AuditSealedEntry.objects.bulk_create(
            [AuditSealedEntry(entry=sealed[0], seal=last, place=3, leaf=bytes(32))]
        )


def tampered(entries):
    """Return what to do to the trail, as (statements, words of the finding)."""
    first, second = entries[0].pk, entries[1].pk
    return {
        "changed": (
            [f"UPDATE audit_auditentry SET actor = 'staff:8' WHERE id = {second}"],
            f"封印 第1号: 記録 {second} が書き換えられています",
        ),
        "changed detail": (
            [f"UPDATE audit_auditentry SET detail = detail || '{{\"share\": 0.2}}' WHERE id = {second}"],
            f"記録 {second} が書き換えられています",
        ),
        "changed instant": (
            [f"UPDATE audit_auditentry SET at = at + interval '1 microsecond' WHERE id = {second}"],
            f"記録 {second} が書き換えられています",
        ),
        "removed": (
            [f"DELETE FROM audit_auditentry WHERE id = {second}"],
            f"封印 第1号: 記録 {second} が消されています",
        ),
        "removed with its place": (
            [
                f"DELETE FROM audit_auditentry WHERE id = {second}",
                f"DELETE FROM audit_auditsealedentry WHERE entry_id = {second}",
            ],
            "封印 第1号: 封印の内容か、記録の一覧",
        ),
        "added later": (
            [f"INSERT INTO audit_auditentry {COLUMNS} VALUES (99999, {ENTRY}, 0)"],
            "がどの封印にもありません",
        ),
        "added to a seal": (
            [f"INSERT INTO audit_auditentry {COLUMNS} VALUES (99999, {ENTRY}, 1)",
             f"INSERT INTO audit_auditsealedentry VALUES (99999, 9, '\\x{'00' * 32}', 1)"],
            "封印 第1号: 封印の内容か、記録の一覧",
        ),
        "taken out of a seal": (
            [f"DELETE FROM audit_auditsealedentry WHERE entry_id = {entries[-1].pk}"],
            "封印 第3号: 封印の内容か、記録の一覧",
        ),
        "reordered": (
            [f"UPDATE audit_auditsealedentry SET place = 9 WHERE entry_id = {first}"],
            "封印 第1号: 封印の内容か、記録の一覧",
        ),
        "seal changed": (
            ["UPDATE audit_auditseal SET sealed_at = sealed_at - interval '1 day' WHERE number = 2"],
            "封印 第2号: 封印の内容か、記録の一覧",
        ),
        "seal signed by somebody": (
            [f"UPDATE audit_auditseal SET signature = '\\x{'01' * 384}' WHERE number = 2"],
            "封印 第2号: 署名が正しくありません",
        ),
        "seal of an unknown key": (
            ["UPDATE audit_auditseal SET key = 'mine' WHERE number = 2"],
            "鍵 mine が AUDIT_KEYS にない",
        ),
        "seal removed": (
            ["DELETE FROM audit_auditseal WHERE number = 2"],
            "封印 第2号が消されています（次は第3号です）",
        ),
        "seal hung elsewhere": (
            [f"UPDATE audit_auditseal SET previous = '\\x{'11' * 32}' WHERE number = 3"],
            "封印 第3号が、その前の封印につながりません",
        ),
    }  # fmt: skip


@pytest.mark.parametrize("how", tampered([AuditEntry(pk=0)] * 2))
def test_tampering_is_named(sealed, how):
    statements, says = tampered(sealed)[how]
    as_owner(*statements)
    assert says in "\n".join(faults())


def cut_tail():
    as_owner(
        "DELETE FROM audit_auditentry USING audit_auditsealedentry WHERE id = entry_id AND seal_id = 3",
        "DELETE FROM audit_auditsealedentry WHERE seal_id = 3",
        "DELETE FROM audit_auditseal WHERE number = 3",
    )


def test_a_cut_tail_shows_against_paper_and_only_there(sealed):
    paper = Printed(3, last_seal().root)
    assert list(faults(printed=paper)) == []
    cut_tail()
    assert list(faults()) == []
    assert list(faults(printed=paper)) == ["控えにある封印 第3号がありません。末尾が切り取られています。"]


def test_a_tail_made_anew_with_the_key_shows_against_paper(sealed, write):
    paper = Printed(3, last_seal().root)
    cut_tail()
    write(1)
    assert [row.number for row in seal_entries()] == [3]
    assert list(faults()) == []
    assert ["照合値が控えと違います" in fault for fault in faults(printed=paper)] == [True]


def test_the_hourly_check_looks_at_the_latest_seals(sealed):
    assert recent_faults() == []
    as_owner("UPDATE audit_auditentry SET actor = 'x'")
    assert len(recent_faults()) == 12


def test_the_hourly_check_starts_where_the_seal_before_ends(sealed, monkeypatch):
    monkeypatch.setattr("madoguchi.audit.verification.RECENT_SEALS", 1)
    assert recent_faults() == []
    as_owner("UPDATE audit_auditseal SET root = previous WHERE number = 2")
    assert ["その前の封印につながりません" in fault for fault in recent_faults()] == [True]


@pytest.mark.parametrize(
    "attempt",
    [
        "UPDATE audit_auditseal SET key = 'x'",
        "DELETE FROM audit_auditseal",
        "UPDATE audit_auditsealedentry SET place = 9",
        "DELETE FROM audit_auditsealedentry",
    ],
)
def test_the_database_refuses_to_change_or_remove_a_seal(sealed, attempt):
    with (
        pytest.raises(IntegrityError, match="never changed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(attempt)


@pytest.mark.parametrize("table", ["audit_auditseal", "audit_auditsealedentry"])
def test_the_database_refuses_to_empty_the_seals(db, table):
    with (
        pytest.raises(IntegrityError, match="never changed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"TRUNCATE {table} CASCADE")


@pytest.mark.parametrize(
    "attempt",
    [
        "UPDATE audit_auditentry SET actor = 'x'",
        "DELETE FROM audit_auditsealedentry",
        "UPDATE audit_auditseal SET number = 9",
        "TRUNCATE audit_auditseal CASCADE",
        "ALTER TABLE audit_auditentry DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
    ],
)
def test_the_role_of_the_application_may_not_even_try(sealed, write, attempt):
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE madoguchi_app")
        cursor.execute(GRANTS)
        cursor.execute("SET LOCAL ROLE madoguchi_app")
        with pytest.raises(DatabaseError, match=r"permission denied|must be owner"), transaction.atomic():
            cursor.execute(attempt)
        write(1)
        assert [row.number for row in seal_entries()] == [4]
        cursor.execute("RESET ROLE")


def test_a_restored_dump_whose_cluster_counts_from_anew_is_sealed_on(sealed, write):
    """Entries of before carry higher transactions than any to come for a long time."""
    as_owner("UPDATE audit_auditseal SET horizon = 9000000000000000")
    write(2, transaction=9_000_000_000_000_001)
    write(6, transaction=2)
    assert unsealed().count == 8
    assert [row.entries for row in seal_entries()] == [5, 3]
    assert AuditSeal.objects.get(number=5).horizon < 9_000_000_000_000_000
    write(1)
    assert [row.entries for row in seal_entries()] == [1]
    assert unsealed().count == 0
    assert list(faults()) == []


def test_a_trail_that_came_from_another_cluster_before_its_first_seal_is_sealed_too(
    write, seal_keys_set, monkeypatch
):
    monkeypatch.setattr("madoguchi.audit.seals.BATCH", 5)
    write(2, transaction=9_000_000_000_000_001)
    write(6, transaction=2)
    assert [row.entries for row in seal_entries()] == [5, 3]


@pytest.mark.slow
def test_after_a_change_of_keys_former_seals_still_fit(sealed, write, settings):
    former = seal_keys()
    settings.AUDIT_KEYS = make_keys()
    assert seal_keys().current != former.current
    write(1)
    seal_entries()
    assert AuditSeal.objects.get(number=4).key == seal_keys().current
    assert list(faults()) == []
    settings.AUDIT_KEYS = settings.AUDIT_KEYS.partition("-----BEGIN PUBLIC")[0]
    assert [former.current in fault for fault in faults()] == [True] * 3


@pytest.mark.parametrize("text", ["nonsense", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"])
def test_keys_that_are_none_stop_the_sealing_aloud(settings, text):
    settings.AUDIT_KEYS = text
    with pytest.raises(ImproperlyConfigured, match="make_audit_keys"):
        seal_keys()


def test_the_same_key_twice_is_refused(settings, made_keys):
    settings.AUDIT_KEYS = made_keys
    public = seal_keys().private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    settings.AUDIT_KEYS += public.decode()
    with pytest.raises(ImproperlyConfigured, match="each once"):
        seal_keys()


def test_the_command_says_that_all_is_well_and_what_to_print(sealed, capsys):
    call_command("verify_audit")
    said = capsys.readouterr().out
    assert f"最後の封印は第3号、照合値は {last_seal().root}" in said
    assert "控えの --number と --root がないと分かりません" in said
    call_command("verify_audit", number=3, root=" ".join(last_seal().root.upper()))
    assert "分かりません" not in capsys.readouterr().out


def test_the_command_fails_with_what_was_found(sealed, capsys):
    as_owner(f"DELETE FROM audit_auditentry WHERE id = {sealed[0].pk}")
    with pytest.raises(CommandError, match="1件の異常"):
        call_command("verify_audit")
    assert f"記録 {sealed[0].pk} が消されています" in capsys.readouterr().out


def test_the_command_asks_for_number_and_root_together(db):
    with pytest.raises(CommandError, match="一緒に"):
        call_command("verify_audit", number=3)


def test_an_export_is_a_new_file_for_few_eyes_and_on_record(sealed, write, tmp_path):
    path = tmp_path / "log.jsonl"
    write(1)
    call_command("export_audit", path)
    assert path.stat().st_mode & 0o777 == 0o600
    lines = [json.loads(line) for line in path.read_bytes().splitlines()]
    assert (lines[-1]["end"]["seals"], lines[-1]["end"]["entries"]) == (3, 12)
    assert lines[-1]["end"]["waiting"] >= 1
    assert AuditEntry.objects.filter(action="audit.log.exported", actor="system").count() == 1
    with pytest.raises(CommandError, match="新しく作れません"):
        call_command("export_audit", path)
