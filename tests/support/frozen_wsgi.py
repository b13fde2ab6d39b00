"""The application as granian serves it, at the instant FROZEN_AT: for tests that kill real servers."""

import os
from datetime import datetime

from madoguchi.common import clock
from madoguchi.config.wsgi import application

# Kept by a name: a context manager that nobody holds is collected, and the clock goes on.
frozen = clock.travel(datetime.fromisoformat(os.environ["FROZEN_AT"]))
frozen.__enter__()

__all__ = ["application"]
