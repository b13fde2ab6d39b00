"""The people within a scope, as a condition for queries."""

from django.db.models import Q

from madoguchi.accounts.scope import PeopleScope


def reservations_in(scope: PeopleScope, path: str = "") -> Q:
    """Return the condition that a reservation is within a scope; `path` leads to it."""
    if scope.is_everywhere:
        return Q()
    at_office = Q(**{f"{path}office__in": scope.offices})
    return at_office | Q(**{f"{path}applicant__ward_code__in": scope.wards})


def waits_in(scope: PeopleScope) -> Q:
    """Return the condition that somebody waits for an office of a scope; the list does not know wards."""
    return Q() if scope.is_everywhere else Q(offices__overlap=sorted(scope.offices))
