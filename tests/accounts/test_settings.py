"""Wrong combinations of settings are named before the server starts."""

from ipaddress import ip_network
from pathlib import Path

import pytest
from django.core.checks import run_checks

# The key ring is held against the database.
pytestmark = pytest.mark.django_db


@pytest.fixture
def real(settings):
    settings.TRAINING = False
    settings.HTTPS = True
    settings.MAIL_URL = "smtp://mail.example.jp"
    settings.SECRET_KEY = "x" * 50
    settings.AUDIT_KEYS = "keys"
    settings.STANDBYS = 1
    settings.STAFF_NETWORKS = [ip_network("192.0.2.0/24")]
    settings.BACKUP_FOLDER, settings.BACKUP_RECIPIENTS = Path("/var/backups/madoguchi"), ["age1"]
    return settings


def found():
    return [each.id for each in run_checks() if each.id and each.id.startswith("madoguchi.")]


def test_a_complete_real_system_passes(real):
    assert found() == []


def test_a_training_system_needs_nothing(settings):
    assert found() == []


def test_a_training_system_sends_no_mail(settings):
    settings.MAIL_URL = "smtp://mail.example.jp"
    assert found() == ["madoguchi.E001"]


@pytest.mark.parametrize(
    ("name", "value", "number"),
    [
        ("HTTPS", False, "madoguchi.E002"),
        ("MAIL_URL", "", "madoguchi.E003"),
        ("ALLOWED_HOSTS", ["*"], "madoguchi.E004"),
        ("SECRET_KEY", "short", "madoguchi.E005"),
        ("AUDIT_KEYS", "", "madoguchi.E006"),
        ("STAFF_NETWORKS", [], "madoguchi.W001"),
        ("STANDBYS", 0, "madoguchi.W003"),
        ("BACKUP_FOLDER", None, "madoguchi.W002"),
        ("BACKUP_FOLDER", Path(), "madoguchi.E007"),
        ("BACKUP_SECOND_FOLDER", Path("/var/backups/madoguchi"), "madoguchi.E007"),
        ("BACKUP_RECIPIENTS", [], "madoguchi.W002"),
        ("EMBED_ORIGINS", ["https://*.example.jp"], "madoguchi.E010"),
        ("EMBED_ORIGINS", ["https://www.example.jp/page"], "madoguchi.E010"),
        ("EMBED_ORIGINS", ["http://www.example.jp"], "madoguchi.E010"),
    ],
)
def test_what_a_real_system_lacks_is_named(real, name, value, number):
    setattr(real, name, value)
    assert found() == [number]


def test_a_client_certificate_stands_in_for_networks(real):
    real.STAFF_NETWORKS = []
    real.CLIENT_CERT_HEADER = "X-Client-Verify"
    assert found() == []
