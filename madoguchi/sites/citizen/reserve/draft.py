"""What one browser typed on the way to a booking: sealed on its hold, never in a session or an address."""

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
from madoguchi.reservations.errors import HoldExpired
from madoguchi.reservations.holds import HoldRow, find_hold, held_runs, renew_token, save_draft
from madoguchi.reservations.people import Details, Person
from madoguchi.reservations.rules import visit_days
from madoguchi.reservations.submissions import Created, created_together
from madoguchi.sealing.shown import shown
from madoguchi.web.cookies import read_cookie, set_cookie
from madoguchi.workflows.booking.offering import slots_for
from madoguchi.workflows.booking.sessions import start_hold

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
class Draft:
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
        """Return the draft a hold keeps, an empty one where another version of the software wrote it."""
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
        """Return the draft with this person in place of the one of that number, or as the next."""
        return replace(self, members=(*self.members[: number - 1], member, *self.members[number:]))

    def without(self, number: int) -> Self:
        """Return the draft of one person fewer."""
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
class Attempt:
    """A draft with the hold it lies on."""

    token: str
    hold: HoldRow
    draft: Draft

    def save(self, **changes: Any) -> "Attempt":
        """Keep changes of the draft. Raises HoldExpired once it is gone or booked, and ContentChanged."""
        draft = replace(self.draft, **changes)
        kept = save_draft(token=self.token, draft=asdict(draft), before=self.hold.draft)
        return replace(self, draft=draft, hold=replace(self.hold, draft=kept))

    def save_member(self, number: int, **changes: Any) -> "Attempt":
        """Keep changes of one person. Raises HoldExpired as `save`."""
        draft = self.draft
        return self.save(members=draft.with_member(number, replace(draft.member(number), **changes)).members)

    def renewed(self, request: HttpRequest) -> "Attempt":
        """Return the attempt under the token that follows from a form; the one before opens nothing."""
        token = _next_token(request)
        renew_token(token=self.token, new_token=token)
        return replace(self, token=token)

    @property
    def visit_shown(self) -> str:
        """What a step shows before the last: how many come, what for and when, or where somebody waits."""
        return shown(
            "visit to be",
            str(self.hold.id),
            self.draft.people,
            self.draft.joins,
            self.draft.codes,
            [(each.card_expires_on, each.cert_expires_on) for each in self.draft.members],
            sorted(self.draft.wish.items()),
            self.hold.slot_ids,
        )

    @property
    def has_lost_its_time(self) -> bool:
        """Tell whether the minutes ran out and somebody else took a seat; no other tab of ours did it."""
        return self.hold.held_until is not None and not self.hold.is_live and self._runs() is None

    def runs(self) -> list[Run] | None:
        """Return who comes when, None while no time is held that fits."""
        return self._runs() if self.hold.is_live else None

    def _runs(self) -> list[Run] | None:
        lengths = [slots_for(codes) for codes in self.draft.codes]
        return held_runs(self.hold, lengths=lengths, slot_minutes=program().slot_minutes)


def attempt_of(request: HttpRequest) -> Attempt:
    """Return the attempt of this browser. Raises HoldExpired when there is none with a procedure chosen."""
    attempt = attempt_or_none(request)
    if attempt is None or not attempt.draft.members:
        raise HoldExpired
    return attempt


def draft_of(request: HttpRequest) -> Draft:
    """Return what this browser has typed so far, an empty draft when there is none."""
    attempt = attempt_or_none(request)
    return attempt.draft if attempt else Draft()


def begin_or_go_on(request: HttpRequest, source: str, *, number: int, people: int, **changes: Any) -> Attempt:
    """Keep the first step of a person in this browser's attempt, or in a new one. Raises TooManyTries."""
    attempt = attempt_or_none(request)
    draft = attempt.draft if attempt else Draft()
    draft = draft.with_member(number, replace(draft.member(number), **changes))
    if attempt is not None:
        with _renewed(request, attempt) as under_new_token:
            return under_new_token.save(people=people, members=draft.members[:people])
    return begin(source, replace(draft, people=people))


def begin(source: str, draft: Draft) -> Attempt:
    """Begin a new attempt. Raises TooManyTries."""
    token = start_hold(source=source, draft=asdict(draft))
    hold = find_hold(token)
    return Attempt(token, hold, Draft.of(hold.draft))


def remember(response: HttpResponse, attempt: Attempt) -> HttpResponse:
    """Give the browser the token of its attempt."""
    set_cookie(response, COOKIE, attempt.token)
    return response


def renews_token(
    view: Callable[Concatenate[HttpRequest, Attempt, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, Attempt, P], HttpResponse]:
    """Keep what a form says of a person under a new token.

    Whoever put the old one into this browser reads nothing of what is typed here.
    """

    @wraps(view)
    def renewed(request: HttpRequest, attempt: Attempt, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if request.method != "POST":
            return view(request, attempt, *args, **kwargs)
        with _renewed(request, attempt) as under_new_token:
            return remember(view(request, under_new_token, *args, **kwargs), under_new_token)

    return renewed


@contextmanager
def _renewed(request: HttpRequest, attempt: Attempt) -> Iterator[Attempt]:
    """Give the attempt its next token; where the form is refused, the browser goes on with the one before."""
    renewed = attempt.renewed(request)
    try:
        yield renewed
    except ContentChanged:
        renew_token(token=renewed.token, new_token=attempt.token)
        raise


def _next_token(request: HttpRequest) -> str:
    """Return the token after the one the browser sent.

    It follows from the whole form, so that the second of two equal presses, which still comes with the old
    token, finds what the first has made. Nobody else knows the form, the token against forgery included.
    """
    sent = f"{read_cookie(request, COOKIE)}\0{request.POST.urlencode()}"
    return salted_hmac("citizen.hold", sent, algorithm="sha256").hexdigest()


def booked(request: HttpRequest) -> list[Created]:
    """Return what this browser's attempt has booked, in the order of the people; nothing when it has not."""
    _token, hold = _hold(request)
    return created_together(hold.reservation) if hold and hold.reservation else []


def booked_as(request: HttpRequest) -> str:
    """Return what the page showed whose press booked this browser's attempt, "" while it is not booked."""
    _token, hold = _hold(request)
    return hold.booked_as if hold else ""


def attempt_or_none(request: HttpRequest) -> Attempt | None:
    """Return the attempt of this browser, however little was typed; None once it is booked or gone."""
    token, hold = _hold(request)
    if hold is None or hold.reservation:
        return None
    return Attempt(token, hold, Draft.of(hold.draft))


def _hold(request: HttpRequest) -> tuple[str, HoldRow | None]:
    """Return the browser's attempt with its token; the second of two presses finds what the first made."""
    token = read_cookie(request, COOKIE)
    for each in (token, _next_token(request)) if token and request.method == "POST" else (token,):
        with suppress(HoldExpired):
            return each, find_hold(each)
    return token, None


def as_day(text: str) -> date | None:
    """Return an ISO date, None for ""."""
    return date.fromisoformat(text) if text else None
