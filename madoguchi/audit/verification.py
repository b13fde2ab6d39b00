"""Verify the audit trail against its seals, and export it so that others can verify it (仕様書 6)."""

from collections.abc import Iterator
from dataclasses import dataclass

from madoguchi.audit.keys import SealKeys, numbers, seal_keys
from madoguchi.audit.models import AuditEntry, AuditSeal, AuditSealedEntry
from madoguchi.audit.rules import FORMAT, NOTHING, canonical, leaf, root
from madoguchi.audit.seals import entry_facts, instant, seal_facts, unsealed
from madoguchi.common import clock

RECENT_SEALS = 3


@dataclass(frozen=True, slots=True)
class Printed:
    """The number and root of a seal printed on paper, beyond the reach of a database administrator."""

    number: int
    root: str


def faults(*, printed: Printed | None = None) -> Iterator[str]:
    """Yield a sentence for every deviation of the trail from its seals.

    Only a printed root shows that the latest seals were removed together with their entries.
    """
    yield from _faults_since(1)
    yield from _missed()
    if printed:
        yield from _unlike(printed)


def recent_faults() -> list[str]:
    """Return the faults of the latest seals; cheap enough for every hour."""
    last = AuditSeal.objects.order_by("number").last()
    return list(_faults_since(max(1, last.number - RECENT_SEALS + 1))) if last else []


def log_lines() -> Iterator[bytes]:
    """Yield the sealed trail as lines of JSON: keys, then each seal and its entries, then how many there are.

    `scripts/verify_audit_log.py` says what each line holds. What no seal holds yet is counted, not written.
    """
    keys = seal_keys()
    public = {name: numbers(key) for name, key in keys.public.items()} if keys else {}
    yield canonical({"format": FORMAT, "exported_at": instant(clock.now()), "keys": public})
    seals = written = 0
    for seal in AuditSeal.objects.order_by("number").iterator():
        places = _places(seal)
        yield canonical(
            {
                "seal": seal_facts(seal),
                "root": bytes(seal.root).hex(),
                "signature": bytes(seal.signature).hex(),
                "leaves": [sealed.hex() for _, sealed in places],
            }
        )
        entries = AuditEntry.objects.in_bulk([entry for entry, _ in places])
        for entry, _ in places:
            if entry in entries:
                yield canonical(entry_facts(entries[entry]))
        seals, written = seals + 1, written + len(entries)
    yield canonical({"end": {"seals": seals, "entries": written, "waiting": unsealed().count}})


def _faults_since(first: int) -> Iterator[str]:
    keys = seal_keys()
    before = AuditSeal.objects.filter(number=first - 1).first()
    number, previous = first, bytes(before.root) if before else NOTHING
    for seal in AuditSeal.objects.filter(number__gte=first).order_by("number").iterator():
        if seal.number != number:
            yield f"封印 第{number}号が消されています（次は第{seal.number}号です）。"
        elif bytes(seal.previous) != previous:
            yield f"封印 第{number}号が、その前の封印につながりません。前の封印が入れ替えられています。"
        for fault in _faults_of(seal, keys):
            yield f"封印 第{seal.number}号: {fault}"
        number, previous = seal.number + 1, bytes(seal.root)


def _faults_of(seal: AuditSeal, keys: SealKeys | None) -> Iterator[str]:
    places = _places(seal)
    sealed_root = root([leaf(canonical(seal_facts(seal))), *(sealed for _, sealed in places)])
    if sealed_root != bytes(seal.root) or len(places) != seal.entries:
        yield "封印の内容か、記録の一覧（追加・除外・順序）が書き換えられています。"
    if keys is None or seal.key not in keys.public:
        yield f"鍵 {seal.key} が AUDIT_KEYS にないため、署名を確かめられません。"
    elif not keys.is_signed(seal.key, bytes(seal.root), bytes(seal.signature)):
        yield "署名が正しくありません。"
    entries = AuditEntry.objects.in_bulk([entry for entry, _ in places])
    for entry, sealed in places:
        if entry not in entries:
            yield f"記録 {entry} が消されています。"
        elif leaf(canonical(entry_facts(entries[entry]))) != sealed:
            yield f"記録 {entry} が書き換えられています。"


def _missed() -> Iterator[str]:
    """Yield unsealed entries whose id lies in a sealed range."""
    last = AuditSeal.objects.order_by("number").last()
    if last is None:
        return
    slipped_in = AuditEntry.objects.filter(auditsealedentry=None, transaction__lt=last.horizon).order_by("pk")
    for entry in slipped_in.values_list("pk", flat=True):
        yield f"記録 {entry} がどの封印にもありません。封印の外から加えられたか、封印から外されています。"


def _unlike(printed: Printed) -> Iterator[str]:
    seal = AuditSeal.objects.filter(number=printed.number).first()
    if seal is None:
        yield f"控えにある封印 第{printed.number}号がありません。末尾が切り取られています。"
    elif bytes(seal.root).hex() != printed.root:
        yield f"封印 第{printed.number}号の照合値が控えと違います。そこまでのどこかが作り直されています。"


def _places(seal: AuditSeal) -> list[tuple[int, bytes]]:
    """Return the entries of a seal in order, by key, each with its sealed hash."""
    found = AuditSealedEntry.objects.filter(seal=seal).order_by("place").values_list("entry_id", "leaf")
    return [(entry, bytes(sealed)) for entry, sealed in found]
