"""People to be called, one list for every site: reminders, offers, stopped times (仕様書 4(3)ア, 4(5)ウ)."""

from dataclasses import dataclass

# One word for each result, on buttons and in rows.
NOT_CALLED, REACHED, ABSENT, TOLD = "未連絡", "つながった", "不在", "伝えた"


@dataclass(frozen=True, slots=True)
class CallLine:
    """One person; `url` opens the line, with the number in clear; `has_focus` where the keyboard begins."""

    when: str
    place: str
    name: str
    kana: str
    phone: str
    about: str
    tone: str
    state: str
    url: str
    is_open: bool = False
    has_focus: bool = False


@dataclass(frozen=True, slots=True)
class CallResult:
    """A button below the list: what came of the call with the person whose line is open."""

    value: str
    word: str
    key: str
    is_main: bool = False


@dataclass(frozen=True, slots=True)
class Undo:
    """The last result, which one press takes back: whose it is and which, and the fields that say so."""

    name: str
    word: str
    fields: tuple[tuple[str, str], ...]


def call_state(*, tries: int, reached: bool = False) -> tuple[str, str]:
    """Return tone and word of the calls to a person so far."""
    if reached:
        return "done", REACHED
    return ("running", f"{ABSENT} {tries}回") if tries else ("neutral", NOT_CALLED)
