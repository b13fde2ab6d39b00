"""Backups: make one, restore one into an empty database, rehearse it (仕様書 4(6)).

Two files from one snapshot: the person keys alone, and everything else. Data are kept long, keys short: once
the last file with a key is gone, a person whose key was destroyed is erased from all backups.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import structlog
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError
from django.db.migrations.loader import MigrationLoader

from madoguchi.audit.actor import SYSTEM
from madoguchi.backups import files, postgres, rules
from madoguchi.backups.errors import (
    BackupRefusal,
    Differs,
    KeysTooOld,
    NotConfigured,
    NotEmpty,
    TooNew,
    WrongFiles,
    WrongKeyRing,
)
from madoguchi.backups.files import Manifest
from madoguchi.backups.kinds import Part, RunKind, SecondCopy
from madoguchi.backups.selectors import LatestRuns, latest_runs
from madoguchi.backups.services import record_restore, record_run
from madoguchi.common import clock
from madoguchi.retention.services import clear_people_without_key
from madoguchi.sealing import services as sealing
from madoguchi.workflows.operations.invariants import breaches

UNEXPECTED: Final = "unexpected"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that stands, and whether a second one does."""

    backup: str
    bytes: int
    second_copy: SecondCopy


@dataclass(frozen=True, slots=True)
class Restored:
    """What a database was made from."""

    backup: str
    keys: str
    tables: int
    rows: int


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """A backup that can be restored, and how long that took."""

    backup: str
    took: timedelta


@dataclass(frozen=True, slots=True)
class BackupState:
    """What the status page tells of backups."""

    is_configured: bool
    runs: LatestRuns


def back_up() -> Made:
    """Make a backup, copy it to the second destination, and delete old ones.

    Raises NotConfigured, BackupRunning and what stands in `backups.errors`; a failure is on record, no half
    file stands under a final name, and the backups before are all there. A second destination that cannot be
    reached is no failure: it is told in what is returned, and shown.
    """
    folder = settings.BACKUP_FOLDER
    if folder is None or not is_configured():
        raise NotConfigured
    began = clock.now()
    stamp = rules.stamp_of(began)
    with postgres.one_at_a_time():
        try:
            size = _write(folder, stamp)
            second = _copy_to_second(folder, stamp, began)
            _forget_old(folder, began)
        except Exception as error:
            _record_failure(RunKind.BACKUP, stamp, began, error)
            raise
        record_run(kind=RunKind.BACKUP, backup=stamp, began_at=began, size=size, second_copy=second)
    return Made(stamp, size, second)


def is_configured() -> bool:
    """Tell whether the settings name a place for backups and somebody who can open them."""
    return bool(settings.BACKUP_FOLDER and settings.BACKUP_RECIPIENTS)


def backup_state() -> BackupState:
    """Return how the latest backup and the latest rehearsal went."""
    return BackupState(is_configured(), latest_runs())


def _write(folder: Path, stamp: str) -> int:
    """Write both parts from one snapshot, the data last: with their manifest the backup is whole."""
    for_data = files.recipients(settings.BACKUP_RECIPIENTS)
    for_keys = files.recipients(settings.BACKUP_KEY_RECIPIENTS) or for_data
    files.remove_leftovers(folder)
    with postgres.snapshot() as snapshot:
        tables = postgres.tables()
        keys = {postgres.KEYS_TABLE: tables.pop(postgres.KEYS_TABLE)}
        manifest = Manifest(
            part=Part.DATA,
            backup=stamp,
            server=postgres.server_version(),
            key_ring=sealing.ring_mark(),
            migrations=postgres.migrations(),
            tables=tables,
            keyed=postgres.keyed_columns(),
        )
        # Keys first: a file of data never stands without keys that are as new.
        size = _write_part(folder, replace(manifest, part=Part.KEYS, tables=keys), snapshot, for_keys)
        try:
            return size + _write_part(folder, manifest, snapshot, for_data)
        except BaseException:
            files.remove(folder, Part.KEYS, stamp)
            raise


def _write_part(folder: Path, manifest: Manifest, snapshot: str, recipients: files.Recipients) -> int:
    path = files.path_of(folder, manifest.backup, manifest.part)
    with files.whole_file(path) as file, postgres.dumping(manifest.part, snapshot) as dump:
        size, sha256 = files.seal(dump, file, recipients)
    try:
        files.write_manifest(path, replace(manifest, bytes=size, sha256=sha256))
    except BaseException:
        files.remove(folder, manifest.part, manifest.backup)
        raise
    return size


