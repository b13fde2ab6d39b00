"""Settings of the whole platform, read once from the environment (docs/how-to/run-in-production.md)."""

import logging
import sys
from datetime import time, timedelta
from ipaddress import ip_network
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict

from madoguchi.config.env import env, secret
from madoguchi.config.logs import configure

BASE_DIR = Path(__file__).resolve().parent.parent.parent

# Training shows made-up people, sends nothing and says so on every page. Production is the default:
# forgetting a variable must never open a real system.
TRAINING = env.bool("TRAINING", default=False)
DEBUG = False
SECRET_KEY = secret("SECRET_KEY")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
SITE_URL = env.str("SITE_URL", "http://localhost:8000").rstrip("/")
PROGRAM_PACK = BASE_DIR / env.str("PROGRAM_PACK", "programs/fukuoka")
# Keys that seal personal data: JSON made by `manage.py make_key_ring`, see madoguchi.sealing.
KEY_RING = secret("KEY_RING")
# Keys that sign the seals of the audit trail: made by `manage.py make_audit_keys`, see madoguchi.audit.keys.
AUDIT_KEYS = secret("AUDIT_KEYS", default="")
# Whole weeks by which the clock runs ahead of or behind real time; training only, so that a demo stays
# inside the contract's term.
CLOCK_OFFSET = timedelta(weeks=env.int("CLOCK_OFFSET_WEEKS", default=0))
# Partners may book through the API once the city has approved it (docs/how-to/open-the-api.md).
PARTNER_API = env.bool("PARTNER_API", default=TRAINING)

# Lowest first: a package may use those before it (docs/architecture.md).
FIRST_PARTY_APPS = [
    "madoguchi.common",
    "madoguchi.sealing",
    "madoguchi.rate_limits",
    "madoguchi.kept_forms",
    "madoguchi.rendering",
    "madoguchi.audit",
    "madoguchi.backups",
    "madoguchi.accounts",
    "madoguchi.contract",
    "madoguchi.notifications",
    "madoguchi.offices",
    "madoguchi.reservations",
    "madoguchi.retention",
    "madoguchi.workflows",
    "madoguchi.web",
    "madoguchi.panels",
    "madoguchi.sites.api",
    "madoguchi.sites.citizen",
    "madoguchi.sites.city",
    "madoguchi.sites.office",
    "madoguchi.sites.operator",
    "madoguchi.sites.secretariat",
]
INSTALLED_APPS = [
    # Ours first, so that our templates come before those of the libraries.
    *FIRST_PARTY_APPS,
    "madoguchi.config",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "django_prometheus",
    "django_structlog",
    "procrastinate.contrib.django",
]
MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "madoguchi.web.compression.CompressionMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "madoguchi.web.languages.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "madoguchi.web.network.RequestLog",
    "madoguchi.web.middleware.AccessMiddleware",
    "axes.middleware.AxesMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]
# Callers of the API show a token and no cookie: no sessions, forms, languages or frames (config.wsgi).
API_MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
    "madoguchi.web.network.RequestLog",
    "madoguchi.web.middleware.AccessMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]
ROOT_URLCONF = "madoguchi.config.urls"
WSGI_APPLICATION = "madoguchi.config.wsgi.application"
FORM_RENDERER = "madoguchi.web.forms.Renderer"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "madoguchi.sites.citizen.pages.frame_context",
            ],
        },
    },
]


# A server whose machine has gone silent is given up after these, so that the next host of DATABASE_URL is
# asked; the URL may say otherwise (docs/adr/0025).
GIVE_UP = {
    "connect_timeout": 3,
    "tcp_user_timeout": 10_000,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
}


