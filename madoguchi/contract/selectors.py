"""Read the contract. Every page calls these: each is one cheap query, cached for a moment."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db.models import QuerySet

from madoguchi.common import clock
from madoguchi.common.cache import cached
from madoguchi.common.calendar import Calendar
from madoguchi.common.languages import MAIN, gettext, spoken
from madoguchi.contract import models
from madoguchi.contract.errors import NoProgramLoaded
from madoguchi.contract.kinds import CalendarCode, ProposalKind, ProposalState
from madoguchi.contract.rows import (
    BelongingRow,
    BranchOfficeRow,
    CalendarDayRow,
    CalendarRow,
    ContractRow,
    GuidanceRow,
    PostalAreaRow,
    ProcedureRow,
    ProgramRow,
    RuleRow,
    WardRow,
    WaveRow,
)
from madoguchi.contract.rules import RULES, BookingRules, minutes_needed, read_rule_value, relay_deadline

R = TypeVar("R", bound=ContractRow)

# Wards before what lies in them: the order in which rows are written.
TABLES: Mapping[type[ContractRow], Any] = {
    ProgramRow: models.Program,
    WaveRow: models.Wave,
    WardRow: models.Ward,
    BranchOfficeRow: models.BranchOffice,
    PostalAreaRow: models.PostalArea,
    CalendarRow: models.BusinessCalendar,
    CalendarDayRow: models.CalendarDay,
    ProcedureRow: models.Procedure,
    BelongingRow: models.Belonging,
    GuidanceRow: models.GuidanceText,
}


def rows_of(kind: type[R], **filters: object) -> tuple[R, ...]:
    """Return the rows of a kind in their order, in the reader's words."""
    found = TABLES[kind].objects.filter(**filters).values(*kind.columns())
    rows = (kind(**{name: _frozen(value) for name, value in values.items()}) for values in found)
    return tuple(spoken(row, kind.SPOKEN) for row in rows)


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


@cached
def program() -> ProgramRow:
    """Return the program; raises NoProgramLoaded before the first pack is loaded."""
    found = rows_of(ProgramRow)
    if not found:
        raise NoProgramLoaded
    return found[0]


@cached
def waves() -> tuple[WaveRow, ...]:
    """Return the waves in the order of their opening."""
    return rows_of(WaveRow)


@cached
def wards() -> tuple[WardRow, ...]:
    """Return the wards in the order of their codes."""
    return rows_of(WardRow)


@cached
def _postal_areas() -> Mapping[str, PostalAreaRow]:
    # All of them, some hundreds in a city: one query for many bookings, and no memory by what visitors type.
    return {row.postal_code: row for row in rows_of(PostalAreaRow)}


def postal_areas() -> Collection[PostalAreaRow]:
    """Return the areas of all postal codes of the city."""
    return _postal_areas().values()


def postal_area(postal_code: str) -> PostalAreaRow | None:
    """Return the area of a postal code (7 digits), or None; nobody is refused without one."""
    return _postal_areas().get(postal_code)


def calendar(code: CalendarCode) -> Calendar:
    """Return a calendar with all its holidays; raises NoProgramLoaded when there is none of that name."""
    try:
        return _calendars()[code]
    except KeyError:
        raise NoProgramLoaded from None


@cached
def _calendars() -> Mapping[str, Calendar]:
    """Return all calendars by code in one query: most pages need several."""
    by_code: dict[str, list[Any]] = {}
    for code, *rest in models.BusinessCalendar.objects.values_list(
        "code", "name", "closed_weekdays", "days__day", "days__is_open", "days__reason"
    ):
        by_code.setdefault(code, []).append(rest)
    return {code: _calendar(rows) for code, rows in by_code.items()}


def _calendar(rows: list[Any]) -> Calendar:
    name, closed_weekdays, *_ = rows[0]
    days = [(day, is_open, gettext(reason)) for *_, day, is_open, reason in rows if day is not None]
    return Calendar(
        name=name,
        closed_weekdays=frozenset(closed_weekdays),
        closed={day: reason for day, is_open, reason in days if not is_open},
        opened=frozenset(day for day, is_open, _ in days if is_open),
    )


@cached
def procedures(*, enabled_only: bool = True) -> tuple[ProcedureRow, ...]:
    """Return the procedures in the order in which citizens see them."""
    return tuple(row for row in rows_of(ProcedureRow) if row.is_enabled or not enabled_only)


def visit_minutes(codes: Collection[str]) -> int:
    """Return 所要時間, the time the procedures of one visit need: the one number shown (仕様書 4(3)ア).

    How long its seats are taken is another fact: that goes by whole slots.
    """
    return minutes_needed([row for row in procedures(enabled_only=False) if row.code in codes])


def visit_ends_at(starts_at: datetime, codes: Collection[str]) -> datetime:
    """Return when a visit for these procedures is expected to be over."""
    return starts_at + timedelta(minutes=visit_minutes(codes))


@cached
def belongings() -> tuple[BelongingRow, ...]:
    """Return the things to bring in their order."""
    return rows_of(BelongingRow)


def belongings_for(procedure_codes: Collection[str]) -> tuple[BelongingRow, ...]:
    """Return the things to bring for these procedures, in order, without duplicates (仕様書 4(5)ウ)."""
    codes = set(procedure_codes)
    return tuple(row for row in belongings() if not row.procedures or codes & set(row.procedures))


