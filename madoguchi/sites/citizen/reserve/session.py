"""What one browser typed on the way to a booking: sealed on its booking session, never in an address."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Self

from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac
from django.utils.translation import get_language

from madoguchi.common import clock
from madoguchi.common.errors import ContentChanged
from madoguchi.contract.selectors import booking_rules, program
from madoguchi.reservations.availability import Run
from madoguchi.reservations.booking_sessions import (
    BookingSessionRow,
    find_session,
    held_runs,
    renew_token,
    save_form_data,
)
from madoguchi.reservations.errors import HoldExpired
from madoguchi.reservations.people import Details, Person
from madoguchi.reservations.rules import visit_days
from madoguchi.reservations.submissions import Created, created_together
from madoguchi.sealing.shown import shown
from madoguchi.web.cookies import read_cookie, set_cookie
from madoguchi.workflows.booking.offering import slots_for
from madoguchi.workflows.booking.sessions import start_session

# The name that open browsers know.
COOKIE = "hold"
P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Member:
    """One of those who come, as far as typed. Plain values only: it is kept as JSON."""

    procedures: tuple[str, ...] = ()
    card_expires_on: str = ""
    cert_expires_on: str = ""
    # The certificate is over, so it is issued anew instead of renewed: said on the pages that follow.
    is_new_issue: bool = False
    typed_procedures: Mapping[str, Any] = field(default_factory=dict)
    typed_details: Mapping[str, Any] = field(default_factory=dict)
    person: Mapping[str, Any] = field(default_factory=dict)

    def visit_days(self) -> tuple[date | None, date | None]:
        """Return the first and last day on which the visit makes sense, None where nothing bounds it."""
        return visit_days(
            procedures=self.procedures,
            card_expires_on=as_day(self.card_expires_on),
            cert_expires_on=as_day(self.cert_expires_on),
            window_months=booking_rules(clock.now()).renewal_window_months,
        )

    def as_person(self) -> Person:
        """Return who comes, with the dates of expiry as they stand now."""
        facts: dict[str, Any] = dict(self.person)
        kept: dict[str, Any] = facts.pop("details")
        details: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in kept.items()
        }
        details |= {"card_expires_on": self.card_expires_on, "cert_expires_on": self.cert_expires_on}
        born = date.fromisoformat(facts.pop("birth_date"))
        # The one in which the last page was read.
        facts["language"] = get_language()
        return Person(**facts, birth_date=born, details=Details(**details))


@dataclass(frozen=True, slots=True)
class FormData:
    """All that one browser has typed: how many come, each of them, and where to."""

    people: int = 1
    members: tuple[Member, ...] = ()
    office: str = ""
    postal_code: str = ""
    # Where and when would do, for somebody who waits for a seat instead of choosing a time.
    wish: Mapping[str, Any] = field(default_factory=dict)
    # The reservation with which the person comes along, "" for a new visit.
    joins: str = ""

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Self:
        """Return the form data a session keeps, empty where another version of the software wrote it."""
        try:
            members = tuple(
                Member(**{**each, "procedures": tuple(each["procedures"])})
                for each in kept.get("members", ())
            )
            return cls(**{**kept, "members": members})
        except (KeyError, TypeError):
            return cls()

    def member(self, number: int) -> Member:
        """Return the first, second, ... person; an empty one where nothing was typed yet."""
        return self.members[number - 1] if number <= len(self.members) else Member()

    def with_member(self, number: int, member: Member) -> Self:
        """Return the form data with this person in place of the one of that number, or as the next."""
        return replace(self, members=(*self.members[: number - 1], member, *self.members[number:]))

    def without(self, number: int) -> Self:
        """Return the form data of one person fewer."""
        return replace(
            self,
            people=max(1, self.people - 1),
            members=(*self.members[: number - 1], *self.members[number:]),
        )

    @property
    def codes(self) -> tuple[tuple[str, ...], ...]:
        """The procedures of each person."""
        return tuple(member.procedures for member in self.members)

    @property
    def nameless(self) -> int:
        """The number of the first person whose details are still to be typed, 0 when there is none."""
        return next((number for number, each in enumerate(self.members, start=1) if not each.person), 0)

    def visit_days(self) -> tuple[date | None, date | None]:
        """Return the first and last day on which the visit makes sense for all."""
        each = [member.visit_days() for member in self.members]
        firsts, lasts = [first for first, _ in each if first], [last for _, last in each if last]
        return max(firsts, default=None), min(lasts, default=None)


@dataclass(frozen=True, slots=True)
class OpenSession:
    """The booking session of this browser, not booked yet, with what was typed."""

    token: str
    row: BookingSessionRow
    form_data: FormData

    def save(self, **changes: Any) -> "OpenSession":
        """Keep changes of what was typed. Raises HoldExpired once gone or booked, and ContentChanged."""
        form_data = replace(self.form_data, **changes)
        kept = save_form_data(token=self.token, form_data=asdict(form_data), before=self.row.form_data)
        return replace(self, form_data=form_data, row=replace(self.row, form_data=kept))

    def save_member(self, number: int, **changes: Any) -> "OpenSession":
        """Keep changes of one person. Raises HoldExpired as `save`."""
        form_data = self.form_data
        return self.save(
            members=form_data.with_member(number, replace(form_data.member(number), **changes)).members
        )

    def renewed(self, request: HttpRequest) -> "OpenSession":
        """Return the session under the token that follows from a form; the one before opens nothing."""
        token = _next_token(request)
        renew_token(token=self.token, new_token=token)
        return replace(self, token=token)

    @property
    def visit_shown(self) -> str:
        """What a step shows before the last: how many come, what for and when, or where somebody waits."""
        return shown(
            "visit to be",
            str(self.row.id),
            self.form_data.people,
            self.form_data.joins,
            self.form_data.codes,
            [(each.card_expires_on, each.cert_expires_on) for each in self.form_data.members],
            sorted(self.form_data.wish.items()),
            self.row.slot_ids,
        )

    @property
    def has_lost_its_time(self) -> bool:
        """Tell whether the minutes ran out and somebody else took a seat; no other tab of ours did it."""
        return self.row.held_until is not None and not self.row.is_live and self._runs() is None

    def runs(self) -> list[Run] | None:
        """Return who comes when, None while no time is held that fits."""
        return self._runs() if self.row.is_live else None

    def _runs(self) -> list[Run] | None:
        slot_counts = [slots_for(codes) for codes in self.form_data.codes]
        return held_runs(self.row, slot_counts=slot_counts, slot_minutes=program().slot_minutes)


def session_of(request: HttpRequest) -> OpenSession:
    """Return the session of this browser. Raises HoldExpired when there is none with a procedure chosen."""
    session = session_or_none(request)
    if session is None or not session.form_data.members:
        raise HoldExpired
    return session


def form_data_of(request: HttpRequest) -> FormData:
    """Return what this browser has typed so far, nothing when there is no session."""
    session = session_or_none(request)
    return session.form_data if session else FormData()


def begin_or_go_on(
    request: HttpRequest, source: str, *, number: int, people: int, **changes: Any
) -> OpenSession:
    """Keep the first step of a person in this browser's session, or in a new one. Raises TooManyTries."""
    session = session_or_none(request)
    form_data = session.form_data if session else FormData()
    form_data = form_data.with_member(number, replace(form_data.member(number), **changes))
    if session is not None:
        with _renewed(request, session) as under_new_token:
            return under_new_token.save(people=people, members=form_data.members[:people])
    return begin(source, replace(form_data, people=people))


