"""Settings of the tests: the real ones with made-up secrets."""

import json
import os

# Made-up keys, base64 of 32 equal bytes each: a test can say what is sealed with which.
KEY_RING = json.dumps({"current": "k1", "keys": {"k1": "AQEB" * 10 + "AQE=", "index": "AgIC" * 10 + "AgI="}})
os.environ.setdefault("SECRET_KEY", "test-only")
os.environ.setdefault("TRAINING", "1")
os.environ.setdefault("KEY_RING", KEY_RING)

from madoguchi.config.settings import *  # noqa: E402, F403 - the environment comes first

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
AXES_ENABLED = False
# Files are found where they lie: nothing has been collected.
WHITENOISE_AUTOREFRESH = True