def _database(url: str) -> dict[str, object]:
    """Turn a PostgreSQL URL into Django's dictionary.

    Sockets (postgresql:///name?host=/folder) and several hosts (host=a,b&target_session_attrs=read-write) are
    understood; what is no place of Django's goes to libpq as it is.
    """
    parts = conninfo_to_dict(url)
    places = {"dbname", "user", "password", "host", "port"}
    return {
        "ENGINE": "madoguchi.common.postgresql",
        "NAME": parts.get("dbname", ""),
        "USER": parts.get("user", ""),
        "PASSWORD": parts.get("password", ""),
        "HOST": parts.get("host", ""),
        "PORT": str(parts.get("port", "")),
        # One lasting connection per single-threaded worker: no pool needed (docs/adr/0002).
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": GIVE_UP
        | {key: value for key, value in parts.items() if key not in places}
        # Statements are prepared only where common.statements asks for it, and planned once.
        | {"prepare_threshold": sys.maxsize, "options": "-c plan_cache_mode=force_generic_plan"},
    }


DATABASES = {"default": _database(secret("DATABASE_URL"))}
# How many other servers must hold each booking before it is confirmed; the status page and the alarms miss
# those that do not. 0 where a provider sees to it in another way (docs/how-to/lose-a-server.md).
STANDBYS = env.int("STANDBYS", default=0)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "ja"
# Of citizen pages and mails (docs/how-to/add-a-language.md); staff pages are Japanese.
LANGUAGES = [("ja", "日本語"), ("ja-easy", "やさしい日本語"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "madoguchi" / "locale", PROGRAM_PACK / "locale"]
LANGUAGE_COOKIE_AGE = 365 * 24 * 60 * 60
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
TIME_ZONE = "Asia/Tokyo"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = env.path("STATIC_ROOT", default=BASE_DIR / "staticfiles")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "madoguchi.web.storage.StaticFilesStorage"},
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/staff/"

# Staff sign in with a passkey, a security key or an app; madoguchi.web.login says how.
ACCOUNT_ADAPTER = "madoguchi.web.login.adapters.AccountAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_FORMS = {
    "login": "madoguchi.web.login.forms.SignInForm",
    "reauthenticate": "madoguchi.web.login.forms.ConfirmForm",
}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
# Per address; accounts are counted below, under a hash with a key.
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip"}
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
MFA_ADAPTER = "madoguchi.web.login.adapters.MfaAdapter"
MFA_FORMS = {
    "add_webauthn": "madoguchi.web.login.forms.AddKeyForm",
    "edit_webauthn": "madoguchi.web.login.forms.RenameKeyForm",
    "activate_totp": "madoguchi.web.login.forms.ActivateAppForm",
    "authenticate": "madoguchi.web.login.forms.CodeForm",
    "reauthenticate": "madoguchi.web.login.forms.ConfirmCodeForm",
}
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_TOTP_ISSUER = "窓口"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = TRAINING
# A key alone is what somebody has; its PIN or fingerprint makes it two factors.
MFA_WEBAUTHN_USER_VERIFICATION = "required"

# Wrong passwords lock the account for a quarter of an hour; keys and passkeys still open it.
AXES_CLIENT_IP_CALLABLE = "madoguchi.web.network.client_address"
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_FAILURE_LIMIT = 5
AXES_HANDLER = "madoguchi.accounts.lockouts.LockoutHandler"
AXES_LOCKOUT_PARAMETERS = ["username"]
# A call centre shares one address: locking that out would stop everybody for one person's typing errors.
SILENCED_SYSTEM_CHECKS = ["axes.W006"]
AXES_LOCKOUT_TEMPLATE = "account/locked.html"
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_USERNAME_CALLABLE = "madoguchi.web.login.adapters.lockout_name"
AXES_VERBOSE = False

# Staff pages answer only over the protected line (仕様書 4(8)ア): addresses like 192.0.2.0/24, and the
# header in which the proxy says SUCCESS once it has verified a client certificate.
STAFF_NETWORKS = list(map(ip_network, env.list("STAFF_NETWORKS", default=[])))
CLIENT_CERT_HEADER = env.str("CLIENT_CERT_HEADER", "")
# Who may read /metrics.
METRICS_NETWORKS = list(map(ip_network, env.list("METRICS_NETWORKS", default=["127.0.0.0/8", "::1/128"])))
# How many proxies of ours stand in front and add to X-Forwarded-For.
TRUSTED_PROXIES = ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", default=0)

