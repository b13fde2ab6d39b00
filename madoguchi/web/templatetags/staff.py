"""Small parts of staff pages: the sign of a state, a key printed on a button, a line of the navigation."""

from collections.abc import Iterator
from functools import cache

from django import template
from django.conf import settings
from django.core.paginator import Page
from django.urls import resolve, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from madoguchi.accounts.kinds import Permission
from madoguchi.web.lists import Filter
from madoguchi.web.policies import POLICY
from madoguchi.web.templatetags.icons import icon

register = template.Library()

SIGNS = {
    "done": "check",
    "running": "half",
    "attention": "triangle",
    "overdue": "alert",
    "neutral": "circle",
    "cancelled": "cross",
    "none": "minus",
}


@register.simple_tag
def is_training() -> bool:
    """Tell whether this is the training system, which every page says."""
    return bool(settings.TRAINING)


@register.filter
def page_numbers(page: Page[object]) -> Iterator[str | int]:
    """Return the pages to link, with an ellipsis where some are left out: 1 … 8 9 10 … 17."""
    return page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)


@register.simple_tag
def state(tone: str, word: str) -> SafeString:
    """Show a state as sign, word and colour; only what someone must act on is filled."""
    return format_html('<span class="state state-{}">{}{}</span>', tone, icon(SIGNS[tone]), word)


@register.simple_tag
def key(name: str) -> SafeString:
    """Print a key; the element that carries it says `data-key`, from which keys.js tells screen readers."""
    return format_html('<kbd class="key" aria-hidden="true">{}</kbd>', name)


@register.simple_tag
def bar(value: int, total: int) -> SafeString:
    """Draw how much of a total is used; the figures stand beside it."""
    return format_html(
        '<svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">'
        '<rect width="{}" height="6"/></svg>',
        round(100 * min(value, total) / total) if total else 0,
    )


@register.simple_tag
def choices(of: Filter) -> SafeString:
    """Draw the choices of a filter; a loop in the template took a tenth of the page for 36 offices."""
    checked = SafeString(" checked")
    return format_html_join(
        "",
        '<label class="choice"><input type="{}" name="{}" value="{}"{}>{}</label>',
        ((of.type, of.name, each.value, checked if each.chosen else "", each.label) for each in of.options),
    )


@register.simple_tag
def nav_head(clause: str, label: str) -> SafeString:
    """Name a clause of the specification above the lines that belong to it."""
    return format_html(
        '<li class="sidenav-row sidenav-row-head"><span class="sidenav-clause">{}</span><span>{}</span></li>',
        clause,
        label,
    )


@register.simple_tag(takes_context=True)
def nav_row(context: template.Context, view_name: str, label: str, count: int | str = 0) -> str:
    """Show a line of the navigation to those who may open it; the current feature is marked.

    `count` is how much waits there, shown when there is any.
    """
    request = context["request"]
    url, permissions = _place(view_name)
    if not permissions & request.permissions:
        return ""
    here = request.resolver_match.view_name if request.resolver_match else ""
    # secretariat:closures-list and secretariat:closures-add are one feature.
    is_current = view_name.split("-", maxsplit=1)[0] == here.split("-")[0]
    return format_html(
        '<li><a class="sidenav-row sidenav-row-part" href="{}"{}><span class="sidenav-clause"></span>'
        "<span>{}</span>{}</a></li>",
        url,
        SafeString(' aria-current="page"') if is_current else "",
        label,
        format_html('<span class="sidenav-count">{}<span class="visually-hidden">件</span></span>', count)
        if count
        else "",
    )


@cache
def _place(view_name: str) -> tuple[str, frozenset[Permission]]:
    """Return the address of a page and the permissions of which one opens it."""
    url = reverse(view_name)
    policy = POLICY.get(resolve(url).func)
    return url, policy.permissions if policy else frozenset()
