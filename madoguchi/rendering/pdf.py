"""Typeset a template with values into PDF/A-2a and PDF/UA-1.

What no font has is drawn as 〓, and the foot of that page says so: one letter never stops the paper of a day.
"""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, Final

import typst
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from madoguchi.common import clock
from madoguchi.rendering import glyphs

TEMPLATES: Final = Path(__file__).parent / "templates"
FONTS: Final = Path("/usr/share/fonts/truetype")
TEXT_FONT: Final = FONTS / "bizud-gothic" / "BIZUDGothic-Regular.ttf"
# The registers' letters and variants that the text font lacks.
RARE_FONT: Final = FONTS / "ipamj" / "ipamjm.ttf"
# Accents of names in Latin letters: Vietnamese, Polish, Turkish.
LATIN_FONT: Final = FONTS / "dejavu" / "DejaVuSans.ttf"
USED_FONTS: Final = (TEXT_FONT, RARE_FONT, LATIN_FONT)
# The compiler keeps the values of the last paper, so one paper at a time; 5 to 20 ms each.
ONE_AT_A_TIME: Final = Lock()


def typeset(template: str, values: Mapping[str, Any]) -> bytes:
    """Return the PDF of a template under `templates/` filled with values that JSON can hold.

    What would come out as a box, as nothing or as another variant of the letter is drawn as 〓.
    """
    values = _drawable(values)
    rare = glyphs.missing_characters("".join(_texts(values)), font=TEXT_FONT)
    with ONE_AT_A_TIME:
        paper = _compiler().compile(
            input=str(TEMPLATES / template),
            format="pdf",
            sys_inputs={"data": json.dumps({**values, **_frame(rare)}, ensure_ascii=False)},
            pdf_standards=["a-2a", "ua-1"],
            timestamp=clock.now().replace(microsecond=0),
        )
    if not isinstance(paper, bytes):
        raise TypeError(f"Typst gave no PDF for {template}.")
    return paper


def _frame(rare: object) -> dict[str, object]:
    """Return what every paper holds: which letters are rare, and whether the people are made up."""
    return {"rare": rare, "training": settings.TRAINING}


def _drawable(value: Any) -> Any:
    match value:
        case str():
            return glyphs.replace_unprintable(value, fonts=USED_FONTS)
        case Mapping():
            return {name: _drawable(part) for name, part in value.items()}
        case list() | tuple():
            return [_drawable(part) for part in value]
    return value


def _texts(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case Mapping():
            for part in value.values():
                yield from _texts(part)
        case list() | tuple():
            for part in value:
                yield from _texts(part)


@cache
def _compiler() -> typst.Compiler:
    missing = [str(font) for font in USED_FONTS if not font.exists()]
    if missing:
        raise ImproperlyConfigured(
            f"Fonts are missing ({', '.join(missing)}): "
            "apt-get install fonts-morisawa-bizud-gothic fonts-ipamj-mincho fonts-dejavu-core"
        )
    # Neither the system's fonts nor Typst's own: a fallback would slip in unseen.
    fonts = typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[str(font.parent) for font in USED_FONTS],
    )
    return typst.Compiler(root=str(TEMPLATES), font_paths=fonts, ignore_system_fonts=True)
