"""The fingerprint of shown content in every form, and the page shown again after a change.

Forms carry it as `seen` (web/components/seen.html). The workflow compares it under its lock; what only a page
knows, the view compares itself.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, TypeVar

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed, QueryDict
from django.shortcuts import redirect, render
from django.utils.html import format_html

from madoguchi.common import births, era
from madoguchi.common.errors import ContentChanged, Refusal
from madoguchi.common.languages import gettext
from madoguchi.sealing.shown import FIELD, refuse_other

CONFLICT = 409
F = TypeVar("F", bound=forms.BaseForm)


def seen_in(request: HttpRequest) -> str:
    """Return the fingerprint that a form carries, "" without one, which never matches."""
    return request.POST.get(FIELD, "")


def carry_seen(request: HttpRequest, now: str) -> str:
    """Return what the form of this page says it showed: while a person mends it, what its first page showed.

    Else whoever mistyped once would overwrite what came in between. A refused press begins anew with `now`.
    """
    pressed = pressed_in(request)
    return now if pressed is None else pressed.get(FIELD, "")


def refuse_unseen(request: HttpRequest, now: str) -> None:
    """Raise ContentChanged where a form was sent that did not show what stands now."""
    if request.method == "POST":
        refuse_other(seen_in(request), now)


def refuse_other_look(request: HttpRequest, now: str) -> None:
    """Raise ContentChanged where a preview was asked for on a page that showed something else.

    A preview is a GET: what its page showed stands in its address, until the page is shown anew.
    """
    if not is_shown_anew(request):
        refuse_other(request.GET.get(FIELD), now)


def is_shown_anew(request: HttpRequest) -> bool:
    """Tell whether the page is shown again after a refused action."""
    return hasattr(request, "changed")


def pressed_in(request: HttpRequest) -> QueryDict | None:
    """Return what a press typed into the form of this page, this one or the refused one before; None else.

    A page that is shown anew asks again for what a person decides: a tick, a time.
    """
    return None if is_shown_anew(request) else typed_in(request)


def typed_in(request: HttpRequest) -> QueryDict | None:
    """Return what was typed into the form of this page, also by a press that was refused; None before."""
    return request.POST if request.method == "POST" else getattr(request, "typed", None)


def typed_form(request: HttpRequest, make: Callable[..., F], **facts: object) -> F:
    """Return a form with what was typed into it; after a refused press its fields say what stands now."""
    form = make(typed_in(request), **facts)
    if is_shown_anew(request):
        say_what_stands(form)
    return form


def say_what_stands(form: forms.BaseForm) -> None:
    """Say in the hint of each field what stands there now, where something else was typed."""
    typed = form.cleaned_data if form.is_valid() else getattr(form, "cleaned_data", {})
    for name, field in form.fields.items():
        stands = form.get_initial_for_field(field, name)
        if form.is_bound and (name not in typed or _read(field, stands) != _unordered(typed[name])):
            now = gettext("いまの内容：%(value)s") % {
                "value": _format_value(field, stands) or gettext("なし")
            }
            form[name].help_text = format_html("{} <strong>{}</strong>", field.help_text, now)


def _read(field: forms.Field, value: Any) -> Any:
    """Return a value as its field reads it: what is typed may be written in several ways."""
    widget, shown = field.widget, field.prepare_value(value)
    if isinstance(widget, forms.MultiWidget):
        shown = widget.decompress(value)
    elif isinstance(widget, forms.DateTimeInput):
        shown = widget.format_value(shown)  # without the seconds that the control does not show
    try:
        return _unordered(field.clean(shown))
    except ValidationError:
        return _unordered(value)


def _unordered(value: Any) -> Any:
    return {str(each) for each in value} if isinstance(value, list | tuple) else value


def _format_value(field: forms.Field, value: Any) -> str:
    """Return a value as the person who types it would read it."""
    if isinstance(value, datetime):
        return era.staff_datetime(value)
    if isinstance(value, date | births.PartialDate):
        return births.format_birth_date(value)
    labels = {str(key): str(label) for key, label in getattr(field, "choices", ())}
    if isinstance(value, bool):
        return gettext("はい") if value else gettext("いいえ")
    values = value if isinstance(value, list | tuple) else [value]
    return "、".join(labels.get(str(each), str(each)) for each in values if each not in {None, ""})


def answer_press(request: HttpRequest, act: Callable[[], object], *, done: str, page: str) -> HttpResponse:
    """Do what a button stands for, say `done` or why it was refused, and redirect to the address `page`.

    Where that page showed something else than what stands now, it is the one shown anew (ContentChanged).
    """
    try:
        act()
    except ContentChanged:
        raise ContentChanged(page=page) from None
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, done)
    return redirect(page)


def show_anew(request: HttpRequest, refusal: ContentChanged) -> HttpResponseBase:
    """Show the page as it stands now, with the sentence above it; nothing was done.

    Where the page is no longer the one to look at, say so with the way to that one.
    """
    match = request.resolver_match
    if match is None:
        raise refusal
    request.typed = request.POST  # type: ignore[attr-defined]  # read by `typed_in`
    request.method, request.POST = "GET", QueryDict()  # the press is over
    request.changed = refusal.message  # type: ignore[attr-defined]  # read by the frame of every page
    response: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
    if not (response.has_header("Location") or response.status_code == HttpResponseNotAllowed.status_code):
        if response.status_code == HttpResponse.status_code:
            response.status_code = CONFLICT
        return response
    to = response.get("Location") or str(refusal.fields.get("page", "/"))
    is_staff = bool(getattr(request, "is_staff_side", False))
    page = "web/staff/changed.html" if is_staff else "changed.html"
    answer = render(request, page, {"to": to}, status=CONFLICT)
    answer.headers["Cache-Control"] = "no-store"
    return answer
