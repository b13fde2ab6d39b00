"""What documents name exists: files they link to, settings they list, commands they tell people to type."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [
    path
    for name in subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "*.md"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    if (path := ROOT / name).exists()
]
SETTINGS = (ROOT / "madoguchi/config/settings.py").read_text(encoding="utf-8")
# secret(name) reads NAME_FILE as well.
NAMES_READ = set(re.findall(r'(?:env\.\w+|secret)\(\s*"([A-Z_]+)"', SETTINGS))
COMMANDS = {path.stem for path in ROOT.glob("madoguchi/**/management/commands/[a-z]*.py")}
COMMANDS_OF_LIBRARIES = {"check", "collectstatic", "makemigrations", "procrastinate"}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_to_files_that_exist(document):
    links = re.findall(r"\]\(([^)#\s]+)", document.read_text(encoding="utf-8"))
    assert [link for link in links if "://" not in link and not (document.parent / link).exists()] == []


def test_the_table_of_settings_names_each_that_is_read():
    table = (ROOT / "docs/how-to/run-in-production.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([A-Z_]+)` \|", table, re.MULTILINE)) == NAMES_READ


def test_the_example_of_the_settings_sets_only_what_is_read():
    example = (ROOT / "deploy/environment.example").read_text(encoding="utf-8")
    names = {name.removesuffix("_FILE") for name in re.findall(r"^(?:# )?([A-Z_]+)=", example, re.MULTILINE)}
    assert names <= NAMES_READ
    assert names.isdisjoint({"TRAINING", "CLOCK_OFFSET_WEEKS"})


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_that_people_are_told_to_type_exist(document):
    text = document.read_text(encoding="utf-8")
    typed = re.findall(r"(?:manage\.py|deploy/manage|ARGS=\"?)(?: --owner)? ?([a-z_]+)", text)
    assert set(typed) - COMMANDS - COMMANDS_OF_LIBRARIES == set()
