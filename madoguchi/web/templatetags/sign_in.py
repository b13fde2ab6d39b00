"""What the sign-in page of a training system offers."""

from django import template
from django.conf import settings

from madoguchi.accounts.roles import ROLE_NAMES
from madoguchi.accounts.selectors import demo_accounts

register = template.Library()


@register.simple_tag
def demo_people() -> list[dict[str, str]]:
    """Return the made-up people anybody may be in a training system; nobody in a real one."""
    if not settings.TRAINING:
        return []
    return [
        {
            "username": row.username,
            "name": row.display_name,
            "about": "・".join(dict.fromkeys((row.organisation, *(ROLE_NAMES[role] for role in row.roles)))),
        }
        for row in demo_accounts()
    ]
