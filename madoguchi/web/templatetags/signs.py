"""Signs of how full a day, a time or an office is; shape and word say it, colour only repeats it."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from madoguchi.web.templatetags.icons import icon

register = template.Library()

SIGNS = {
    "free": ("circle", _("空きあり")),
    "few": ("triangle-open", _("残りわずか")),
    "full": ("cross", _("空きなし")),
    "phone": ("phone", _("インターネット受付は終了。お電話で")),
    "closed": ("minus", _("受付日ではありません")),
}


@register.simple_tag
def sign(state: str, *, hide_word: bool = False) -> SafeString:
    """Render a state of SIGNS; with `hide_word` only screen readers get the word."""
    shape, word = SIGNS[state]
    html = '<span class="sign sign-{}">{}<span class="{}">{}</span></span>'
    return format_html(html, state, icon(shape), "visually-hidden" if hide_word else "sign-word", word)
