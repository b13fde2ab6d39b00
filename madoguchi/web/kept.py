"""A refused form, shown again at an address: Back never asks whether to send it again (仕様書 4(3)ア).

The press is answered by a redirect to the same page with a mark. What was typed lies in `kept_forms` under a
token that only the browser has, in a cookie that goes to this page only; without the mark the page is clean.
What somebody leaves (「戻る」) is kept as well, and shown where they come back to that page.
"""

import json
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language

from madoguchi.common.forbidden import ForbiddenValue, refuse_forbidden
from madoguchi.kept_forms.selectors import kept_form
from madoguchi.kept_forms.services import KEPT_FOR, keep_form
from madoguchi.sealing.shown import FIELD

MARK: Final = "kept"
# The button that leads away from a form names where to, the one that changes the language which.
LEAVE, LANGUAGE = "leave", "language"
NOT_TYPED: Final = frozenset({"csrfmiddlewaretoken", LEAVE, LANGUAGE})
# More than any form of ours holds; what is longer is answered at once, and kept by nobody.
MOST_SIGNS: Final = 20_000


class SeeOther(HttpResponseRedirect):
    """The answer to a press that leads no further: its own page says why, or shows what came of it."""

    status_code = 303


@dataclass(frozen=True, slots=True)
class Kept:
    """What was typed, the sentences by field, and the fields of which nothing may be kept.

    `is_press`: the press was answered; else somebody only left the form, or changed the language.
    """

    typed: QueryDict
    sentences: Mapping[str, list[str]]
    dropped: frozenset[str]
    is_press: bool


def restore_form(request: HttpRequest) -> None:
    """Read what was kept under the mark of this address, for `web.shown.typed_in` and `say_sentences`."""
    kept = _read(request, request.GET.get(MARK, ""))
    if kept is not None:
        request.kept = kept  # type: ignore[attr-defined]
        request.typed = kept.typed  # type: ignore[attr-defined]


def kept_in(request: HttpRequest) -> Kept | None:
    """Return what this page shows again, None where it is clean."""
    return getattr(request, "kept", None)


def is_press(request: HttpRequest) -> bool:
    """Tell whether this page answers a press, not only the way back or another language."""
    kept = kept_in(request)
    return request.method == "POST" or (kept is not None and kept.is_press)


def sentences_in(request: HttpRequest) -> Mapping[str, list[str]]:
    """Return what the refused press before was told, by field."""
    kept = kept_in(request)
    return kept.sentences if kept else {}


def left_in(request: HttpRequest, **same: str) -> QueryDict | None:
    """Return what was typed before somebody left this page, and show it without sentences; None else.

    It must have been typed for the `same`: the person of whom the page speaks.
    """
    kept = _read(request, LEAVE)
    if kept is None or any(kept.typed.get(name, value) != value for name, value in same.items()):
        return None
    # Whoever comes back has pressed nothing yet: the form is shown, not answered once more.
    request.kept = replace(kept, sentences={}, is_press=False)  # type: ignore[attr-defined]
    return kept.typed


def keep_press(request: HttpRequest, form: BaseForm | None) -> HttpResponse | None:
    """Keep a press with what its form says to it, and lead to the page that shows both.

    None where more was sent than anybody types. A press without a sentence led to a page of explanations:
    the form itself shows it again too.
    """
    sentences = {name: list(map(str, errors)) for name, errors in form.errors.items()} if form else {}
    return _keep(request, _marked(request), sentences, is_press=True, is_left=not sentences)


def leave_form(request: HttpRequest, to: str) -> HttpResponse:
    """Keep what was typed until somebody comes back to this page, and lead to another one of ours."""
    is_ours = url_has_allowed_host_and_scheme(to, allowed_hosts=None)
    return _keep(request, "", {}, to=to if is_ours else "/", is_left=True) or redirect("/")


