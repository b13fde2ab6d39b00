"""Backups that are whole, that open for nobody else, and that come back the same (仕様書 4(6)).

These run pg_dump, pg_restore and psql on the test's own server.
"""

import json
import os
import resource
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, timedelta
from hashlib import sha256
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from support.city import NOON, sequences_behind
from support.people import HANAKO, SECRETARIAT, TARO
from support.secretariat import book

from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.backups import errors, files, postgres
from madoguchi.backups.kinds import Part, RunKind, SecondCopy
from madoguchi.backups.models import Run
from madoguchi.common import clock
from madoguchi.common.errors import NotVisible
from madoguchi.notifications.models import Mail
from madoguchi.reservations.models import Applicant, Reservation
from madoguchi.reservations.search import Search, search
from madoguchi.reservations.selectors import reservation
from madoguchi.retention import services
from madoguchi.retention.models import ErasureOrder
from madoguchi.retention.selectors import Instruction
from madoguchi.sealing.models import PersonKey
from madoguchi.sealing.services import KeyDestroyed, key_ring, new_key
from madoguchi.workflows.operations import backup
from madoguchi.workflows.privacy import retention

# One process of the test run: they count the databases of the server.
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("lasting_city"), pytest.mark.xdist_group("backups")]


@pytest.fixture
def identity(tmp_path):
    """A secret key in a file, of which the server knows the public half only."""
    call_command("make_backup_identity", tmp_path / "identity.txt", stdout=StringIO())
    return tmp_path / "identity.txt"


@pytest.fixture
def folder(tmp_path, settings, identity):
    """A place for backups, and a second one."""
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
    settings.BACKUP_FOLDER, settings.BACKUP_SECOND_FOLDER = tmp_path / "first", tmp_path / "second"
    settings.BACKUP_RECIPIENTS = [identity.read_text().split("public key: ")[1].split("\n")[0]]
    return tmp_path / "first"


