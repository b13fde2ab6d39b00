"""System checks of the settings; `manage.py check` runs them before the server starts."""

import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.checks import Warning as Doubt
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError
from django.http.request import validate_host

from madoguchi.common.catalogues import catalogues, is_stale, lacking, language_of
from madoguchi.common.languages import MAIN
from madoguchi.sealing.rotation import key_faults

MIN_SECRET_LENGTH = 50
MIN_REASON_LENGTH = 10
MAIL_FROM_OF_EXAMPLES = "yoyaku@example.jp"
HERE = {"", "localhost", "127.0.0.1", "::1"}
EVERYBODY = (ip_network("0.0.0.0/0"),)
# Wider ones are no network of anybody's.
NARROWEST_OF_ALL: Final = {4: 8, 6: 16}
SECRETS: Final = ("KEY_RING", "AUDIT_KEYS", "SECRET_KEY")


@register
def check_the_training_system(**_kwargs: Any) -> list[CheckMessage]:
    """Check that a training system sends nothing."""
    if settings.TRAINING and settings.MAIL_URL:
        return [Error("TRAINING with MAIL_URL: a training system sends no mail.", id="madoguchi.E001")]
    return []


@register
def check_the_key_ring(**_kwargs: Any) -> list[CheckMessage]:
    """Check that the key ring is readable and fits this database; else no server starts (仕様書 6)."""
    try:
        faults = key_faults()
    except ImproperlyConfigured as error:
        faults = [str(error)]
    except DatabaseError:
        # No database to speak of yet, or tables of an older release: what needs it says so itself.
        return []
    return [Error(text, hint="docs/how-to/change-keys.md", id="madoguchi.E008") for text in faults]


@register
def check_who_reads_secrets(**_kwargs: Any) -> list[CheckMessage]:
    """Check that the secret files of a real system are not readable by everybody on the host."""
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
    """Check that the backup folders are set and distinct."""
    places = [place for place in (settings.BACKUP_FOLDER, settings.BACKUP_SECOND_FOLDER) if place is not None]
    if all(place.is_absolute() for place in places) and len(set(places)) == len(places):
        return []
    text = "BACKUP_FOLDER and BACKUP_SECOND_FOLDER must be two absolute paths."
    return [Error(text, id="madoguchi.E007")]


@register
def check_who_may_show_us_in_a_frame(**_kwargs: Any) -> list[CheckMessage]:
    """Check that EMBED_ORIGINS names hosts, without paths and wildcards."""
    if all(re.fullmatch(r"https://[a-z0-9.-]+(:\d+)?", origin) for origin in settings.EMBED_ORIGINS):
        return []
    text = "EMBED_ORIGINS must be like https://www.city.example.jp, without a path or a star."
    return [Error(text, id="madoguchi.E010")]


@register
def check_the_real_system(**_kwargs: Any) -> list[CheckMessage]:
    """Check that a real system uses HTTPS, can send mail and has its own secret key."""
    if settings.TRAINING:
        return []
    host = urlsplit(settings.SITE_URL).hostname or ""
    faults: dict[str, tuple[bool, str]] = {
        "madoguchi.E002": (not settings.HTTPS, "SITE_URL must begin with https:// outside TRAINING."),
        "madoguchi.E003": (not settings.MAIL_URL, "MAIL_URL is missing: nobody would be written to."),
        "madoguchi.E004": ("*" in settings.ALLOWED_HOSTS, "ALLOWED_HOSTS must name the hosts."),
        "madoguchi.E005": (
            len(settings.SECRET_KEY) < MIN_SECRET_LENGTH,
            "SECRET_KEY is too short; use 50 characters.",
        ),
        "madoguchi.E006": (not settings.AUDIT_KEYS, "AUDIT_KEYS is missing: no audit entry would be sealed."),
        "madoguchi.E011": (
            not validate_host(host, settings.ALLOWED_HOSTS),
            "ALLOWED_HOSTS does not name the host of SITE_URL: every page would be refused.",
        ),
        "madoguchi.E012": (
            settings.MAIL_FROM == MAIL_FROM_OF_EXAMPLES,
            "MAIL_FROM is that of the examples: what comes back would go to nobody.",
        ),
    }
    return [Error(text, id=number) for number, (is_wrong, text) in faults.items() if is_wrong]


