"""A pack that a test may spoil, and the made-up city of it."""

import shutil

import pytest
from support.packs import HOSHIMI, TODAY, Folder

from madoguchi.common import clock


@pytest.fixture
def folder(tmp_path):
    return Folder(shutil.copytree(HOSHIMI, tmp_path / "hoshimi"))


@pytest.fixture
def hoshimi(db, folder):
    """星見市, loaded, on a Tuesday of its term."""
    with clock.travel(TODAY):
        folder.load()
        yield folder
