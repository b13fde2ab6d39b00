"""What the pages of a booking show, as text only: templates decide nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from madoguchi.common.languages import listed
from madoguchi.contract.rows import ProcedureRow
from madoguchi.contract.selectors import procedures, visit_minutes

STEPS = (
    gettext_lazy("手続き"),
    gettext_lazy("郵便局"),
    gettext_lazy("日にちと時間"),
    gettext_lazy("お名前など"),
    gettext_lazy("確認"),
    gettext_lazy("完了"),
)
# So many days beyond a month are looked at for closures that cross its end.
MARGIN = 10


@dataclass(frozen=True, slots=True)
class Step:
    """One of the six steps, and whether it is done, now, next or later."""

    number: int
    name: str
    state: str


def steps(now: int) -> list[Step]:
    """Return the steps as they stand on the page of one of them."""
    state = {-1: "done", 0: "now", 1: "next"}
    return [
        Step(number, str(name), state.get(min(max(number - now, -1), 2), "later"))
        for number, name in enumerate(STEPS, start=1)
    ]


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """A row of a description list. `typed` lines are shown as they were typed."""

    term: str
    lines: Sequence[str]
    soft: Sequence[str] = ()
    change: str = ""
    typed: bool = False
    strong: bool = False


@dataclass(frozen=True, slots=True)
class SummaryGroup:
    """A description list with its heading; where several come, whose number and typed name it has."""

    title: str
    rows: list[SummaryRow]
    number: int = 0
    name: str = ""


def chosen(codes: Sequence[str]) -> list[ProcedureRow]:
    """Return the rows of these procedures in the order in which citizens see them."""
    return [row for row in procedures() if row.code in codes]


def format_visit_length(codes: Sequence[str]) -> str:
    """Return how long the visit takes, in words."""
    return _("所要時間 約%(minutes)d分") % {"minutes": visit_minutes(codes)}


def summary(codes: Sequence[Sequence[str]]) -> list[str]:
    """Say for whom a time is chosen: procedures and length of a visit, or how many come."""
    if len(codes) > 1:
        return [_("%(people)d人分") % {"people": len(codes)}]
    return [listed(row.name for row in chosen(codes[0])), format_visit_length(codes[0])]


def person_label(number: int) -> str:
    """Return 「2人目の方」."""
    return _("%(number)d人目の方") % {"number": number}


@dataclass(frozen=True, slots=True)
class Link:
    """A link with its words; no href, no link."""

    label: str
    href: str


def said_of(number: int, text: str) -> str:
    """Return what is said of one of several people; 0: only one comes, and it need not be said of whom."""
    return _("%(person)s：%(reason)s") % {"person": person_label(number), "reason": text} if number else text