def names(folder):
    """Return what stands in a folder."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def parts(folder, stamp):
    """Return the two files of a backup."""
    return [files.path_of(folder, stamp, part) for part in (Part.DATA, Part.KEYS)]


def refusal_of(*command, **options):
    """Return what a command says on giving up."""
    with pytest.raises(CommandError) as stopped:
        call_command(*command, stdout=StringIO(), **options)
    assert stopped.value.returncode != 0
    return str(stopped.value)


def change_manifest(path, **facts):
    """Write other facts into a manifest."""
    manifest = files.manifest_of(path)
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), **facts}))


def replace_content(path, content):
    """Put other bytes in place of a file, and make its manifest agree."""
    path.write_bytes(content)
    change_manifest(path, sha256=sha256(content).hexdigest())


@contextmanager
def room_for(size):
    """Let no file of this process grow beyond a size, as on a full disk."""
    kept = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, kept[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, kept)


def test_a_backup_is_restored_and_everybody_is_there(folder, identity):
    made = book(HANAKO)
    done = backup.back_up()
    assert names(folder) == [
        f"{part}/madoguchi-{done.backup}.{part}.{kind}"
        for part in ("data", "keys")
        for kind in ("age", "json")
    ]
    assert names(folder) == names(folder.parent / "second")
    out = StringIO()
    with postgres.throw_away_database():
        call_command("restore", *parts(folder, done.backup), identity=identity, stdout=out)
        assert reservation(made.id, scope=EVERYWHERE).person.name == "福岡　花子"
        with connection.cursor() as cursor:
            cursor.execute("SELECT target FROM audit_auditentry WHERE action = 'backups.backup.restored'")
            assert cursor.fetchall() == [(f"backup:{done.backup}",)]
            # Constraints, triggers and counters came along.
            cursor.execute("SELECT tgname FROM pg_trigger WHERE tgname = 'audit_entries_stay_whole'")
            assert cursor.fetchall()
        assert book(TARO, hour=11).id != made.id
        assert sequences_behind() == []
    assert "内容はバックアップしたときと一致しています" in out.getvalue()
    assert Reservation.objects.count() == 1


def test_the_drill_restores_the_latest_backup_compares_it_and_keeps_the_result(folder, identity):
    book(HANAKO)
    backup.back_up()
    out = StringIO()
    call_command("backup_drill", identity=identity, stdout=out)
    assert "内容も一致しました" in out.getvalue()
    run = Run.objects.get(kind=RunKind.DRILL)
    assert (run.failure, run.bytes > 0, run.backup) == ("", True, Run.objects.get(kind=RunKind.BACKUP).backup)
    with connection.cursor() as cursor:
        # Only its own: another runner on the same server may be in the middle of a drill.
        name = f"madoguchi_drill_{os.getpid()}"
        cursor.execute("SELECT count(*) FROM pg_database WHERE datname = %s", [name])
        assert cursor.fetchone() == (0,)


def test_a_drill_notices_one_altered_row_and_leaves_the_real_database_alone(folder, identity):
    book(HANAKO)
    done = backup.back_up()
    data = parts(folder, done.backup)[0]
    tables = files.read_manifest(data).tables
    rows, mark = tables["reservations_reservation"]
    change_manifest(data, tables={**tables, "reservations_reservation": (rows, str(int(mark) + 1))})
    assert "一致しません" in refusal_of("backup_drill", identity=identity)
    assert Run.objects.get(kind=RunKind.DRILL).failure == "differs"
    assert Reservation.objects.count() == 1


def test_both_files_show_one_moment_while_people_go_on_booking(folder, identity, monkeypatch):
    def dumping_late(part, snapshot, dumping=postgres.dumping):
        if part is Part.DATA:
            with ThreadPoolExecutor(1) as pool:
                pool.submit(book_elsewhere).result()
        return dumping(part, snapshot)

    def book_elsewhere():
        book(TARO, hour=11)
        connection.close()

    book(HANAKO)
    monkeypatch.setattr(postgres, "dumping", dumping_late)
    backup.back_up()
    assert Reservation.objects.count() == 2
    with postgres.throw_away_database():
        backup.restore(paths=files.latest(folder), identity=identity)
        assert (Reservation.objects.count(), PersonKey.objects.count()) == (1, 1)


def test_neither_file_shows_anything_without_the_identity_and_data_alone_holds_no_key(folder, identity):
    book(HANAKO)
    done = backup.back_up()
    key = PersonKey.objects.get()
    opened = {}
    for path in parts(folder, done.backup):
        assert path.read_bytes().startswith(b"age-encryption.org/v1")
        assert path.stat().st_mode & 0o077 == 0
        with (folder / "opened").open("w+b") as file:
            files.unseal(path, file, files.identities(identity))
            file.seek(0)
            opened[path.parent.name] = file.read()
    assert opened["data"].startswith(b"PGDMP")
    assert files.read_manifest(parts(folder, done.backup)[1]).tables.keys() == {"sealing_personkey"}
    with postgres.throw_away_database():
        assert "1つずつ指定" in refusal_of("restore", parts(folder, done.backup)[0], identity=identity)
        assert postgres.held() == (0, 0)
    assert key.wrapped


def test_an_erased_person_is_gone_from_earlier_backups(folder, identity, settings, monkeypatch):
    hanako, taro = book(HANAKO), book(TARO, day=16)
    with clock.travel(NOON + timedelta(days=25)):
        before = backup.back_up()
        letter = Instruction("市戸第1号", clock.today(), "見本課")
        retention.order_erasure(
            until=date(2026, 12, 15), people=1, reason="CONTRACT_END", instruction=letter, actor=SECRETARIAT
        )
        retention.carry_out(order_id=ErasureOrder.objects.get().pk)
    with clock.travel(NOON + timedelta(days=25 + settings.BACKUP_KEEP_KEY_DAYS, hours=1)):
        after = backup.back_up()
    for place in (folder, folder.parent / "second"):
        assert files.stamps(place, Part.DATA) == [before.backup, after.backup]
        assert files.stamps(place, Part.KEYS) == [after.backup]
    paths = [files.path_of(folder, before.backup, Part.DATA), files.path_of(folder, after.backup, Part.KEYS)]
    with postgres.throw_away_database():
        with monkeypatch.context() as patch:
            patch.setattr(backup, "clear_people_without_key", lambda: None)
            backup.restore(paths=paths, identity=identity)
        # What came back with the older data is closed for good, and then taken out again.
        with pytest.raises(KeyDestroyed):
            _ = reservation(hanako.id, scope=EVERYWHERE).person.name
        services.clear_people_without_key()
        assert reservation(taro.id, scope=EVERYWHERE).person.name == "博多　太郎"
        with pytest.raises(NotVisible):
            reservation(hanako.id, scope=EVERYWHERE)
        assert Applicant.objects.get(reservation=hanako.id).name_tokens == []
        assert search(Search(text="福岡"), scope=EVERYWHERE).total == 0


def test_a_key_that_was_thrown_away_since_leaves_an_empty_place(folder, identity):
    book(HANAKO)
    gone = new_key()
    gone.save()
    place = gone.pk
    Mail.objects.update(key=gone, recipient=b"sealed")
    before = backup.back_up()
    Mail.objects.update(key=None, recipient=None)
    gone.delete()
    with clock.travel(NOON + timedelta(minutes=1)):
        after = backup.back_up()
    paths = [files.path_of(folder, before.backup, Part.DATA), files.path_of(folder, after.backup, Part.KEYS)]
    with postgres.throw_away_database():
        backup.restore(paths=paths, identity=identity)
        assert PersonKey.objects.get(pk=place).wrapped is None
    # The other way round everybody who came since would lose their key.
    paths = [files.path_of(folder, after.backup, Part.DATA), files.path_of(folder, before.backup, Part.KEYS)]
    with postgres.throw_away_database():
        assert "より古い" in refusal_of("restore", *paths, identity=identity)


def test_what_cannot_be_restored_is_refused_in_a_sentence_and_leaves_nothing(
    folder, identity, tmp_path, monkeypatch
):
    book(HANAKO)
    done = backup.back_up()
    paths = data, keys = parts(folder, done.backup)
    kept = {path: path.read_bytes() for path in folder.rglob("*.*")}
    other = tmp_path / "other.txt"
    call_command("make_backup_identity", other, stdout=StringIO())

    def said(**options):
        text = refusal_of("restore", *paths, **{"identity": identity, **options})
        assert postgres.held() == (0, 0)
        for path, content in kept.items():
            path.write_bytes(content)
        return text

    with postgres.throw_away_database():
        data.write_bytes(kept[data][:-1000])
        assert "途中で切れているか" in said()
        # Even where the manifest was made to fit, the seal of age tells.
        assert len(kept[data]) > 100_000
        replace_content(data, kept[data][:90_000])
        assert "途中で切れているか" in said()
        replace_content(data, b"")
        assert "このシステムのバックアップではありません" in said()
        replace_content(keys, b"PK\x03\x04 a file of something else")
        assert "このシステムのバックアップではありません" in said()
        change_manifest(data, program="something else")
        assert "このシステムのバックアップではありません" in said()
        files.manifest_of(data).unlink()
        assert "目録" in said()
        change_manifest(data, migrations=[*files.read_manifest(data).migrations, "reservations.9999_later"])
        assert "新しい版" in said()
        assert "この復号鍵では開けません" in said(identity=other)
        assert "復号鍵のファイルがない" in said(identity=tmp_path / "nowhere")
        assert "復号鍵のファイルがない" in said(identity=data)
        change_manifest(data, key_ring="00")
        assert "鍵束" in said()
        monkeypatch.setenv("PATH", "")
        assert "復元できませんでした" in said()


def test_a_database_that_holds_bookings_is_never_restored_into(folder, identity):
    book(HANAKO)
    done = backup.back_up()
    assert "空ではない" in (said := refusal_of("restore", *parts(folder, done.backup), identity=identity))
    assert "予約 1件" in said
    assert Reservation.objects.count() == 1


def test_a_full_disk_leaves_the_backup_before_and_no_half_file(folder):
    book(HANAKO)
    backup.back_up()
    before = names(folder)
    with clock.travel(NOON + timedelta(days=1)), room_for(50_000):
        assert "空き容量が足りない" in refusal_of("backup")
    assert names(folder) == before
    assert Run.objects.latest("pk").failure == "disk_full"


def test_a_disk_that_takes_the_data_but_not_the_manifest_keeps_neither(folder, monkeypatch):
    def full(path, manifest, write=files.write_manifest):
        if manifest.part is Part.DATA:
            raise errors.DiskFull
        write(path, manifest)

    monkeypatch.setattr(files, "write_manifest", full)
    assert "空き容量が足りない" in refusal_of("backup")
    assert names(folder) == names(folder.parent / "second") == []


def test_a_place_that_is_not_there_is_told_and_what_a_killed_run_left_is_cleared(folder, settings):
    (folder / "data").mkdir()
    (folder / "data" / "madoguchi-20261123T183000Z.data.age.part").write_bytes(b"half")
    (folder / "data" / "something of somebody.part").write_bytes(b"else")
    stamp = backup.back_up().backup
    assert sorted(path.name for path in (folder / "data").iterdir()) == [
        f"madoguchi-{stamp}.data.age", f"madoguchi-{stamp}.data.json", "something of somebody.part",
    ]  # fmt: skip
    settings.BACKUP_FOLDER = folder / "nowhere"
    assert "書き込めません" in refusal_of("backup")
    assert Run.objects.latest("pk").failure == "folder_unusable"


def test_a_dump_that_breaks_off_leaves_no_file(folder, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setitem(
            postgres.DUMP, Part.DATA, ("--table=reservations_seat", "--table=nowhere", "--strict-names")
        )
        assert "pg_dump" in refusal_of("backup")
    assert names(folder) == []
    assert Run.objects.get().failure == "dump_failed"
    monkeypatch.setenv("PATH", "")
    assert "pg_dump" in refusal_of("backup")
    assert names(folder) == []


def test_a_backup_overwrites_nothing_and_runs_alone(folder, settings):
    backup.back_up()
    kept = {path: path.read_bytes() for path in folder.rglob("*.*")}
    assert "上書きはしません" in refusal_of("backup")
    assert {path: path.read_bytes() for path in folder.rglob("*.*")} == kept
    count = Run.objects.count()

    def try_it():
        try:
            return refusal_of("backup")
        finally:
            connection.close()

    with postgres.one_at_a_time(), ThreadPoolExecutor(1) as pool:
        assert "別のバックアップを作成しています" in pool.submit(try_it).result()
    assert Run.objects.count() == count


def test_an_unreachable_second_destination_is_reported_and_the_backup_stands(folder, settings):
    settings.BACKUP_SECOND_FOLDER = folder.parent / "not mounted"
    with pytest.raises(CommandError, match="第二の保存先") as stopped:
        call_command("backup", stdout=StringIO())
    assert stopped.value.returncode == 2
    assert len(names(folder)) == 4
    assert Run.objects.get().second_copy == SecondCopy.MISSED
    assert not settings.BACKUP_SECOND_FOLDER.exists()


def test_a_copy_that_differs_is_reported_and_does_not_count(folder, monkeypatch):
    monkeypatch.setattr(files, "copy", lambda _source, path: (path.parent.mkdir(exist_ok=True), path.touch()))
    assert backup.back_up().second_copy is SecondCopy.MISSED
    with pytest.raises(errors.NothingThere):
        files.latest(folder.parent / "second")


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("BACKUP_FOLDER", None, "設定"),
        ("BACKUP_RECIPIENTS", [], "設定"),
        ("BACKUP_RECIPIENTS", ["age1x"], "公開鍵"),
        ("BACKUP_KEY_RECIPIENTS", ["x"], "公開鍵"),
    ],
)
def test_settings_that_make_no_backup_are_told(folder, settings, name, value, sentence):
    setattr(settings, name, value)
    assert sentence in refusal_of("backup")
    assert names(folder) == []


def test_a_drill_without_a_whole_backup_says_so(folder, identity):
    assert "そろったバックアップがありません" in refusal_of("backup_drill", identity=identity)
    done = backup.back_up()
    files.manifest_of(parts(folder, done.backup)[0]).unlink()
    assert "そろったバックアップがありません" in refusal_of("backup_drill", identity=identity)
    out = StringIO()
    call_command("backup_drill", identity=identity, folder=folder.parent / "second", stdout=out)
    assert "内容も一致しました" in out.getvalue()


def test_a_key_ring_that_opens_nobody_fails_the_drill(folder, identity, monkeypatch):
    book(HANAKO)
    PersonKey.objects.update(ring_key="lost")
    backup.back_up()
    assert "開けない個人の鍵が1件" in refusal_of("backup_drill", identity=identity)
    assert key_ring().current == "k1"
