"""The API: offices and free times for everybody, reservations for partners (仕様書 4(3)ア)."""

import json
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date, datetime
from http import HTTPStatus
from operator import itemgetter
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import conditional_page
from ninja import Header, NinjaAPI, Query
from ninja.decorators import decorate_view
from ninja.openapi.schema import OpenAPISchema
from ninja.parser import Parser
from ninja.security import HttpBearer
from ninja.types import TCallable

from madoguchi.accounts.partners import active_partners, fingerprint
from madoguchi.audit.actor import Actor
from madoguchi.common import clock
from madoguchi.common.cache import cached
from madoguchi.common.errors import NotVisible
from madoguchi.common.references import ReferenceUnreadable, read_reference
from madoguchi.common.texts import clean_line
from madoguchi.contract.addresses import seems_outside
from madoguchi.contract.selectors import postal_area, procedures, program, visit_minutes
from madoguchi.offices.selectors import office, offices
from madoguchi.reservations.availability import Start as FreeStart
from madoguchi.reservations.availability import run_from
from madoguchi.reservations.errors import AlreadyCancelled, ChangeUnclear, SlotFull
from madoguchi.reservations.people import Details, Person, refuse_unclear_change
from madoguchi.reservations.selectors import version
from madoguchi.sites.api.problems import (
    CONTENT_TYPE,
    Invalid,
    NotOffered,
    OutsideCity,
    Problem,
    TooLarge,
    WrongContentType,
    answer_with_problems,
    problem,
)
from madoguchi.sites.api.schemas import (
    AvailabilityQuery,
    Booked,
    Booking,
    Headers,
    Leaving,
    Move,
    Office,
    Procedure,
    ReservationState,
    Start,
    WhatWasSeen,
    WhoAsks,
)
from madoguchi.workflows.booking import book as booking
from madoguchi.workflows.booking import changes
from madoguchi.workflows.booking.conditions import refuse_forbidden_values
from madoguchi.workflows.booking.offering import alternatives, deadlines, open_starts, slots_for, window
from madoguchi.workflows.booking.partners import PartnerVisit, access_as_partner, reload_visit

LARGEST_BODY = 16 * 1024
CHANNEL = "PARTNER"
# As long as the answers themselves are remembered (docs/adr/0015).
BRIEFLY = "public, max-age=2"
# What a proxy or a browser must not keep: an answer about one reservation.
NEVER = "no-store"
# 503: the database is being changed over; the same request may be sent again.
ALWAYS = {503: Problem}
UNCHANGED = {304: None} | ALWAYS
REFUSALS_OF_A_PARTNER = dict.fromkeys((400, 401, 404, 409, 413, 415, 422), Problem) | ALWAYS