def switch_language(request: HttpRequest) -> HttpResponse:
    """Show the same page in another language, with what was typed and what was said to it."""
    restore_form(request)
    kept = kept_in(request)
    response = _keep(
        request,
        _marked(request),
        kept.sentences if kept else {},
        is_press=kept is not None and kept.is_press,
    ) or SeeOther(request.get_full_path())
    return speak(response, request.POST.get(LANGUAGE, ""))


def speak(response: HttpResponse, language: str) -> HttpResponse:
    """Let the browser remember a language, as Django's `set_language` does."""
    if language and check_for_language(language):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=settings.LANGUAGE_COOKIE_AGE,
            path=settings.LANGUAGE_COOKIE_PATH,
            domain=settings.LANGUAGE_COOKIE_DOMAIN,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
            samesite="Lax",
        )
    return response


def say_sentences(request: HttpRequest, form: BaseForm) -> None:
    """Say to a form that is shown again what the press was told, and nothing else.

    A sentence that the form finds by itself is in the language of now.
    """
    kept = kept_in(request)
    if kept is None or not form.is_bound:
        return
    found = dict(form.errors)
    form.errors.clear()
    for name, sentences in kept.sentences.items():
        if name in form.fields or name == NON_FIELD_ERRORS:
            said = form.error_class(sentences, renderer=form.renderer)
            form.errors[name] = said if name in kept.dropped else found.get(name, said)


def may_be_kept(value: Any) -> bool:
    """Tell whether nothing in a value looks like a My Number or a PIN (仕様書 4(3)ア)."""
    try:
        for text in value if isinstance(value, list) else [value]:
            refuse_forbidden(str(text or ""))
    except ForbiddenValue:
        return False
    return True


def forget_left(request: HttpRequest, response: HttpResponse) -> None:
    """Forget what was left on a page once its form is pressed."""
    name = _cookie(LEAVE)
    if request.method == "POST" and name in request.COOKIES and name not in response.cookies:
        response.delete_cookie(name, path=request.path, samesite="Lax")


def _keep(
    request: HttpRequest,
    mark: str,
    sentences: Mapping[str, Iterable[str]],
    *,
    to: str = "",
    is_press: bool = False,
    is_left: bool = False,
) -> HttpResponse | None:
    # The word of what the page showed is no number, however it looks.
    sent = [(name, values) for name, values in request.POST.lists() if name not in NOT_TYPED]
    typed = {name: values for name, values in sent if name == FIELD or may_be_kept(values)}
    kept = {
        "typed": typed,
        "sentences": sentences,
        "dropped": [name for name, _ in sent if name not in typed],
        "is_press": is_press,
    }
    if len(json.dumps(kept, ensure_ascii=False)) > MOST_SIGNS:
        return None
    query = request.GET.copy()
    query[MARK] = mark
    response = redirect(to) if to else SeeOther(f"{request.path}?{query.urlencode()}")
    token = keep_form(address=request.path, typed=kept)
    for name in ([mark] if mark else []) + ([LEAVE] if is_left else []):
        response.set_cookie(
            _cookie(name),
            token,
            max_age=KEPT_FOR,
            path=request.path,
            httponly=True,
            samesite="Lax",
            secure=settings.HTTPS,
        )
    return response


def _read(request: HttpRequest, name: str) -> Kept | None:
    found = kept_form(address=request.path, token=request.COOKIES.get(_cookie(name), "")) if name else {}
    if not found:
        return None
    typed = QueryDict(mutable=True)
    for field, values in found["typed"].items():
        typed.setlist(field, values)
    return Kept(typed, found["sentences"], frozenset(found["dropped"]), found["is_press"])


def _marked(request: HttpRequest) -> str:
    """Return the mark of this tab, or a new one: two tabs of one page never show each other's words."""
    mark = request.GET.get(MARK, "")
    return mark if re.fullmatch("[0-9a-f]{16}", mark) else secrets.token_hex(8)


def _cookie(name: str) -> str:
    # Not of the whole host: it goes to one page only.
    return f"{'__Secure-' if settings.HTTPS else ''}kept-{name}"
