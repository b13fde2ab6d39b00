"""Rules may import these modules, so they must do without Django."""

import subprocess
import sys

import pytest

PLAIN = [
    "births",
    "calendar",
    "era",
    "errors",
    "forbidden",
    "names",
    "phones",
    "privacy",
    "references",
    "variants",
]


@pytest.mark.slow
def test_the_plain_modules_do_without_django():
    modules = ", ".join(f"madoguchi.common.{name}" for name in PLAIN)
    program = f"import sys, {modules}; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
