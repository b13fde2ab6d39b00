"""Collect the sentences that citizens read into the catalogues, and compile these.

    catalogues.py collect    new sentences come in empty, those no longer said leave   (make messages)
    catalogues.py compile    django.po to django.mo, beside it                         (part of every set-up)

What there is to translate is found where it stands: {% translate %} and {% blocktranslate %} in the templates
citizens see, gettext in Python, the sentences of refusals, and the words of each program pack.
"""

import ast
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import polib  # noqa: E402 - the path comes first

from madoguchi.common import catalogues, era  # noqa: E402

HOUSE: Final = ROOT / "madoguchi"
LOCALE: Final = HOUSE / "locale"
PACKS: Final = ROOT / "programs"
TEMPLATES: Final = (
    "sites/citizen/templates/**/*.html",
    "web/templates/web/citizen_base.html",
    "web/templates/web/components/*.html",
    "web/templates/web/forms/*.html",
)
# Staff read Japanese; what stands in there is no sentence for citizens.
FOR_STAFF: Final = (
    "sites/operator",
    "sites/secretariat",
    "sites/office",
    "sites/api",
    "web/login",
    "panels/person_form.py",
)
# Whose refusals reach citizens.
REFUSALS: Final = ("common", "reservations")
MARKS: Final = {"_", "gettext", "gettext_lazy", "gettext_noop"}
MARKS_WITH_CONTEXT: Final = {"pgettext", "pgettext_lazy"}


class Sentence(NamedTuple):
    """What is looked up: the Japanese sentence, with a context where one word means several things."""

    context: str
    text: str


def sentences() -> dict[Sentence, list[str]]:
    """Return every sentence of the software that citizens may read, with the files that say it."""
    found: dict[Sentence, list[str]] = {Sentence(*words): ["madoguchi/common/era.py"] for words in era.WORDS}
    for path in sorted(HOUSE.rglob("*.py")):
        name = path.relative_to(HOUSE).as_posix()
        if not name.startswith(FOR_STAFF) and "/migrations/" not in name:
            for sentence in in_python(path.read_text(encoding="utf-8"), refusals=name.startswith(REFUSALS)):
                found.setdefault(sentence, []).append(f"madoguchi/{name}")
    for pattern in TEMPLATES:
        for path in sorted(HOUSE.glob(pattern)):
            for sentence in in_template(path.read_text(encoding="utf-8")):
                found.setdefault(sentence, []).append(path.relative_to(ROOT).as_posix())
    return {sentence: list(dict.fromkeys(files)) for sentence, files in found.items()}


def in_python(source: str, *, refusals: bool = False) -> Iterator[Sentence]:
    """Yield what a module asks the catalogues for; with `refusals`, also each `message` of a class."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            texts = [str(arg.value) for arg in node.args if isinstance(arg, ast.Constant)]
            if node.func.id in MARKS and texts:
                yield Sentence("", texts[0])
            elif node.func.id in MARKS_WITH_CONTEXT and len(texts) > 1:
                yield Sentence(texts[0], texts[1])
        elif refusals and isinstance(node, ast.ClassDef) and not _is_for_staff(node):
            for each in node.body:
                target = each.targets[0] if isinstance(each, ast.Assign) else getattr(each, "target", None)
                value = getattr(each, "value", None)
                is_message = isinstance(target, ast.Name) and target.id == "message"
                if is_message and isinstance(value, ast.Constant) and value.value:
                    yield Sentence("", str(value.value))


def _is_for_staff(node: ast.ClassDef) -> bool:
    return any(isinstance(base, ast.Name) and base.id == "StaffRefusal" for base in node.bases)


def in_template(source: str) -> Iterator[Sentence]:
    """Yield what a template asks the catalogues for, put together as Django does."""
    from django.template import Engine  # noqa: PLC0415 - only collecting needs Django
    from django.templatetags.i18n import BlockTranslateNode, TranslateNode  # noqa: PLC0415

    nodes: Any = Engine.get_default().from_string(source).nodelist
    for node in nodes.get_nodes_by_type(TranslateNode):
        context = node.message_context.var if node.message_context else ""
        yield Sentence(str(context), str(node.filter_expression.var.literal))
    for node in nodes.get_nodes_by_type(BlockTranslateNode):
        text, _names = node.render_token_list(node.singular)
        yield Sentence("", text.strip() if node.trimmed else text)


def pack_sentences(folder: Path) -> dict[Sentence, list[str]]:
    """Return the words of a program pack that citizens read; its longer texts are files of their own."""
    from madoguchi.workflows.pack.messages import translatable_messages  # noqa: PLC0415

    return {Sentence("", text): [] for text in translatable_messages(folder)}


def collect(path: Path, found: dict[Sentence, list[str]]) -> None:
    """Bring a catalogue up to what is said now: translations stay while they are still said."""
    catalogue = polib.pofile(str(path), encoding="utf-8", wrapwidth=100)
    known = {Sentence(entry.msgctxt or "", entry.msgid): entry for entry in catalogue}
    catalogue[:] = [
        known.get(sentence) or polib.POEntry(msgid=sentence.text, msgctxt=sentence.context or None, msgstr="")
        for sentence in found
    ]
    for entry, files in zip(catalogue, found.values(), strict=True):
        entry.occurrences = [(file, "") for file in files]
        entry.flags = [flag for flag in entry.flags if flag == "fuzzy"]
        entry.previous_msgid = None
    catalogue.save(str(path))


def main(command: str) -> int:
    """Do as told, and say what is missing."""
    packs = sorted(PACKS.glob("*/locale"))
    if command == "collect":
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "madoguchi.config.settings_test")
        os.environ.setdefault("DATABASE_URL", "postgresql:///none")
        import django  # noqa: PLC0415 - compiling does without

        django.setup()
        for path in catalogues.catalogues([LOCALE]):
            collect(path, sentences())
        for pack in packs:
            for path in catalogues.catalogues([pack]):
                collect(path, pack_sentences(pack.parent))
    code = 0
    for path in catalogues.catalogues([LOCALE, *packs]):
        try:
            found = catalogues.compile_catalogue(path)
        except (OSError, UnicodeDecodeError) as fault:
            print(f"{path}: cannot be read; the one compiled before stays ({fault})", file=sys.stderr)
            code = 1
            continue
        for gap in found:
            print(f"{path.relative_to(ROOT)}: {gap.why}, shown in Japanese: {gap.sentence}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