def begin(source: str, form_data: FormData) -> OpenSession:
    """Begin a new session. Raises TooManyTries."""
    token = start_session(source=source, form_data=asdict(form_data))
    row = find_session(token)
    return OpenSession(token, row, FormData.of(row.form_data))


def remember(response: HttpResponse, session: OpenSession) -> HttpResponse:
    """Give the browser the token of its session."""
    set_cookie(response, COOKIE, session.token)
    return response


def renews_token(
    view: Callable[Concatenate[HttpRequest, OpenSession, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, OpenSession, P], HttpResponse]:
    """Keep what a form says of a person under a new token.

    Whoever put the old one into this browser reads nothing of what is typed here.
    """

    @wraps(view)
    def renewed(
        request: HttpRequest, session: OpenSession, /, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponse:
        if request.method != "POST":
            return view(request, session, *args, **kwargs)
        with _renewed(request, session) as under_new_token:
            return remember(view(request, under_new_token, *args, **kwargs), under_new_token)

    return renewed


@contextmanager
def _renewed(request: HttpRequest, session: OpenSession) -> Iterator[OpenSession]:
    """Give the session its next token; where the form is refused, the browser goes on with the one before."""
    renewed = session.renewed(request)
    try:
        yield renewed
    except ContentChanged:
        renew_token(token=renewed.token, new_token=session.token)
        raise


def _next_token(request: HttpRequest) -> str:
    """Return the token after the one the browser sent.

    It follows from the whole form, so that the second of two equal presses, which still comes with the old
    token, finds what the first has made. Nobody else knows the form, the token against forgery included.
    """
    sent = f"{read_cookie(request, COOKIE)}\0{request.POST.urlencode()}"
    return salted_hmac("citizen.hold", sent, algorithm="sha256").hexdigest()


def booked(request: HttpRequest) -> list[Created]:
    """Return what this browser's session has booked, in the order of the people; nothing when it has not."""
    _token, row = _find_row(request)
    return created_together(row.reservation) if row and row.reservation else []


def booked_as(request: HttpRequest) -> str:
    """Return what the page showed whose press booked this browser's session, "" while it is not booked."""
    _token, row = _find_row(request)
    return row.booked_as if row else ""


def session_or_none(request: HttpRequest) -> OpenSession | None:
    """Return the session of this browser, however little was typed; None once it is booked or gone."""
    token, row = _find_row(request)
    if row is None or row.reservation:
        return None
    return OpenSession(token, row, FormData.of(row.form_data))


def _find_row(request: HttpRequest) -> tuple[str, BookingSessionRow | None]:
    """Return the browser's session with its token; the second of two presses finds what the first made."""
    token = read_cookie(request, COOKIE)
    for each in (token, _next_token(request)) if token and request.method == "POST" else (token,):
        with suppress(HoldExpired):
            return each, find_session(each)
    return token, None


def as_day(text: str) -> date | None:
    """Return an ISO date, None for ""."""
    return date.fromisoformat(text) if text else None
