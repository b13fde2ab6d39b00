"""Every page says who may open it, and the public ones are where one expects them."""

import inspect
from collections.abc import Callable, Iterator

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from madoguchi.web.middleware import API_APP_NAME, ENTRANCE, OWN_SIGN_IN, PUBLIC
from madoguchi.web.policies import POLICY

MAY_BE_PUBLIC = ("madoguchi.sites.citizen", "madoguchi.web", "madoguchi.config")
# Libraries whose pages the middleware closes unless it lists them.
CLOSED_UNLESS_LISTED = ("allauth.", "django.views.")


def pages(resolver: URLResolver | None = None, route: str = "/") -> Iterator[tuple[str, URLPattern]]:
    for each in (resolver or get_resolver()).url_patterns:
        here = f"{route}{each.pattern}"
        if isinstance(each, URLPattern):
            yield here, each
        elif each.app_name != API_APP_NAME:
            yield from pages(each, here)


PAGES = list(pages())


@pytest.mark.parametrize(("route", "page"), PAGES, ids=[route for route, _ in PAGES])
def test_every_page_says_who_may_open_it(route, page):
    if page.callback in POLICY:
        return
    assert page.callback.__module__.startswith(CLOSED_UNLESS_LISTED), (
        f"{route}: add @open_to(...) or @open_to_everyone as the outermost decorator"
    )


@pytest.mark.parametrize(("route", "page"), PAGES, ids=[route for route, _ in PAGES])
def test_only_the_citizen_site_and_the_sign_in_are_public(route, page):
    policy = POLICY.get(page.callback)
    if policy is not None and policy.everyone:
        assert page.callback.__module__.startswith(MAY_BE_PUBLIC), route


def methods(view: Callable[..., object]) -> Iterator[str]:
    """Yield the methods that the decorators of a view let through."""
    while view:
        facts = inspect.getclosurevars(view).nonlocals
        yield from facts.get("request_method_list", ())
        view = getattr(view, "__wrapped__", None)


def test_what_answers_get_answers_head():
    assert sum("GET" in methods(page.callback) for _, page in PAGES) > 30
    assert [
        route
        for route, page in PAGES
        if "GET" in (allowed := set(methods(page.callback))) and "HEAD" not in allowed
    ] == []


def test_a_policy_names_somebody():
    assert all(policy.everyone != bool(policy.permissions) for policy in POLICY.values())


@pytest.mark.parametrize("name", sorted(ENTRANCE | OWN_SIGN_IN))
def test_the_pages_of_libraries_that_are_open_exist(name):
    assert reverse(name, kwargs={"pk": 1} if name in {"mfa_edit_webauthn", "mfa_remove_webauthn"} else None)


def test_no_page_is_listed_twice():
    assert len(ENTRANCE | OWN_SIGN_IN | PUBLIC) == len(ENTRANCE) + len(OWN_SIGN_IN) + len(PUBLIC)
