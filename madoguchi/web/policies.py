"""Who may open each page. Every view says it with a decorator; web.middleware refuses those that do not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from django.http import HttpRequest, HttpResponseBase
from django.urls import resolve

if TYPE_CHECKING:
    from madoguchi.accounts.kinds import Permission
    from madoguchi.accounts.models import User
    from madoguchi.audit.actor import Actor


class StaffRequest(HttpRequest):
    """A request that web.middleware has let through to a page for staff."""

    user: User
    actor: Actor
    permissions: frozenset[Permission]


@dataclass(frozen=True, slots=True)
class Policy:
    """Everyone, or the holders of any one of the permissions."""

    everyone: bool = False
    permissions: frozenset[Permission] = frozenset()


View = TypeVar("View", bound=Callable[..., HttpResponseBase])
POLICY: dict[Callable[..., HttpResponseBase], Policy] = {}


def may_open(request: StaffRequest, url: str) -> bool:
    """Tell whether this person's permissions open the page for staff at an address."""
    policy = POLICY.get(resolve(url).func)
    return policy is not None and bool(policy.permissions & request.permissions)


def open_to(*permissions: Permission) -> Callable[[View], View]:
    """Open a page to staff who hold any of the permissions. The outermost decorator of the view."""
    return _note(Policy(permissions=frozenset(permissions)))


def open_to_everyone(view: View) -> View:
    """Open a page to the public: the citizen site and the sign-in pages."""
    return _note(Policy(everyone=True))(view)


def _note(policy: Policy) -> Callable[[View], View]:
    def note(view: View) -> View:
        POLICY[view] = policy
        return view

    return note
