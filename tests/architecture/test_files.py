"""Files that can be read in one sitting."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MAX_LINES = 450
# In rem: 12 px where the reader has not chosen another size.
SMALLEST_TYPE = 0.75
FOLDERS = ("bench", "madoguchi", "programs", "scripts", "tests")
# Catalogues of translations are lists, not texts.
KINDS = {".py", ".html", ".css", ".js", ".sh"}


def own_files():
    """Yield what people read of the product, its tests and what measures them."""
    listed = subprocess.run(
        [
            "git",
            "ls-files",
            "-co",
            "--exclude-standard",
            "madoguchi",
            "programs",
            "tests",
            "scripts",
            "bench",
        ],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    for path in map(ROOT.joinpath, listed):
        if path.suffix in KINDS and "migrations" not in path.parts and path.exists():
            yield path


def test_no_file_has_more_than_450_lines():
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in own_files()
    }
    assert len(lengths) > 500
    assert {name: length for name, length in lengths.items() if length > MAX_LINES} == {}


def test_no_style_sets_type_below_the_smallest_of_the_design():
    small = {
        f"{path.name}: {size}"
        for path in own_files()
        if path.suffix == ".css"
        for size in re.findall(r"font-size: (0\.\d+)rem", path.read_text(encoding="utf-8"))
        if float(size) < SMALLEST_TYPE
    }
    assert small == set()
