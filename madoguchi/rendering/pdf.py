"""Typeset a template with values into PDF/A-2a and PDF/UA-1; never prints a box for a letter."""

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
from madoguchi.common.errors import Refusal
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


class GlyphMissing(Refusal):
    """A letter that no font here has; nothing is printed, because a box is not a name."""

    code = "glyph_missing"
    message = "印刷できない文字があるため、出力を止めました。"


def typeset(template: str, values: Mapping[str, Any]) -> bytes:
    """Return the PDF of a template under `templates/` filled with values that JSON can hold.

    Raises GlyphMissing, naming letters and reservations, when something would come out as a box or as
    another variant of the letter.
    """
    _refuse_missing_glyphs(values)
    text = "".join(text for _reference, text in _texts(values))
    rare = glyphs.foreign_signs(text, font=TEXT_FONT)
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
    """Return what every paper holds: which letters are rare, and whether the people are made up (R201)."""
    return {"rare": rare, "training": settings.TRAINING}


def _refuse_missing_glyphs(values: Mapping[str, Any]) -> None:
    wrong: dict[str, list[str]] = {}
    for reference, text in _texts(values):
        for sign in glyphs.unprintable(text, fonts=USED_FONTS):
            wrong.setdefault(sign, []).append(reference)
    if not wrong:
        return
    told = "、".join(
        f"「{sign}」（{' '.join(f'U+{ord(part):04X}' for part in sign)}"
        + "".join(f"、予約番号 {reference}" for reference in dict.fromkeys(references) if reference)
        + "）"
        for sign, references in wrong.items()
    )
    raise GlyphMissing(f"印刷できない文字があるため、出力を止めました：{told}。文字を直すと印刷できます。")


def _texts(value: object, reference: str = "") -> Iterator[tuple[str, str]]:
    match value:
        case str():
            yield reference, value
        case Mapping():
            reference = str(value.get("reference", reference))
            for part in value.values():
                yield from _texts(part, reference)
        case list() | tuple():
            for part in value:
                yield from _texts(part, reference)


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
