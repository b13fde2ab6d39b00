"""Wrong combinations of settings are named before the server starts."""

import os
import re
import subprocess
import sys
from ipaddress import ip_network
from pathlib import Path

import pytest
from django.core.checks import run_checks

from madoguchi.config import checks
from madoguchi.config.settings_test import KEY_RING
from madoguchi.sites.secretariat.admin.status import views as status

# The key ring is held against the database.
pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def real(settings):
    settings.TRAINING = False
    settings.HTTPS, settings.SITE_URL = True, "https://yoyaku.example.jp"
    settings.ALLOWED_HOSTS = ["yoyaku.example.jp"]
    settings.MAIL_URL, settings.MAIL_FROM = "smtp://mail.example.jp/?tls=True", "yoyaku@city.example.jp"
    settings.SECRET_KEY = "x" * 50
    settings.AUDIT_KEYS = "keys"
    settings.STANDBYS = settings.TRUSTED_PROXIES = 1
    settings.STAFF_NETWORKS = [ip_network("192.0.2.0/24")]
    settings.BACKUP_FOLDER, settings.BACKUP_RECIPIENTS = Path("/var/backups/madoguchi"), ["age1"]
    settings.BACKUP_SECOND_FOLDER = Path("/mnt/second/madoguchi")
    settings.EXCEPTIONS = dict.fromkeys(settings.EXCEPTIONS, "")
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
        ("ALLOWED_HOSTS", ["localhost"], "madoguchi.E011"),
        ("MAIL_FROM", "yoyaku@example.jp", "madoguchi.E012"),
        ("BACKUP_FOLDER", Path(), "madoguchi.E007"),
        ("BACKUP_SECOND_FOLDER", Path("/var/backups/madoguchi"), "madoguchi.E007"),
        ("EMBED_ORIGINS", ["https://*.example.jp"], "madoguchi.E010"),
        ("EMBED_ORIGINS", ["https://www.example.jp/page"], "madoguchi.E010"),
        ("EMBED_ORIGINS", ["http://www.example.jp"], "madoguchi.E010"),
    ],
)
def test_what_a_real_system_lacks_is_named(real, name, value, number):
    setattr(real, name, value)
    assert found() == [number]