@register
def check_the_protections_of_the_real_system(**_kwargs: Any) -> list[CheckMessage]:
    """Check that a real system has each protection, or a written reason for its absence."""
    if settings.TRAINING:
        return []
    return [
        Error(
            text,
            hint=f"{page}. Where it is meant: {name}=why, in {MIN_REASON_LENGTH} signs or more.",
            id=number,
        )
        for number, name, is_missing, text, page in _protections()
        if is_missing and len(settings.EXCEPTIONS[name].strip()) < MIN_REASON_LENGTH
    ]


def _protections() -> Iterator[tuple[str, str, bool, str, str]]:
    """Yield check id, exception name, whether the protection is missing, consequence, document."""
    page = "docs/how-to/run-in-production.md"
    backups, standbys = "docs/how-to/back-up-and-restore.md", "docs/how-to/lose-a-server.md"
    first, second = settings.BACKUP_FOLDER, settings.BACKUP_SECOND_FOLDER
    is_staff_side_open = not settings.CLIENT_CERT_HEADER and is_everybody(
        settings.STAFF_NETWORKS or EVERYBODY
    )
    yield (
        *("madoguchi.E013", "STAFF_NETWORKS_OPEN_BECAUSE", is_staff_side_open),
        *("Neither STAFF_NETWORKS nor CLIENT_CERT_HEADER keeps anybody from staff pages.", page),
    )
    yield (
        *("madoguchi.E014", "NO_BACKUP_BECAUSE", not (first and settings.BACKUP_RECIPIENTS)),
        *("BACKUP_FOLDER or BACKUP_RECIPIENTS is not set: there is no daily backup (仕様書 4(6)).", backups),
    )
    yield (
        *(
            "madoguchi.E015",
            "ONE_BACKUP_FOLDER_BECAUSE",
            first is not None and not is_elsewhere(first, second),
        ),
        *("BACKUP_SECOND_FOLDER is not set, or on the disk of the first: one fault takes both.", backups),
    )
    yield (
        *("madoguchi.E016", "NO_STANDBY_BECAUSE", not settings.STANDBYS),
        *("STANDBYS is 0: nobody watches that a second server holds each booking.", standbys),
    )
    yield (
        *("madoguchi.E017", "NO_PROXY_BECAUSE", not settings.TRUSTED_PROXIES),
        *("TRUSTED_PROXIES is 0: behind nginx all limits and networks see its address only.", page),
    )
    yield (
        *("madoguchi.E018", "PLAIN_DATABASE_BECAUSE", is_plain_database(settings.DATABASES["default"])),
        *("DATABASE_URL goes over a network without sslmode=verify-full: names can be read there.", page),
    )
    yield (
        *("madoguchi.E019", "PLAIN_MAIL_BECAUSE", is_plain_mail(settings.MAIL_URL)),
        *("MAIL_URL goes over a network without TLS: mails and the password can be read there.", page),
    )
    yield (
        *("madoguchi.E020", "METRICS_OPEN_BECAUSE", is_everybody(settings.METRICS_NETWORKS)),
        *("METRICS_NETWORKS lets everybody read /metrics.", page),
    )


def is_everybody(networks: Iterable[IPv4Network | IPv6Network]) -> bool:
    """Tell whether one of the networks contains every address."""
    return any(network.prefixlen < NARROWEST_OF_ALL[network.version] for network in networks)


def is_elsewhere(first: Path, second: Path | None) -> bool:
    """Tell whether there is a second folder on another disk, as far as this host can see."""
    if second is None:
        return False
    return not (first.exists() and second.exists()) or first.stat().st_dev != second.stat().st_dev


def is_plain_database(place: Mapping[str, Any]) -> bool:
    """Tell whether a database is reached over a network without verifying the server."""
    is_far = any(not host.startswith("/") and host not in HERE for host in place["HOST"].split(","))
    return is_far and place["OPTIONS"].get("sslmode") != "verify-full"


def is_plain_mail(url: str) -> bool:
    """Tell whether mail is sent over a network without TLS."""
    parts = urlsplit(url)
    asks_for_tls = parse_qs(parts.query).get("tls", [""])[0].lower() in {"1", "true"}
    return parts.scheme == "smtp" and not asks_for_tls and (parts.hostname or "") not in HERE


@register
def check_the_catalogues(**_kwargs: Any) -> list[CheckMessage]:
    """Warn of messages without a translation; the server starts all the same."""
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
