"""Settings that must not stand together: `manage.py check` names them, and is run before the server."""

import os
import re
import stat
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.checks import Warning as Doubt
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError

from madoguchi.common.catalogues import catalogues, is_stale, lacking, language_of
from madoguchi.common.languages import MAIN
from madoguchi.sealing.rotation import faults

MIN_SECRET = 50
SECRETS: Final = ("KEY_RING", "AUDIT_KEYS", "SECRET_KEY")


@register
def check_the_training_system(**_kwargs: Any) -> list[CheckMessage]:
    """Make sure that a training system sends nothing (R201)."""
    if settings.TRAINING and settings.MAIL_URL:
        return [Error("TRAINING with MAIL_URL: a training system sends no mail.", id="madoguchi.E001")]
    return []


@register
def check_the_key_ring(**_kwargs: Any) -> list[CheckMessage]:
    """Make sure that the key ring can be read and opens what this database holds; else nothing starts."""
    try:
        found = faults()
    except ImproperlyConfigured as error:
        found = [str(error)]
    except DatabaseError:
        # No database to speak of yet, or tables of an older release: what needs it says so itself.
        return []
    return [Error(text, hint="docs/how-to/change-keys.md", id="madoguchi.E008") for text in found]


@register
def check_who_reads_secrets(**_kwargs: Any) -> list[CheckMessage]:
    """Make sure that a file with a secret of a real system is not open to everybody on the host."""
    paths = [Path(name) for name in (os.environ.get(f"{each}_FILE") for each in SECRETS) if name]
    if settings.TRAINING:
        return []
    return [
        Error(f"{path} can be read by everybody on this host: chmod o-rwx.", id="madoguchi.E009")
        for path in paths
        if path.stat().st_mode & stat.S_IRWXO
    ]


@register
def check_the_places_of_backups(**_kwargs: Any) -> list[CheckMessage]:
    """Make sure that an empty or repeated setting does not pass for a place."""
    places = [place for place in (settings.BACKUP_FOLDER, settings.BACKUP_SECOND_FOLDER) if place is not None]
    if all(place.is_absolute() for place in places) and len(set(places)) == len(places):
        return []
    text = "BACKUP_FOLDER and BACKUP_SECOND_FOLDER must be two absolute paths."
    return [Error(text, id="madoguchi.E007")]


@register
def check_who_may_show_us_in_a_frame(**_kwargs: Any) -> list[CheckMessage]:
    """Make sure that EMBED_ORIGINS names hosts: a path or a star there would open more than is meant."""
    if all(re.fullmatch(r"https://[a-z0-9.-]+(:\d+)?", origin) for origin in settings.EMBED_ORIGINS):
        return []
    text = "EMBED_ORIGINS must be like https://www.city.example.jp, without a path or a star."
    return [Error(text, id="madoguchi.E010")]


@register
def check_the_real_system(**_kwargs: Any) -> list[CheckMessage]:
    """Make sure that a real system is reached over HTTPS, can write to people and keeps its own secret."""
    if settings.TRAINING:
        return []
    faults: dict[str, tuple[bool, str]] = {
        "madoguchi.E002": (not settings.HTTPS, "SITE_URL must begin with https:// outside TRAINING."),
        "madoguchi.E003": (not settings.MAIL_URL, "MAIL_URL is missing: nobody would be written to."),
        "madoguchi.E004": ("*" in settings.ALLOWED_HOSTS, "ALLOWED_HOSTS must name the hosts."),
        "madoguchi.E005": (len(settings.SECRET_KEY) < MIN_SECRET, "SECRET_KEY is too short; use 50 signs."),
        "madoguchi.E006": (not settings.AUDIT_KEYS, "AUDIT_KEYS is missing: no audit entry would be sealed."),
    }
    found: list[CheckMessage] = [
        Error(text, id=number) for number, (is_wrong, text) in faults.items() if is_wrong
    ]
    if not settings.STAFF_NETWORKS and not settings.CLIENT_CERT_HEADER:
        found.append(
            Doubt(
                "Neither STAFF_NETWORKS nor CLIENT_CERT_HEADER is set: staff pages are open to everybody.",
                hint="Give the networks of the secretariat, call centre, city and tablets (R91).",
                id="madoguchi.W001",
            )
        )
    if not settings.STANDBYS:
        found.append(
            Doubt(
                "STANDBYS is 0: nobody watches that a second server holds each booking.",
                hint="docs/how-to/lose-a-server.md",
                id="madoguchi.W003",
            )
        )
    if not settings.BACKUP_FOLDER or not settings.BACKUP_RECIPIENTS:
        found.append(
            Doubt(
                "BACKUP_FOLDER or BACKUP_RECIPIENTS is not set: there is no daily backup (仕様書 4(6)).",
                hint="docs/how-to/back-up-and-restore.md",
                id="madoguchi.W002",
            )
        )
    return found


@register
def check_the_catalogues(**_kwargs: Any) -> list[CheckMessage]:
    """Name what readers of another language get in Japanese; the server starts all the same."""
    found: list[CheckMessage] = [
        Doubt(
            f"Sentences that {language} cannot say: {count}. They are shown in Japanese.",
            hint="make messages names them (docs/how-to/add-a-language.md)",
            id="madoguchi.W004",
        )
        for language, count in lacking(settings.LOCALE_PATHS).items()
    ]
    spoken = {language_of(path): path for path in catalogues(settings.LOCALE_PATHS)}
    wanted = {code for code, _name in settings.LANGUAGES} - {MAIN}
    stale = [code for code in wanted if code not in spoken or is_stale(spoken[code])]
    if stale:
        text = f"Not compiled, and shown as before or in Japanese: {', '.join(sorted(stale))}."
        found.append(Doubt(text, hint="make .stamps/catalogues", id="madoguchi.W005"))
    return found
