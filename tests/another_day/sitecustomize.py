"""Programs that the tests start run on the same other day as the tests (conftest.py)."""

import os
from datetime import datetime, timedelta

import time_machine

shift = timedelta(seconds=float(os.environ["TEST_SHIFT"]))
time_machine.travel(datetime.now().astimezone() + shift, tick=True).start()  # noqa: TID251 - the real time
