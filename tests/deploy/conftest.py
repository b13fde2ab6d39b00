"""The whole house as in production: nginx before granian, with the real settings and collected files."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.nginx import HOST, Front
from support.web_server import Server

from madoguchi.config.settings_test import KEY_RING

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def settings_of_production(tmp_path_factory):
    """Return the environment of a real system whose staff sit at 127.0.0.2, its files collected."""
    given = {
        "DJANGO_SETTINGS_MODULE": "madoguchi.config.settings",
        "TRAINING": "0",
        "SECRET_KEY": "made-up-" * 8,
        "KEY_RING": KEY_RING,
        "LOG_LEVEL": "ERROR",
        "SITE_URL": f"https://{HOST}",
        "ALLOWED_HOSTS": f"{HOST},127.0.0.1",
        "TRUSTED_PROXIES": "1",
        "CLIENT_CERT_HEADER": "X-Client-Verify",
        "STAFF_NETWORKS": "127.0.0.2/32",
        "STATIC_ROOT": str(tmp_path_factory.mktemp("static")),
    }
    subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"],
        cwd=ROOT,
        check=True,
        env=os.environ | given,
    )
    return given


@pytest.fixture
def production(lasting_city, settings_of_production, tmp_path):
    """nginx before our application, with the made-up city in its database."""
    server = Server(**settings_of_production)
    front = Front(tmp_path / "front", server.port)
    front.start()
    try:
        server.start()
        yield front
    finally:
        server.kill()
        front.stop()
