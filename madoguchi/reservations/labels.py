"""Labels for staff sites and documents, in Japanese; citizens read fuller ones, in their language."""

from collections.abc import Iterable

from django.conf import settings

from madoguchi.common import clock
from madoguchi.common.languages import MAIN
from madoguchi.reservations.kinds import CHANGE_LABELS, CONTACT_LABELS, NEED_LABELS
from madoguchi.reservations.search import ListRow, MaskedRow
from madoguchi.reservations.selectors import ReservationRow


def language_label(code: str) -> str:
    """Return the language in which a person reads, "" for Japanese."""
    return "" if code == MAIN else dict(settings.LANGUAGES).get(code, code)


def needs_labels(codes: Iterable[str]) -> tuple[str, ...]:
    """Return the labels of the help wanted at the counter; an unknown code is returned as it is."""
    return tuple(NEED_LABELS.get(code, code) for code in codes)


def notice_channel(row: ListRow) -> str:
    """Return how a person is notified of a disruption: by mail with an address, else as they wished."""
    return "メール" if row.has_email else CONTACT_LABELS.get(row.contact_by, "")


def changes_label(codes: Iterable[str]) -> str:
    """Return in one line what changed on the card, "" for nothing."""
    return "・".join(CHANGE_LABELS.get(code, code) for code in codes)


def state_of(row: ListRow | ReservationRow | MaskedRow) -> tuple[str, str]:
    """Return the tone and label of the state of a reservation; only the unchecked have a filled tone."""
    if row.status == "CANCELLED":
        return "cancelled", "取消し"
    is_checked = row.checked_at is not None
    if row.starts_at <= clock.now() and not is_checked:
        return "neutral", "来局日後"
    return ("done", "確認済") if is_checked else ("attention", "確認待ち")
