"""Pages for staff: each with an address that means something, and what an answer holds."""

import re

from django.urls import URLPattern, URLResolver, get_resolver

from madoguchi.web.policies import POLICY

ANY = {"int": "1", "uuid": "00000000-0000-4000-8000-000000000000", "day": "2026-12-15"}

PLACEHOLDER = re.compile(r"\{\w*\}")
NOT_READ = re.compile(r"<(textarea|script|style)\b.*?</\1>|<[^>]*>", re.DOTALL)


def staff_pages(resolver=None, route="/", site=""):
    """Yield name, route and view of every page that asks for a permission."""
    for each in (resolver or get_resolver()).url_patterns:
        here = f"{route}{each.pattern}"
        if isinstance(each, URLResolver):
            yield from staff_pages(each, here, each.app_name or site)
        elif isinstance(each, URLPattern) and (policy := POLICY.get(each.callback)) and policy.permissions:
            yield f"{site}:{each.name}", here, each


def address(route, page, **values):
    """Return the address of a page; what is not given gets a value of the right kind."""
    for name, converter in page.pattern.converters.items():
        kind = type(converter).__name__.removesuffix("Converter").lower()
        value = str(values.get(name, ANY.get(kind, "nothing")))
        route = route.replace(f"<{kind}:{name}>", value).replace(f"<str:{name}>", value)
    return route


def page(response):
    """Return the HTML of an answer."""
    return response.content.decode()


def placeholders(response):
    """Return the {placeholders} that a reader of a page sees, but for those in a field to write in."""
    return PLACEHOLDER.findall(NOT_READ.sub(" ", page(response)))