# Shared by all processes: a code of an app counts once, and attempts are counted together.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "accounts_cache",
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    },
}

SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
HTTPS = SITE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
# A browser takes such a name from the host itself only, never from a neighbouring subdomain. web.cookies
# names the others.
HOST_PREFIX = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME = f"{HOST_PREFIX}session"
CSRF_COOKIE_NAME = f"{HOST_PREFIX}csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_NAME = f"{HOST_PREFIX}language"
# What a page says after a press lies in the session, not in a cookie of its own.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
CSRF_TRUSTED_ORIGINS = [SITE_URL]
CSRF_FAILURE_VIEW = "madoguchi.web.errors.csrf_failure"
SECURE_SSL_REDIRECT = HTTPS
# Asked from inside, past the proxy that ends TLS.
SECURE_REDIRECT_EXEMPT = ["^(healthz|readyz|metrics)$"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Whose pages may show the next free times in a frame (docs/how-to/embed-the-times.md).
EMBED_ORIGINS: list[str] = env.list("EMBED_ORIGINS", default=[])
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    },
}

# Quiet by default in training, where the terminal is what a person reads.
# One line for a request, when it is answered.
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = logging.DEBUG
LOGGING = configure(level=env.str("LOG_LEVEL", "WARNING" if TRAINING else "INFO"), words=TRAINING)

# Where mail goes: smtp://user:password@host:587/?tls=True. Without it nothing leaves the machine and sent
# mail is read on the demo mailbox page; a system check refuses that outside training.
MAIL_URL = secret("MAIL_URL", default="")
MAIL_FROM = env.str("MAIL_FROM", "yoyaku@example.jp")

# Where backups go, and the public keys (age1...) of those who can open them; the server cannot. Without a
# folder none are made, and the status page says so (docs/how-to/back-up-and-restore.md).
BACKUP_FOLDER = env.path("BACKUP_FOLDER", default=None)
BACKUP_SECOND_FOLDER = env.path("BACKUP_SECOND_FOLDER", default=None)
BACKUP_RECIPIENTS: list[str] = env.list("BACKUP_RECIPIENTS", default=[])
# Of the file of person keys; the same as above where nobody else is named.
BACKUP_KEY_RECIPIENTS: list[str] = env.list("BACKUP_KEY_RECIPIENTS", default=[])
BACKUP_TIME = env.time("BACKUP_TIME", default=time(3, 30))
BACKUP_KEEP_DAYS = env.int("BACKUP_KEEP_DAYS", default=35)
# An erased person is gone from all backups after this.
BACKUP_KEEP_KEY_DAYS = env.int("BACKUP_KEEP_KEY_DAYS", default=7)

# A protection that a real system lacks stops the start, unless its setting says in words why it is missing
# (madoguchi.config.checks). The status page shows them.
EXCEPTIONS = {
    "STAFF_NETWORKS_OPEN_BECAUSE": env.str("STAFF_NETWORKS_OPEN_BECAUSE", ""),
    "METRICS_OPEN_BECAUSE": env.str("METRICS_OPEN_BECAUSE", ""),
    "NO_PROXY_BECAUSE": env.str("NO_PROXY_BECAUSE", ""),
    "PLAIN_DATABASE_BECAUSE": env.str("PLAIN_DATABASE_BECAUSE", ""),
    "PLAIN_MAIL_BECAUSE": env.str("PLAIN_MAIL_BECAUSE", ""),
    "NO_STANDBY_BECAUSE": env.str("NO_STANDBY_BECAUSE", ""),
    "NO_BACKUP_BECAUSE": env.str("NO_BACKUP_BECAUSE", ""),
    "ONE_BACKUP_FOLDER_BECAUSE": env.str("ONE_BACKUP_FOLDER_BECAUSE", ""),
}

if not TRAINING and CLOCK_OFFSET:
    raise ImproperlyConfigured("CLOCK_OFFSET_WEEKS is for training only.")
