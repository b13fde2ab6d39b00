"""What lists of staff have in common: pages, filters and the order, all in the address.

What an address asks for and nobody can read filters nothing: the list shows no rows and says so, and what was
typed stays in its field.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.http import QueryDict

from madoguchi.common.texts import clean_line
from madoguchi.web.days import parse_filter_day

MAX_PAGE_DIGITS = 9
MAX_SEARCH_LENGTH = 100


def page_of(*, number: int, size: int, total: int) -> Page[int]:
    """Return where in a list we are; beyond its end that is its last page."""
    return Paginator(range(total), size).get_page(number)


def typed_text(query: QueryDict, name: str) -> str:
    """Return what somebody typed into a search box: one line as it is seen, and not too long."""
    return clean_line(query.get(name, ""))[:MAX_SEARCH_LENGTH]


def whole_number(text: str) -> int:
    """Return the number that stands in an address, 0 for nonsense and for more than nine digits."""
    return int(text) if text.isdecimal() and len(text) <= MAX_PAGE_DIGITS else 0


def page_number(text: str) -> int:
    """Return the page a person asked for, the first when it is not a number."""
    return whole_number(text) or 1


def unread_day(query: QueryDict, name: str) -> str:
    """Return the sentence about a day that cannot be read, "" for a day and for none."""
    typed = query.get(name, "")
    if not typed.strip() or parse_filter_day(typed):
        return ""
    return f"「{clean_line(typed)}」は日にちとして読み取れません。2026-12-01 のように入力してください"


def unread_choice(query: QueryDict, name: str, values: Iterable[str]) -> str:
    """Return the sentence about a choice that there is not, "" where each is one of these, or empty."""
    known = {"", *values}
    unknown = next((each for each in query.getlist(name) if each not in known), "")
    return f"「{clean_line(unknown)}」という条件はありません。選び直してください" if unknown else ""


def unread_page(query: QueryDict) -> str:
    """Return the sentence about a page number that cannot be read, "" for a number and for none."""
    typed = query.get("page", "")
    return f"ページの番号「{clean_line(typed)}」を読み取れません" if typed and not whole_number(typed) else ""


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a filter or a select."""

    value: str
    label: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class DateField:
    """One date of a filter; with an error it holds what was typed."""

    name: str
    label: str
    value: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter of a list: a small form of its own that opens below its button."""

    label: str
    name: str = ""
    type: str = "checkbox"
    chosen: str = ""
    clear_url: str = ""
    options: Sequence[Option] = ()
    dates: Sequence[DateField] = ()
    links: Sequence[tuple[str, str]] = ()
    error: str = ""

    @property
    def errors(self) -> list[str]:
        """The sentences about what cannot be read, each with the name of the filter."""
        found = [self.error, *(each.error for each in self.dates)]
        return [f"{self.label}：{each}" for each in found if each]


def options(choices: Iterable[tuple[str, str]], chosen: Collection[str]) -> tuple[Option, ...]:
    """Return choices with those chosen marked."""
    return tuple(Option(value, str(label), value in chosen) for value, label in choices)


def choice_filter(
    *, name: str, label: str, choices: Iterable[tuple[str, str]], query: QueryDict, one: bool = False
) -> Filter:
    """Return a filter of some choices with what the address says is chosen."""
    rows = options(choices, query.getlist(name))
    chosen = [row.label for row in rows if row.chosen and row.value]
    return Filter(
        label=label,
        name=name,
        type="radio" if one else "checkbox",
        chosen=chosen[0] if len(chosen) == 1 else f"{len(chosen)}つ選択" if chosen else "",
        clear_url=without(query, name),
        options=rows,
        error=unread_choice(query, name, [row.value for row in rows]),
    )


def unread_in(query: QueryDict, filters: Iterable[Filter] = ()) -> list[str]:
    """Return the sentences about everything that a list cannot read, its page number included."""
    found = [error for each in filters for error in each.errors]
    return [*found, *filter(None, [unread_page(query)])]


def without(query: QueryDict, *names: str) -> str:
    """Return the address of the list without these filters, and back on its first page."""
    return with_values(query, **dict.fromkeys((*names, "page")))


def with_values(query: QueryDict, **values: str | int | None) -> str:
    """Return the address of the list with some values set, or left out where None."""
    changed = query.copy()
    for name, value in values.items():
        changed.pop(name, None)
        if value is not None:
            changed[name] = str(value)
    return f"?{changed.urlencode()}"


@dataclass(frozen=True, slots=True)
class SortColumn:
    """The head of a column: its address sorts by it, or the other way round."""

    label: str
    url: str = ""
    sorted: str = ""


def sort_column(*, label: str, name: str, query: QueryDict, current: str) -> SortColumn:
    """Return a head that sorts; `current` is the order in force, with "-" for the latest first."""
    is_sorted = current.removeprefix("-") == name
    descending = current.startswith("-")
    return SortColumn(
        label=label,
        url=with_values(
            query, order=f"-{name}" if is_sorted and not descending else name, page=None, open=None
        ),
        sorted=("descending" if descending else "ascending") if is_sorted else "",
    )
