"""Recovery to a point in time works with PostgreSQL's own tools, as the how-to tells it."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_the_database_of_just_before_a_mistake_comes_back():
    done = subprocess.run(
        [ROOT / "scripts" / "point_in_time.sh"], check=True, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.endswith("there was: after the base backup, before the base backup\n")
