"""Backup files: encrypted with age, written atomically, each with a manifest.

A folder holds `data/` and `keys/`, which may be mounted from different places. Public keys seal, so the
server cannot read what it wrote; a manifest is plain and holds numbers only.
"""

import errno
import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, Final

import pyrage

from madoguchi.backups import rules
from madoguchi.backups.errors import (
    Damaged,
    DiskFull,
    FolderUnusable,
    Foreign,
    ManifestMissing,
    NameTaken,
    NoIdentity,
    NothingThere,
    WrongIdentity,
    WrongRecipient,
)
from madoguchi.backups.kinds import Part

PROGRAM: Final = "madoguchi"
FORMAT_VERSION: Final = 1
FULL: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
CHUNK_BYTES: Final = 1 << 20
NEW_AND_PRIVATE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL
Recipients = Sequence[Any]
Identities = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Manifest:
    """The content of a file: `tables` has rows and a hash of each, `keyed` the columns that refer to keys."""

    part: Part
    backup: str
    server: str
    key_ring: str
    migrations: tuple[str, ...]
    tables: Mapping[str, tuple[int, str]]
    keyed: tuple[tuple[str, str], ...]
    bytes: int = 0
    sha256: str = ""
    program: str = PROGRAM
    format: int = FORMAT_VERSION


def path_of(folder: Path, backup: str, part: Part) -> Path:
    """Return the path of a part of a backup."""
    return folder / part / f"madoguchi-{backup}.{part}.age"


def manifest_of(path: Path) -> Path:
    """Return the path of the manifest of a file."""
    return path.with_suffix(".json")


def recipients(texts: Sequence[str]) -> Recipients:
    """Read public keys. Raises WrongRecipient."""
    try:
        return [pyrage.x25519.Recipient.from_str(text.strip()) for text in texts]
    except pyrage.RecipientError:
        raise WrongRecipient from None


def identities(path: Path) -> Identities:
    """Read the secret keys of a file as age-keygen writes it. Raises NoIdentity."""
    try:
        lines = path.read_text(encoding="ascii").split("\n")
        found = [
            pyrage.x25519.Identity.from_str(line.strip())
            for line in lines
            if line.strip() and not line.startswith("#")
        ]
    except (OSError, ValueError, pyrage.IdentityError):
        raise NoIdentity from None
    if not found:
        raise NoIdentity
    return found


def new_identity() -> tuple[str, str]:
    """Return a new secret key and the public key that belongs to it."""
    identity = pyrage.x25519.Identity.generate()
    return str(identity), str(identity.to_public())


class _Counted:
    """Counts and hashes what is written, and keeps the OSError that age would turn into text."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.bytes = 0
        self.digest = hashlib.sha256()
        self.error: OSError | None = None

    def write(self, piece: bytes) -> int:
        try:
            self.file.write(piece)
        except OSError as error:
            self.error = error
            raise
        self.bytes += len(piece)
        self.digest.update(piece)
        return len(piece)

    def flush(self) -> None:
        """Do nothing: `whole_file` flushes."""


def seal(source: IO[bytes], file: IO[bytes], keys: Recipients) -> tuple[int, str]:
    """Seal a stream into an open file, and return its size and SHA-256. Raises OSError."""
    counted = _Counted(file)
    try:
        pyrage.encrypt_io(source, counted, keys)
    except pyrage.EncryptError as error:
        raise (counted.error or OSError(str(error))) from None
    return counted.bytes, counted.digest.hexdigest()


def copy(source: Path, path: Path) -> None:
    """Copy a file to another place, atomically."""
    with source.open("rb") as original, whole_file(path) as file:
        while piece := original.read(CHUNK_BYTES):
            file.write(piece)


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """Write a file atomically: to a temporary name, flushed, then renamed.

    Raises NameTaken rather than overwrite, DiskFull, FolderUnusable.
    """
    part = path.with_name(f"{path.name}.part")
    with _told():
        if path.exists():
            raise NameTaken
        path.parent.mkdir(mode=0o700, exist_ok=True)
        try:
            with os.fdopen(os.open(part, NEW_AND_PRIVATE, 0o600), "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            part.rename(path)
            _sync_folder(path.parent)
        except BaseException:
            part.unlink(missing_ok=True)
            raise


@contextmanager
def _told() -> Iterator[None]:
    """Raise DiskFull or FolderUnusable for an OSError."""
    try:
        yield
    except OSError as error:
        raise (DiskFull if error.errno in FULL else FolderUnusable)(detail=str(error)) from error


def _sync_folder(folder: Path) -> None:
    """Flush the folder, so that the new name survives a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def unseal(path: Path, target: Any, keys: Identities) -> None:
    """Decrypt a file into a stream. Raises WrongIdentity, Foreign (no age file), Damaged."""
    with path.open("rb") as file:
        try:
            pyrage.decrypt_io(file, target, keys)
        except pyrage.DecryptError as error:
            raise (WrongIdentity if "No matching keys" in str(error) else Foreign) from None
        except OSError:
            raise Damaged from None


