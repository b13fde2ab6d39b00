"""What went wrong, as problem details (RFC 9457) with a stable `code`; what was sent is never repeated."""

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Final

from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from pydantic import BaseModel, Field

from madoguchi.common.errors import NotVisible, Refusal
from madoguchi.common.forbidden import ForbiddenValue, refuse_forbidden
from madoguchi.common.phones import read_phone
from madoguchi.web.errors import TRY_AGAIN_SECONDS
from madoguchi.workflows.booking.sessions import WINDOW_MINUTES

CONTENT_TYPE: Final = "application/problem+json"


class Fault(BaseModel):
    """One field that has to be sent otherwise."""

    field: str = Field(
        description="項目の名前。見出し（ヘッダー）のときは Idempotency-Key など。不明な項目のときは空"
    )
    message: str = Field(description="どう送り直せばよいか")


class Problem(BaseModel):
    """Problem details. Decide by `code`, show `detail`."""

    type: str = Field(description="urn:madoguchi:problem: に code を続けたもの")
    title: str
    status: int
    detail: str = Field(description="利用者に見せてよい文")
    code: str = Field(description="変わらない識別子")
    errors: list[Fault] | None = None


class Unreadable(Refusal):
    """The body is no JSON object."""

    code = "invalid_json"
    message = "本文を読み取れません。UTF-8 の JSON オブジェクトを送ってください。"


class WrongContentType(Refusal):
    """The body is sent as something else than JSON, as the form of a web page is."""

    code = "wrong_content_type"
    message = "本文は、Content-Type: application/json で送ってください。"


class TooLarge(Refusal):
    """The body is larger than any booking."""

    code = "too_large"
    message = "本文が大きすぎます。16キロバイトまでで送ってください。"


class Invalid(Refusal):
    """Some fields have to be sent otherwise; `fields["errors"]` maps each to a sentence."""

    code = "invalid"
    message = "送られた内容に、直すところがあります。errors をご覧ください。"


class OutsideCity(Refusal):
    """The address seems to lie in another city, and nobody has said that the person is registered here."""

    code = "outside_city"
    message = (
        "住所が市の外のようです。住所を直すか、住民登録が市内にあることをご本人に確かめて、"
        "lives_in_city に true を送ってください。"
    )


class TokenMissing(Refusal):
    """No token, or one that is unknown or revoked."""

    code = "unauthorized"
    message = "有効なトークンが必要です。Authorization: Bearer に続けて送ってください。"


class Unavailable(Refusal):
    """The database is away, as while another server takes over."""

    code = "unavailable"
    message = "ただいま受け付けられません。少したってから、同じ Idempotency-Key でもう一度送ってください。"


class NotOffered(Refusal):
    """The city has not approved booking by partners."""

    code = "not_offered"
    message = "この窓口からの予約は、受け付けていません。"


STATUS: Final[Mapping[str, HTTPStatus]] = {
    "slot_full": HTTPStatus.CONFLICT,
    "deadline_passed": HTTPStatus.CONFLICT,
    "not_yet_open": HTTPStatus.CONFLICT,
    "duplicate": HTTPStatus.CONFLICT,
    "already_cancelled": HTTPStatus.CONFLICT,
    "contact_used_up": HTTPStatus.CONFLICT,
    "changed_meanwhile": HTTPStatus.PRECONDITION_FAILED,
    "too_many_tries": HTTPStatus.TOO_MANY_REQUESTS,
    Unreadable.code: HTTPStatus.BAD_REQUEST,
    TooLarge.code: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    WrongContentType.code: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    TokenMissing.code: HTTPStatus.UNAUTHORIZED,
    NotOffered.code: HTTPStatus.NOT_FOUND,
    NotVisible.code: HTTPStatus.NOT_FOUND,
    "no_program_loaded": HTTPStatus.SERVICE_UNAVAILABLE,
    Unavailable.code: HTTPStatus.SERVICE_UNAVAILABLE,
}


def problem(refusal: Refusal, **more: object) -> HttpResponse:
    """Return what a service refused; `more` are members of its own, such as `alternatives`."""
    status = STATUS.get(refusal.code, HTTPStatus.UNPROCESSABLE_ENTITY)
    errors = dict(refusal.fields.get("errors", {}))  # type: ignore[call-overload]  # ours alone: a mapping
    if field := refusal.fields.get("field"):
        errors[field] = refusal.message
    if errors:
        more["errors"] = [{"field": name, "message": message} for name, message in errors.items()]
    content = {
        "type": f"urn:madoguchi:problem:{refusal.code}",
        "title": type(refusal).message,
        "status": status,
        "detail": refusal.message,
        "code": refusal.code,
        **more,
    }
    response = HttpResponse(json.dumps(content, ensure_ascii=False), status=status, content_type=CONTENT_TYPE)
    response["Cache-Control"] = "no-store"
    if status == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = "Bearer"
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response["Retry-After"] = str(TRY_AGAIN_SECONDS)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        response["Retry-After"] = str(WINDOW_MINUTES * 60)
    return response


def answer_with_problems(api: NinjaAPI, schemas: Sequence[type[BaseModel]]) -> None:
    """Make an API answer every refusal as a problem; the fields of `schemas` say what each must hold."""
    says = {
        field.alias or name: str(field.description)
        for schema in schemas
        for name, field in schema.model_fields.items()
    }

    @api.exception_handler(Refusal)
    def refused(_request: HttpRequest, refusal: Refusal) -> HttpResponse:
        return problem(refusal)

    @api.exception_handler(RequestDataTooBig)
    def too_large(_request: HttpRequest, _error: Exception) -> HttpResponse:
        return problem(TooLarge())

    @api.exception_handler(OperationalError)
    @api.exception_handler(InterfaceError)
    def unavailable(_request: HttpRequest, _error: Exception) -> HttpResponse:
        return problem(Unavailable())

    @api.exception_handler(HttpError)
    def http_error(_request: HttpRequest, error: HttpError) -> HttpResponse:
        # ninja wraps what reading the body raises, and knows no token but none.
        if isinstance(error.__cause__, Refusal):
            return problem(error.__cause__)
        return problem(TokenMissing() if error.status_code == HTTPStatus.UNAUTHORIZED else Unreadable())

    @api.exception_handler(ValidationError)
    def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
        # A forbidden number outweighs every other fault, wherever it stands: also in a field we do not know.
        if forbidden := _forbidden(request):
            field, refusal = forbidden
            name = field if field in says else ""
            return problem(ForbiddenValue(refusal.message, errors={name: refusal.message}))
        return problem(_complaint(error, says))


def _forbidden(request: HttpRequest) -> tuple[str, ForbiddenValue] | None:
    """Return the first field of the body that holds a number we may not keep."""
    try:
        sent = json.loads(request.body)
    except ValueError:
        return None
    for field, value in sent.items() if isinstance(sent, dict) else ():
        try:
            if not (field == "phone" and _is_phone(value)):
                # A text as it is: written as JSON, a newline in it would be a letter.
                text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
                refuse_forbidden(field)
                refuse_forbidden(text)
        except ForbiddenValue as refusal:
            return field, refusal
    return None


def _is_phone(value: object) -> bool:
    try:
        return bool(read_phone(str(value)))
    except Refusal:
        return False


def _complaint(error: ValidationError, says: Mapping[str, str]) -> Refusal:
    faults = {}
    for each in error.errors:
        field = next((name for name in map(str, each["loc"]) if name in says), "")
        if not field and each["type"] != "extra_forbidden":
            return Unreadable()
        faults[field] = says.get(field, "受け付けていない項目です。")
    return Invalid(errors=faults)