def _copy_to_second(folder: Path, stamp: str, now: datetime) -> SecondCopy:
    """Copy a backup to the second destination, and tell whether it is there, whole."""
    second = settings.BACKUP_SECOND_FOLDER
    if second is None:
        return SecondCopy.NONE
    try:
        files.remove_leftovers(second)
        for part in (Part.KEYS, Part.DATA):
            source, path = (files.path_of(place, stamp, part) for place in (folder, second))
            files.copy(source, path)
            files.check_whole(path, files.read_manifest(source))
            files.copy(files.manifest_of(source), files.manifest_of(path))
        _forget_old(second, now)
    except BackupRefusal as refusal:
        log.warning("second_backup_missed", code=refusal.code, **refusal.fields)
        return SecondCopy.MISSED
    return SecondCopy.REACHED


def _forget_old(folder: Path, now: datetime) -> None:
    """Delete what is past its days, keys sooner than data. Raises FolderUnusable."""
    days = {Part.DATA: settings.BACKUP_KEEP_DAYS, Part.KEYS: settings.BACKUP_KEEP_KEY_DAYS}
    for part, keep_days in days.items():
        for old in rules.outdated(files.stamps(folder, part), now=now, keep_days=keep_days):
            files.remove(folder, part, old)


def _record_failure(kind: RunKind, stamp: str, began: datetime, error: Exception) -> None:
    failure = error.code if isinstance(error, BackupRefusal) else UNEXPECTED
    try:
        record_run(kind=kind, backup=stamp, began_at=began, failure=failure)
    except DatabaseError:
        # Then the age of the last good backup is what tells.
        log.exception("backup_failure_unrecorded", kind=kind, failure=failure)


def restore(*, paths: Sequence[Path], identity: Path) -> Restored:
    """Restore a file of data and a file of keys into an empty database, and bring it up to date.

    Raises NotEmpty and what stands in `backups.errors`. It is all there, the same as it was, or nothing is;
    who was erased since the data were backed up is then taken out again.
    """
    restored = _restore(paths=paths, identity=identity)
    clear_people_without_key()
    record_restore(backup=restored.backup, keys=restored.keys, actor=SYSTEM)
    return restored


def drill(*, folder: Path, identity: Path) -> Rehearsed:
    """Restore the latest backup into a temporary database, compare, and drop it (SL11).

    Raises what `restore` raises, and Differs when an invariant does not hold or a person key does not open.
    The result is on record with its duration either way.
    """
    began = clock.now()
    stamp, size = "", 0
    try:
        data, keys = files.latest(folder)
        stamp = files.read_manifest(data).backup
        size = sum(path.stat().st_size for path in (data, keys))
        with postgres.throw_away_database():
            _restore(paths=(data, keys), identity=identity)
            _check_ledgers(rules.instant_of(stamp))
    except Exception as error:
        _record_failure(RunKind.DRILL, stamp, began, error)
        raise
    record_run(kind=RunKind.DRILL, backup=stamp, began_at=began, size=size)
    return Rehearsed(stamp, clock.now() - began)


def _check_ledgers(at: datetime) -> None:
    """Raise Differs when an invariant does not hold, or somebody could not be read."""
    wrong = [breach.sentence for breach in breaches(at)]
    if closed := sealing.keys_that_do_not_open():
        wrong.append(f"開けない個人の鍵が{closed}件あります")
    if wrong:
        raise Differs(detail="\n".join(wrong))


def _restore(*, paths: Sequence[Path], identity: Path) -> Restored:
    manifests = {path: files.read_manifest(path) for path in paths}
    by_part = {manifest.part: path for path, manifest in manifests.items()}
    if len(paths) != len(Part) or len(by_part) != len(Part):
        raise WrongFiles
    data, keys = by_part[Part.DATA], by_part[Part.KEYS]
    if manifests[keys].backup < manifests[data].backup:
        raise KeysTooOld
    secrets = files.identities(identity)
    _refuse_what_does_not_fit(manifests[data])
    for path, manifest in manifests.items():
        files.check_whole(path, manifest)
    postgres.load(data=data, keys=keys, identities=secrets, keyed=manifests[data].keyed)
    expected = dict(manifests[data].tables)
    if manifests[keys].backup == manifests[data].backup:
        expected |= manifests[keys].tables
    found = postgres.tables()
    if differing := [name for name, mark in expected.items() if found.get(name) != mark]:
        raise Differs(detail=", ".join(differing))
    # Migrates what an older release had backed up, and lets the application use it.
    call_command("prepare_database")
    rows = sum(count for count, _mark in found.values())
    return Restored(manifests[data].backup, manifests[keys].backup, len(found), rows)


def _refuse_what_does_not_fit(manifest: Manifest) -> None:
    """Raise NotEmpty, TooNew or WrongKeyRing before anything is written."""
    held, reservations = postgres.held()
    if held:
        raise NotEmpty(f"{NotEmpty.message}（表 {held}・予約 {reservations}件）")
    ours = MigrationLoader(None).disk_migrations
    # Django records a squashed migration and every one that it replaces.
    known = {f"{app}.{name}" for key, each in ours.items() for app, name in (key, *each.replaces)}
    if not known.issuperset(manifest.migrations):
        raise TooNew
    if manifest.key_ring != sealing.ring_mark():
        raise WrongKeyRing
