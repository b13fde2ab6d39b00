"""How much waits, beside the lines of the navigation."""

from django import template

from madoguchi.workflows.operations.open_work import OpenWork, open_work

register = template.Library()


@register.simple_tag
def waiting_work() -> OpenWork:
    """Return how much waits for the secretariat."""
    return open_work()
