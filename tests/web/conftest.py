"""A system that is not for training."""

import pytest


@pytest.fixture
def real(settings):
    """A real system, as far as sign-in is concerned."""
    settings.TRAINING = False