class SmallJson(Parser):
    """JSON of a size that one reservation may have."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        """Return what was sent. Raises WrongContentType and TooLarge."""
        if request.content_type != "application/json":
            raise WrongContentType
        if len(request.body) > LARGEST_BODY:
            raise TooLarge
        return super().parse_body(request)


class PartnerToken(HttpBearer):
    """The token of a partner (manage.py issue_api_token)."""

    def __call__(self, request: HttpRequest) -> Actor | None:
        """Return who acts. Raises NotOffered before the city has approved."""
        if not settings.PARTNER_API:
            raise NotOffered
        return super().__call__(request)

    def authenticate(self, _request: HttpRequest, token: str) -> Actor | None:
        """Return the partner of a token; a revoked one is refused within two seconds."""
        return _partners().get(fingerprint(token))


class Api(NinjaAPI):
    """An API that answers HEAD where it answers GET.

    Its document says that problems are problems, and which answers may not have changed.
    """

    def get(self, path: str, **kwargs: Any) -> Callable[[TCallable], TCallable]:
        """Register a reader."""
        return self.api_operation(["GET", "HEAD"], path, **kwargs)

    def get_openapi_schema(self, **kwargs: Any) -> OpenAPISchema:
        """Return the document."""
        schema = super().get_openapi_schema(**kwargs)
        for path in schema["paths"].values():
            path.pop("head", None)
            for operation in path.values():
                for status, answer in operation["responses"].items():
                    if status >= HTTPStatus.BAD_REQUEST:
                        answer["content"] = {CONTENT_TYPE: answer["content"].pop("application/json")}
                    if status in (HTTPStatus.OK, HTTPStatus.CREATED):
                        answer["headers"] = {"ETag": {"schema": {"type": "string"}}}
        return schema


_partners = cached(active_partners)
api = Api(
    title="窓口 API",
    version="1",
    description="郵便局での手続きの空き時間と予約。誤りは RFC 9457 の形で返します。",
    docs_url=None,
    parser=SmallJson(),
)
answer_with_problems(api, [AvailabilityQuery, Headers, WhatWasSeen, Booking, Leaving])


@api.get("/offices", response={200: list[Office]} | UNCHANGED, summary="郵便局の一覧")
@decorate_view(conditional_page)
def list_offices(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - ninja knows it by its name
    """Give every office and whether it takes bookings now."""
    now = clock.now()
    return _json(
        [
            {
                "code": row.code,
                "name": row.name,
                "ward": row.ward_name,
                "postal_code": row.postal_code,
                "address": row.address,
                "access": row.access,
                "latitude": row.latitude,
                "longitude": row.longitude,
                "opens_on": row.opens_on.isoformat(),
                "booking_opens_at": _jst(row.booking_opens_at),
                "takes_bookings": row.takes_bookings(now),
            }
            for row in offices()
        ],
        cache=BRIEFLY,
    )


@api.get("/procedures", response={200: list[Procedure]} | UNCHANGED, summary="手続きの一覧")
@decorate_view(conditional_page)
def list_procedures(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - the same
    """Give every procedure that can be booked."""
    return _json(
        [
            {
                "code": row.code,
                "name": row.name,
                "explanation": row.explanation,
                "minutes": visit_minutes([row.code]),
            }
            for row in procedures()
        ],
        cache=BRIEFLY,
    )


@api.get("/availability", response={200: list[Start], 422: Problem} | UNCHANGED, summary="空き時間")
@decorate_view(conditional_page)
def list_availability(request: HttpRequest, wanted: Query[AvailabilityQuery]) -> HttpResponse:  # noqa: ARG001 - the same
    """Give the times at which a visit for the procedures can start, full ones with `free` 0."""
    codes = wanted.procedures.split(",")
    _refuse_unknown(codes, AvailabilityQuery)
    try:
        place = office(wanted.office)
    except NotVisible:
        raise Invalid(errors={"office": AvailabilityQuery.model_fields["office"].description}) from None
    starts = _starts(place.code, tuple(sorted(set(codes))))
    chosen = starts[
        bisect_left(starts, wanted.since, key=itemgetter(0)) : bisect_right(
            starts, wanted.until, key=itemgetter(0)
        )
    ]
    response = HttpResponse(f"[{','.join(text for _, text in chosen)}]", content_type="application/json")
    response["Cache-Control"] = BRIEFLY
    return response


@api.post(
    "/reservations",
    auth=PartnerToken(),
    response={201: Booked} | REFUSALS_OF_A_PARTNER,
    summary="予約",
)
def reserve(request: HttpRequest, headers: Header[Headers], asked: Booking) -> HttpResponse:
    """Book for a citizen, by the rules of the pages; the same key gets the same answer."""
    _refuse_unknown(asked.procedures, Booking)
    codes = tuple(asked.procedures)
    if "FACE_CHANGE" in codes:
        _refuse_unclear(asked)
    person = _person(asked)
    if not asked.lives_in_city and seems_outside(postal_code=person.postal_code, address=person.address):
        refuse_forbidden_values(person)  # This outweighs every other fault.
        raise OutsideCity(field="lives_in_city")
    try:
        created = booking.book(
            booking.BookingRequest(
                visitors=(booking.Visitor(codes, person),),
                slot=asked.slot,
                channel=CHANNEL,
                actor=request.auth,  # type: ignore[attr-defined]  # ninja puts it there
                submission=headers.idempotency_key,
                fingerprint=asked.model_dump_json(),
            )
        )
    except SlotFull as refusal:
        return _full(refusal, asked.slot, codes)
    response = _json(
        {
            "reference": created.reference,
            "office": created.office,
            "starts_at": _jst(created.starts_at),
            "minutes": visit_minutes(asked.procedures),
            "procedures": asked.procedures,
        },
        status=HTTPStatus.CREATED,
    )
    response["ETag"] = _tag(created.id, created.office, created.starts_at, codes, is_booked=True)
    return response


@api.get(
    "/reservations/{str:reference}",
    auth=PartnerToken(),
    response={200: ReservationState, 401: Problem, 404: Problem, 422: Problem, 429: Problem} | ALWAYS,
    summary="予約の照会",
)
def show(request: HttpRequest, reference: str, headers: Header[WhoAsks]) -> HttpResponse:
    """Show one the partner made; of others, with the birth date, all but the place."""
    return _shown_visit(_access(request, reference, headers))


@api.patch(
    "/reservations/{str:reference}",
    auth=PartnerToken(),
    response={200: ReservationState, 412: Problem, 429: Problem} | REFUSALS_OF_A_PARTNER,
    summary="日時の変更",
)
def move(request: HttpRequest, reference: str, headers: Header[WhatWasSeen], asked: Move) -> HttpResponse:
    """Move to another time by the rules of the pages; where it is there already, the answer is the same."""
    found = _access(request, reference, headers)
    try:
        changes.move(
            reservation_id=found.row.id,
            slot=asked.slot,
            actor=request.auth,  # type: ignore[attr-defined]  # ninja puts it there
            channel=CHANNEL,
            seen=headers.if_match.strip('*"') or None,
        )
    except SlotFull as refusal:
        return _full(refusal, asked.slot, found.row.procedures)
    return _shown_visit(reload_visit(found))


@api.delete(
    "/reservations/{str:reference}",
    auth=PartnerToken(),
    response={200: ReservationState, 412: Problem, 429: Problem} | REFUSALS_OF_A_PARTNER,
    summary="取消し",
)
def cancel(
    request: HttpRequest, reference: str, headers: Header[WhatWasSeen], why: Query[Leaving]
) -> HttpResponse:
    """Cancel by the rules of the pages; where it is cancelled already, the answer is the same."""
    found = _access(request, reference, headers)
    with suppress(AlreadyCancelled):
        changes.cancel(
            reservation_id=found.row.id,
            actor=request.auth,  # type: ignore[attr-defined]  # the same
            channel=CHANNEL,
            reason=why.reason,
            seen=headers.if_match.strip('*"') or None,
        )
    return _shown_visit(reload_visit(found))


def _access(request: HttpRequest, reference: str, headers: WhoAsks) -> PartnerVisit:
    """Return the visit of a reference. Raises NotVisible, for what is no reference as well."""
    try:
        return access_as_partner(
            reference=read_reference(clean_line(reference)),
            birth_date=headers.date_of_birth,
            actor=request.auth,  # type: ignore[attr-defined]  # the same
        )
    except ReferenceUnreadable:
        raise NotVisible from None


def _shown_visit(seen: PartnerVisit) -> HttpResponse:
    row = seen.row
    until = deadlines(row.starts_at, row.office)
    response = _json(
        {
            "reference": row.reference,
            "office": row.office if seen.is_own else None,
            "starts_at": _jst(row.starts_at),
            "minutes": visit_minutes(row.procedures),
            "procedures": row.procedures,
            "status": row.status,
            "change_until": _jst(until.change) if row.is_booked else None,
            "cancel_until": _jst(until.cancel) if row.is_booked else None,
        }
    )
    response["ETag"] = _tag(row.id, row.office, row.starts_at, row.procedures, is_booked=row.is_booked)
    return response


def _tag(
    reservation_id: UUID, place: str, starts_at: datetime, codes: Sequence[str], *, is_booked: bool
) -> str:
    tag = version(
        reservation_id=reservation_id,
        office=place,
        starts_at=starts_at,
        is_booked=is_booked,
        procedures=codes,
    )
    return f'"{tag}"'


def _full(refusal: SlotFull, slot: int, codes: Sequence[str]) -> HttpResponse:
    """Return that a time is full, and what is free instead. Raises Invalid where there is no such time."""
    run = run_from(slot, slots=1, slot_minutes=program().slot_minutes)
    if run is None:
        raise Invalid(errors={"slot": Booking.model_fields["slot"].description}) from None
    others = _alternatives(run.office, tuple(sorted(set(codes))))
    return problem(refusal, alternatives=[each for each in others if each["slot"] != slot])


def _person(asked: Booking) -> Person:
    postal_code = asked.postal_code.replace("-", "")
    area = postal_area(postal_code)
    changed_on = asked.changed_on.isoformat() if asked.changed_on else ""
    return Person(
        name=asked.name,
        name_kana=asked.name_kana,
        birth_date=asked.date_of_birth,
        postal_code=postal_code,
        address=asked.address,
        phone=asked.phone,
        email=asked.email,
        ward_code=area.ward if area else "",
        details=Details(
            changes=tuple(asked.changes),
            old_address=asked.old_address,
            new_address=asked.new_address,
            changed_on=changed_on,
        )
        if "FACE_CHANGE" in asked.procedures
        else Details(),
    )


def _refuse_unclear(asked: Booking) -> None:
    try:
        refuse_unclear_change(
            changes=asked.changes, old_address=asked.old_address, new_address=asked.new_address
        )
    except ChangeUnclear as refusal:
        field = str(refusal.fields["field"])
        raise Invalid(errors={field: Booking.model_fields[field].description}) from None


def _refuse_unknown(codes: Sequence[str], schema: type[AvailabilityQuery | Booking]) -> None:
    known = {row.code for row in procedures()}
    if len(set(codes) & known) < len(codes):
        raise Invalid(errors={"procedures": schema.model_fields["procedures"].description})


@cached
def _starts(office_code: str, codes: tuple[str, ...]) -> tuple[tuple[date, str], ...]:
    """Return the day and the JSON of every start of an office; what is asked for is cut out of it."""
    days = window(office(office_code), channel=CHANNEL)
    if days is None:
        return ()
    found = open_starts(
        office_code=office_code, slots=slots_for(codes), within=days, channel=CHANNEL, codes=codes
    )
    return tuple((clock.to_jst(start.starts_at).date(), json.dumps(_shown(start))) for start in found)


@cached
def _alternatives(office_code: str, codes: tuple[str, ...]) -> tuple[dict[str, object], ...]:
    """Return what is offered instead of a full time; many lose at the same one, so it is remembered."""
    found = alternatives(office_code=office_code, slots=slots_for(codes), channel=CHANNEL, codes=codes)
    return tuple(map(_shown, found))


def _shown(start: FreeStart) -> dict[str, object]:
    return {
        "slot": start.slot,
        "office": start.office,
        "starts_at": _jst(start.starts_at),
        "free": start.free,
    }


def _jst(instant: datetime) -> str:
    return clock.to_jst(instant).isoformat()


def _json(content: object, *, status: int = HTTPStatus.OK, cache: str = NEVER) -> HttpResponse:
    text = json.dumps(content, ensure_ascii=False)
    response = HttpResponse(text, status=status, content_type="application/json")
    response["Cache-Control"] = cache
    return response
