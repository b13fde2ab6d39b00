"""The units of deploy/systemd as systemd itself reads them."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
UNITS = sorted(path.name for path in (ROOT / "deploy/systemd").glob("*.service"))


@pytest.fixture
def units(tmp_path):
    """The units, with the programs of this checkout in place of those in /opt/madoguchi."""
    shutil.copytree(ROOT / "deploy/systemd", tmp_path, dirs_exist_ok=True)
    for path in tmp_path.rglob("*.*"):
        if path.is_file():
            path.write_text(path.read_text(encoding="utf-8").replace("/opt/madoguchi", str(ROOT)))
    return tmp_path


def verify(folder):
    """Return what systemd finds wrong with the units."""
    told = subprocess.run(
        ["systemd-analyze", "verify", "--recursive-errors=no", *(folder / name for name in UNITS)],
        check=False,
        capture_output=True,
        text=True,
        env=os.environ | {"SYSTEMD_LOG_COLOR": "0"},
    )
    return [line for line in (told.stdout + told.stderr).splitlines() if "madoguchi" in line]


def test_systemd_finds_nothing_wrong_with_a_unit_or_what_all_share(units):
    assert len(UNITS) == 3
    assert verify(units) == []
    # The control: a word that systemd does not know, in the file that all three share.
    shared = units / "madoguchi-.service.d/common.conf"
    shared.write_text(shared.read_text() + "NoNewPrivilege=true\n")
    assert len(verify(units)) == len(UNITS)


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_starts_again_for_ever_and_may_do_little(units, name):
    told = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=20", units / name],
        check=False,
        capture_output=True,
        text=True,
    )
    assert told.returncode == 0, told.stdout + told.stderr
