"""The application as granian serves it, at the instant FROZEN_AT: for tests that kill real servers."""

import os
from datetime import datetime

from madoguchi.common import clock
from madoguchi.config.wsgi import application

clock.travel(datetime.fromisoformat(os.environ["FROZEN_AT"])).__enter__()

__all__ = ["application"]