# What is missing, its number, and the setting that may say why.
MISSING = [
    ("STAFF_NETWORKS", [], "madoguchi.E013", "STAFF_NETWORKS_OPEN_BECAUSE"),
    ("STAFF_NETWORKS", [ip_network("0.0.0.0/0")], "madoguchi.E013", "STAFF_NETWORKS_OPEN_BECAUSE"),
    ("STAFF_NETWORKS", [ip_network("0.0.0.0/1")], "madoguchi.E013", "STAFF_NETWORKS_OPEN_BECAUSE"),
    ("STAFF_NETWORKS", [ip_network("192.0.2.0/24"), ip_network("::/0")], "madoguchi.E013",
     "STAFF_NETWORKS_OPEN_BECAUSE"),
    ("BACKUP_RECIPIENTS", [], "madoguchi.E014", "NO_BACKUP_BECAUSE"),
    ("BACKUP_FOLDER", None, "madoguchi.E014", "NO_BACKUP_BECAUSE"),
    ("BACKUP_SECOND_FOLDER", None, "madoguchi.E015", "ONE_BACKUP_FOLDER_BECAUSE"),
    ("STANDBYS", 0, "madoguchi.E016", "NO_STANDBY_BECAUSE"),
    ("TRUSTED_PROXIES", 0, "madoguchi.E017", "NO_PROXY_BECAUSE"),
    ("MAIL_URL", "smtp://mail.example.jp", "madoguchi.E019", "PLAIN_MAIL_BECAUSE"),
    ("MAIL_URL", "smtp://mail.example.jp/?tls=False", "madoguchi.E019", "PLAIN_MAIL_BECAUSE"),
    ("METRICS_NETWORKS", [ip_network("0.0.0.0/0")], "madoguchi.E020", "METRICS_OPEN_BECAUSE"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value", "number", "because"), MISSING)
def test_a_missing_protection_stops_a_real_system_unless_a_setting_says_why(
    real, name, value, number, because
):
    setattr(real, name, value)
    assert found() == [number]
    for silence in (" ", "yes", "because    "):
        real.EXCEPTIONS = real.EXCEPTIONS | {because: silence}
        assert found() == [number]
    real.EXCEPTIONS = real.EXCEPTIONS | {because: "本市と協議し、閉域網の中で使うため"}
    assert found() == []


@pytest.mark.parametrize(("name", "value", "number", "because"), MISSING)
def test_a_training_system_lacks_what_it_likes(real, name, value, number, because):
    real.TRAINING, real.MAIL_URL = True, ""
    if name != "MAIL_URL":
        setattr(real, name, value)
    assert found() == []


def test_two_backup_folders_on_one_disk_are_one_place(real, tmp_path):
    real.BACKUP_FOLDER, real.BACKUP_SECOND_FOLDER = tmp_path / "a", tmp_path / "b"
    real.BACKUP_FOLDER.mkdir()
    assert found() == []
    real.BACKUP_SECOND_FOLDER.mkdir()
    assert found() == ["madoguchi.E015"]


@pytest.mark.parametrize(
    ("host", "sslmode", "is_plain"),
    [
        ("", None, False),
        ("/run/postgresql", None, False),
        ("127.0.0.1", None, False),
        ("db.example.jp", None, True),
        ("db.example.jp", "require", True),
        ("db.example.jp", "verify-full", False),
        ("127.0.0.1,db.example.jp", None, True),
    ],
)
def test_a_database_over_a_network_proves_who_it_is(host, sslmode, is_plain):
    assert checks.is_plain_database({"HOST": host, "OPTIONS": {"sslmode": sslmode}}) is is_plain


@pytest.mark.parametrize("url", ["", "smtps://mail.example.jp", "smtp://localhost", "smtp://127.0.0.1:25"])
def test_mail_with_tls_or_within_the_machine_is_not_plain(url):
    assert not checks.is_plain_mail(url)


def test_every_reason_has_a_name_on_the_status_page_and_is_shown_there(settings):
    assert set(status.EXCEPTION_NAMES) == set(settings.EXCEPTIONS)
    settings.EXCEPTIONS = settings.EXCEPTIONS | {"NO_STANDBY_BECAUSE": "提供者が冗長化しているため"}
    said = status._exceptions()
    assert [(line["state"], line["facts"]) for line in said] == [
        ("待機サーバーがない", "理由：提供者が冗長化しているため")
    ]


def production(tmp_path, **changes):
    """Run the checks of a process with the example of the settings, and return what it says."""
    example = (ROOT / "deploy/environment.example").read_text(encoding="utf-8")
    place = dict(re.findall(r"^([A-Z_]+)=(.*)$", example, re.MULTILINE))
    secrets = {
        "SECRET_KEY": "x" * 50,
        "KEY_RING": KEY_RING,
        "AUDIT_KEYS": "keys",
        "DATABASE_URL": "postgresql:///nothing?host=/nowhere",
        "MAIL_URL": "smtps://mail.example.jp",
    }
    for name, text in secrets.items():
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
        place[f"{name}_FILE"] = str(path)
    place |= {"MAIL_FROM": "yoyaku@city.example.jp", "PATH": os.environ["PATH"], **changes}
    place = {name: text for name, text in place.items() if text is not None}
    run = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "ERROR"],
        cwd=ROOT, env=place, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return run.returncode, set(re.findall(r"madoguchi\.E\d+", run.stdout + run.stderr))


@pytest.mark.slow
def test_the_example_of_the_settings_starts_once_the_sender_is_filled_in(tmp_path):
    assert production(tmp_path) == (0, set())


@pytest.mark.slow
def test_production_without_its_protections_does_not_start_and_names_them_all(tmp_path):
    lacks = (
        *("STAFF_NETWORKS", "CLIENT_CERT_HEADER", "BACKUP_FOLDER", "BACKUP_SECOND_FOLDER", "STANDBYS"),
        *("TRUSTED_PROXIES", "ALLOWED_HOSTS", "MAIL_FROM", "SITE_URL", "AUDIT_KEYS_FILE"),
    )
    code, said = production(tmp_path, **dict.fromkeys(lacks))
    assert code == 1
    numbers = (2, 6, 12, 13, 14, 16, 17)
    assert said == {f"madoguchi.E{number:03}" for number in numbers}


def test_a_client_certificate_stands_in_for_networks(real):
    real.STAFF_NETWORKS = []
    real.CLIENT_CERT_HEADER = "X-Client-Verify"
    assert found() == []