def write_manifest(path: Path, manifest: Manifest) -> None:
    """Write the manifest of a file, which completes the backup."""
    with whole_file(manifest_of(path)) as file:
        file.write(json.dumps(asdict(manifest), ensure_ascii=False, indent=1).encode())


def read_manifest(path: Path) -> Manifest:
    """Read the manifest of a file. Raises ManifestMissing, Foreign."""
    try:
        kept = json.loads(manifest_of(path).read_text(encoding="utf-8"))
        foreign = kept.pop("program") != PROGRAM or kept.pop("format") != FORMAT_VERSION
    except (OSError, ValueError, KeyError, AttributeError):
        raise ManifestMissing from None
    if foreign:
        raise Foreign
    try:
        return Manifest(
            **{
                **kept,
                "part": Part(kept["part"]),
                "migrations": tuple(kept["migrations"]),
                "tables": {name: (int(rows), str(mark)) for name, (rows, mark) in kept["tables"].items()},
                "keyed": tuple((str(table), str(column)) for table, column in kept["keyed"]),
            }
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise ManifestMissing from None


def check_whole(path: Path, manifest: Manifest) -> None:
    """Verify a file against its manifest. Raises Damaged."""
    try:
        with path.open("rb") as file:
            whole = hashlib.file_digest(file, "sha256").hexdigest() == manifest.sha256
    except OSError:
        raise Damaged from None
    if not whole:
        raise Damaged


def stamps(folder: Path, part: Part) -> list[str]:
    """Return the stamps of a folder with this part, the oldest first. Raises FolderUnusable."""
    with _told():
        found = [rules.NAMES.fullmatch(path.name) for path in (folder / part).glob("*.age")]
    return sorted(name[1] for name in found if name and name[2] == part)


def latest(folder: Path) -> tuple[Path, Path]:
    """Return the files of the newest data and of the newest keys. Raises NothingThere."""
    whole = [
        [path for stamp in stamps(folder, part) if manifest_of(path := path_of(folder, stamp, part)).exists()]
        for part in (Part.DATA, Part.KEYS)
    ]
    if not all(whole):
        raise NothingThere
    return whole[0][-1], whole[1][-1]


def remove(folder: Path, part: Part, backup: str) -> None:
    """Delete one part of a backup, the file before its manifest. Raises FolderUnusable."""
    path = path_of(folder, backup, part)
    with _told():
        path.unlink(missing_ok=True)
        manifest_of(path).unlink(missing_ok=True)


def remove_leftovers(folder: Path) -> None:
    """Delete the temporary files of killed runs. Raises FolderUnusable."""
    with _told():
        for path in folder.glob("*/madoguchi-*.part"):
            path.unlink(missing_ok=True)
