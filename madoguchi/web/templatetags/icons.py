"""Our own small set of line icons, drawn on a grid of 16, for every site.

They are decoration: a word always stands beside them, so they are hidden from screen readers.
"""

from functools import cache

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

SHAPES = {
    "alert": '<circle cx="8" cy="8" r="7" fill="currentColor" stroke="none"/>'
    '<path d="M8 4v4.6M8 11v.6" stroke="#fff" stroke-width="2"/>',
    "arrow-up": '<path d="M8 13.5v-11M3.5 7 8 2.5 12.5 7"/>',
    "calendar": '<rect x="2" y="3" width="12" height="11" rx="1.5"/><path d="M2 6.5h12M5 1.5v3M11 1.5v3"/>',
    "check": '<path d="m3 8.5 3.5 3.5L13 4.5"/>',
    "check-circle": '<circle cx="8" cy="8" r="6.2"/><path d="m5 8.3 2.2 2.2L11.2 6"/>',
    "chevron-down": '<path d="m4 6 4 4 4-4"/>',
    "chevron-left": '<path d="m10 3.5-4.5 4.5 4.5 4.5"/>',
    "chevron-right": '<path d="m6 3.5 4.5 4.5L6 12.5"/>',
    "circle": '<circle cx="8" cy="8" r="5.5"/>',
    "clock": '<circle cx="8" cy="8" r="6.2"/><path d="M8 4.5V8l2.5 2"/>',
    "cross": '<path d="m4 4 8 8M12 4l-8 8"/>',
    "download": '<path d="M8 2v8.5M4 7l4 3.8L12 7M2.5 13.5h11"/>',
    "half": '<circle cx="8" cy="8" r="5.5"/><path d="M8 2.5a5.5 5.5 0 0 1 0 11z" fill="currentColor"/>',
    "information": '<circle cx="8" cy="8" r="6.2"/><path d="M8 7.2v4M8 4.6v.8"/>',
    "key": '<circle cx="5" cy="8" r="3"/><path d="M8 8h6.5v3M11.5 8v2.2"/>',
    "lock": '<rect x="3" y="7" width="10" height="7" rx="1.5"/><path d="M5 7V5a3 3 0 0 1 6 0v2"/>',
    "mail": '<rect x="1.5" y="3" width="13" height="10" rx="1.5"/><path d="m2 4.5 6 4.5 6-4.5"/>',
    "minus": '<path d="M3.5 8h9"/>',
    "pencil": '<path d="m3 13 .7-3L11 2.7l2.3 2.3L6 12.3z"/>',
    "phone": '<path d="M5 2 3 2.8C2.3 7.5 8.5 13.7 13.2 13L14 11l-3-1.8-1.4 1.3'
    'C8 9.7 6.3 8 5.5 6.4L6.8 5z"/>',
    "pin": '<path d="M8 14.5C5 11 3.5 8.8 3.5 6.5a4.5 4.5 0 0 1 9 0c0 2.3-1.5 4.5-4.5 8z"/>'
    '<circle cx="8" cy="6.5" r="1.5"/>',
    "plus": '<path d="M8 3v10M3 8h10"/>',
    "printer": '<path d="M4.5 6V2h7v4M4.5 12H2.5V6h11v6h-2"/><path d="M4.5 9.5h7v4.5h-7z"/>',
    "search": '<circle cx="6.8" cy="6.8" r="4.3"/><path d="m10 10 4 4"/>',
    "triangle": '<path d="M8 2.2 14.3 13.5H1.7z"/><path d="M8 6.3v3.4M8 11.2v.6"/>',
    "triangle-open": '<path d="M8 3 14 13.5H2z"/>',
    "undo": '<path d="M6 3 2.5 6.5 6 10M3 6.5h6.5a3.5 3.5 0 0 1 0 7H7"/>',
}


@register.simple_tag
@cache
def icon(name: str) -> SafeString:
    """Draw one icon in the colour of the text around it; an unknown name is a KeyError."""
    shape = mark_safe(SHAPES[name])  # noqa: S308 - the drawings above, nobody's input
    return format_html(
        '<svg class="icon" viewBox="0 0 16 16" width="16" height="16" fill="none" stroke="currentColor"'
        ' stroke-width="1.5" aria-hidden="true" focusable="false">{}</svg>',
        shape,
    )