@cached
def _texts(language: str) -> tuple[GuidanceRow, ...]:
    """Return all texts, each in a language where it is there, else in Japanese."""
    rows = rows_of(GuidanceRow, language__in={language, MAIN})
    written = {row.name: row for row in rows if row.language == language}
    return tuple(written.get(row.name, row) for row in rows if row.language == MAIN)


@cached
def _decided_texts() -> tuple[tuple[str, str, Mapping[str, Any], datetime], ...]:
    """Return (language, name, content, since when) of each approved text; the last one applies."""
    found = models.Proposal.objects.filter(kind=ProposalKind.TEXT, state=ProposalState.APPROVED)
    return tuple(
        (row.language, row.scope, row.content, row.effective_from)
        for row in found.order_by("effective_from", "pk")
    )


def guidance(prefix: str, *, language: str = MAIN) -> tuple[GuidanceRow, ...]:
    """Return the texts whose name is the prefix or lies below it: `faq` gives `faq.fee` and the others.

    All of them for "". Each as the city approved it last, or as the pack says it; one that is not
    there in the language asked for comes in Japanese.
    """
    return tuple(row for row, is_removed in _guidance(prefix, language) if not is_removed)


def removed_guidance(prefix: str, *, language: str = MAIN) -> tuple[GuidanceRow, ...]:
    """Return the texts that the city decided to remove in a language, as they read last."""
    return tuple(row for row, is_removed in _guidance(prefix, language) if is_removed)


def _guidance(prefix: str, language: str) -> Iterator[tuple[GuidanceRow, bool]]:
    """Yield each text and whether it is removed.

    One removed in Japanese is gone in every language, one removed in another comes in Japanese there.
    """
    now = clock.now()
    decided = {
        (spoken_in, name): content for spoken_in, name, content, since in _decided_texts() if since <= now
    }
    main = {row.name: row for row in _texts(MAIN)} if language != MAIN and decided else {}
    for row in _texts(language):
        if prefix and row.name != prefix and not row.name.startswith(f"{prefix}."):
            continue
        is_removed = bool(decided.get((MAIN, row.name), {}).get("is_removed"))
        spoken_in = language if (language, row.name) in decided else row.language
        if not is_removed and decided.get((spoken_in, row.name), {}).get("is_removed"):
            row, spoken_in = main[row.name], MAIN  # noqa: PLW2901 - the Japanese one takes its place
        text = decided.get((spoken_in, row.name), {})
        said = {"language": spoken_in, "title": text["title"], "body": text["body"]} if text else {}
        yield replace(row, **said), is_removed


def _rules_that_count() -> QuerySet[models.Rule]:
    """Exclude versions withdrawn before they took effect."""
    return models.Rule.objects.exclude(proposal__state=ProposalState.WITHDRAWN)


@cached
def _rule_versions() -> tuple[tuple[str, str, object, datetime], ...]:
    """Return all versions; the one that applies is the last."""
    found = _rules_that_count().order_by("effective_from", "pk")
    return tuple(found.values_list("key", "scope", "value", "effective_from"))


def booking_rules(at: datetime, office: str = "") -> BookingRules:
    """Return the rules in force at an instant, with the overrides of one office.

    Versions that this release no longer knows, for the program or for an office, stay in the history and are
    passed over.
    """
    in_force: dict[str, Any] = {}
    for wanted in {"": 0, office: 1}:
        in_force |= {
            key: read_rule_value(key, value)
            for key, value in _versions_of(wanted, at).items()
            if value is not None and key in RULES and (RULES[key].by_office or not wanted)
        }
    return BookingRules(**in_force)


def own_rules(at: datetime, office: str) -> frozenset[str]:
    """Return the rules for which an office has a value of its own at an instant."""
    return frozenset(key for key, value in _versions_of(office, at).items() if value is not None)


def _versions_of(scope: str, at: datetime) -> Mapping[str, object]:
    """Return the last version of each rule that the program or an office has at an instant."""
    return {key: value for key, of, value, since in _rule_versions() if of == scope and since <= at}


def rules_in_force(at: datetime) -> tuple[RuleRow, ...]:
    """Return the version of each rule that applies at an instant, of the program and of each office."""
    found = (
        _rules_that_count().filter(effective_from__lte=at).order_by("scope", "key", "effective_from", "pk")
    )
    latest = {(values["scope"], values["key"]): values for values in found.values(*RuleRow.__slots__)}
    return tuple(RuleRow(**values) for values in latest.values())


def rule_history(scope: str = "") -> tuple[RuleRow, ...]:
    """Return every version of the rules of the program or of one office, the newest first."""
    found = _rules_that_count().filter(scope=scope).order_by("-effective_from", "-pk")
    return tuple(RuleRow(**values) for values in found.values(*RuleRow.__slots__))


def loaded_pack() -> Mapping[str, Any]:
    """Return the content of the pack loaded last, empty before the first."""
    latest = models.LoadedPack.objects.order_by("-pk").first()
    return latest.content if latest else {}


def check_deadline(booked_at: datetime) -> datetime:
    """Return until when a reservation made at an instant is looked through (仕様書 4(6)ア)."""
    return relay_deadline(
        clock.to_jst(booked_at).date(), booking_rules(clock.now()), calendar(CalendarCode.CITY)
    )
