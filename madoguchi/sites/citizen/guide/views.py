"""Pages that explain: the top page, questions that lead to a procedure, texts of the city, counters."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from madoguchi.common import clock
from madoguchi.contract.selectors import booking_rules, wards
from madoguchi.sites.citizen.guide import presenters
from madoguchi.sites.citizen.guide.accessibility import statement
from madoguchi.sites.citizen.guide.forms import GuideForm
from madoguchi.sites.citizen.pages import page, texts
from madoguchi.web.kept import LANGUAGE, speak
from madoguchi.web.policies import open_to_everyone


@open_to_everyone
@require_safe
def show_top(request: HttpRequest) -> HttpResponse:
    """Show what this is, the two things to do, and the earliest offices (仕様書 4(3)イ)."""
    return page(request, "guide/top", {"top": presenters.top()})


@open_to_everyone
@require_safe
def ask(request: HttpRequest) -> HttpResponse:
    """Lead somebody through questions to the procedures needed, or to the counter that helps."""
    guide = GuideForm.of(request.GET.dict())
    if LANGUAGE in request.GET:
        same = presenters.same_question(guide, request.GET.get("asked", ""))
        return speak(redirect(reverse("citizen:guide-wizard") + same), request.GET[LANGUAGE])
    changed = request.GET.get("change", "")
    if guide.ward_page and not changed:
        return redirect("citizen:reserve-ward", name=guide.ward_page)
    name = changed if changed in guide.answers else guide.open_question
    if name:
        form = guide.only(name, is_pressed=request.GET.get("asked") == name)
        return page(request, "guide/question", presenters.question(guide, name) | {"form": form})
    return page(request, "guide/wanted", {"wanted": presenters.wanted(guide)})


@open_to_everyone
@require_safe
def show_questions(request: HttpRequest) -> HttpResponse:
    """Show all questions and answers the city has approved."""
    return page(request, "guide/faq", {"questions": texts("faq")})


@open_to_everyone
@require_safe
def show_wards(request: HttpRequest) -> HttpResponse:
    """Show the counter of a ward."""
    return page(
        request,
        "guide/wards",
        {"wards": wards(), "ward": presenters.ward_counter(request.GET.get("ward", ""))},
    )


@open_to_everyone
@require_safe
def show_offices(request: HttpRequest) -> HttpResponse:
    """Show every office that takes bookings."""
    return page(request, "guide/offices", {"wards": presenters.offices_by_ward()})


@open_to_everyone
@require_safe
def show_how_to(request: HttpRequest) -> HttpResponse:
    """Show how to use the site."""
    return page(request, "guide/how_to", {"minutes": booking_rules(clock.now()).hold_minutes})


@open_to_everyone
@require_safe
def show_accessibility(request: HttpRequest) -> HttpResponse:
    """Show what the city says of accessibility, and what was looked at and found (仕様書 4(3)ア)."""
    text = next(map(presenters.text_of, texts("accessibility")), None)
    return page(request, "guide/accessibility", {"text": text, "statement": statement()})


@open_to_everyone
@require_safe
def show_text(request: HttpRequest, name: str) -> HttpResponse:
    """Show a text of the city: privacy."""
    found = texts(name)
    if not found:
        raise Http404
    return page(request, "guide/text", {"text": presenters.text_of(found[0])})
