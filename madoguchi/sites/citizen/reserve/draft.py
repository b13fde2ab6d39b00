"""What one browser typed on the way to a booking: sealed on its hold, never in a session or an address."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Any, Self

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language

from madoguchi.common import clock
from madoguchi.contract.selectors import booking_rules
from madoguchi.reservations.errors import HoldExpired
from madoguchi.reservations.holds import HoldRow, find_hold, save_draft
from madoguchi.reservations.people import Details, Person
from madoguchi.reservations.rules import visit_days
from madoguchi.reservations.services import created_before
from madoguchi.workflows.booking import start_hold

COOKIE = "hold"
PATH = "/reserve/"


@dataclass(frozen=True, slots=True)
class Draft:
    """Plain values only: it is kept as JSON."""

    procedures: tuple[str, ...] = ()
    card_expires_on: str = ""
    cert_expires_on: str = ""
    # The certificate is over, so it is issued anew instead of renewed: said on the pages that follow.
    is_new_issue: bool = False
    office: str = ""
    postal_code: str = ""
    typed_procedures: Mapping[str, Any] = field(default_factory=dict)
    typed_details: Mapping[str, Any] = field(default_factory=dict)
    person: Mapping[str, Any] = field(default_factory=dict)
    # Where and when would do, for somebody who waits for a seat instead of choosing a time.
    wish: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Self:
        """Return the draft a hold keeps."""
        return cls(**{**kept, "procedures": tuple(kept.get("procedures", ()))})

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
class Attempt:
    """A draft with the hold it lies on."""

    token: str
    hold: HoldRow
    draft: Draft

    def save(self, **changes: Any) -> "Attempt":
        """Keep changes of the draft. Raises HoldExpired when it is gone or already booked."""
        draft = replace(self.draft, **changes)
        save_draft(token=self.token, draft=asdict(draft))
        return replace(self, draft=draft)


def attempt_of(request: HttpRequest) -> Attempt:
    """Return the attempt of this browser. Raises HoldExpired when there is none with a procedure chosen."""
    attempt = _open_attempt(request)
    if attempt is None or not attempt.draft.procedures:
        raise HoldExpired
    return attempt


def draft_of(request: HttpRequest) -> Draft:
    """Return what this browser has typed so far, an empty draft when there is none."""
    attempt = _open_attempt(request)
    return attempt.draft if attempt else Draft()


def begin_or_go_on(request: HttpRequest, source: str, **changes: Any) -> Attempt:
    """Keep the first step in this browser's attempt, or in a new one. Raises TooManyTries."""
    attempt = _open_attempt(request)
    if attempt is not None:
        return attempt.save(**changes)
    token = start_hold(source=source, draft=asdict(Draft(**changes)))
    hold = find_hold(token)
    return Attempt(token, hold, Draft.of(hold.draft))


def remember(response: HttpResponse, attempt: Attempt) -> HttpResponse:
    """Give the browser the token of its attempt."""
    response.set_cookie(
        COOKIE, attempt.token, path=PATH, httponly=True, samesite="Lax", secure=settings.HTTPS
    )
    return response


def booked_link(request: HttpRequest) -> str:
    """Return the token of the link to what this browser's attempt has booked, "" when it has not."""
    hold = _hold(request)
    return created_before(hold.reservation).link_token if hold and hold.reservation else ""


def _open_attempt(request: HttpRequest) -> Attempt | None:
    hold = _hold(request)
    if hold is None or hold.reservation:
        return None
    return Attempt(request.COOKIES[COOKIE], hold, Draft.of(hold.draft))


def _hold(request: HttpRequest) -> HoldRow | None:
    try:
        return find_hold(request.COOKIES.get(COOKIE, ""))
    except HoldExpired:
        return None


def as_day(text: str) -> date | None:
    """Return an ISO date, None for ""."""
    return date.fromisoformat(text) if text else None
