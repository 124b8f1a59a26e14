"""All settings, from the environment. What is missing or unsafe stops the start with a sentence."""

import re
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from pimportal import retention, streams
from pimportal.mail_server import mail_server

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

# Known to everybody, so good for trying things out in a terminal and for nothing else.
DEBUG_SECRET = "debug-only-this-secret-is-public-and-protects-nothing-at-all-0000"  # noqa: S105

DEBUG = env.bool("DEBUG", default=False)
# The demo shows codes and emails on pages. It works for demo people only; see `accounts.models.User.is_demo`.
DEMO = env.bool("DEMO", default=False)
IN_PRODUCTION = not (DEBUG or DEMO)

SECRET_KEY = env.str("SECRET_KEY", default=DEBUG_SECRET if DEBUG else "")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
if not SECRET_KEY:
    raise ImproperlyConfigured("Set SECRET_KEY in the environment: 50 or more random characters.")
if IN_PRODUCTION and len(SECRET_KEY) < 50:
    raise ImproperlyConfigured("This SECRET_KEY is too short. Set one of 50 or more random characters.")
if not DEBUG and DEBUG_SECRET in (SECRET_KEY, *SECRET_KEY_FALLBACKS):
    raise ImproperlyConfigured("This SECRET_KEY is public. Set one of your own: 50 or more random characters.")

PUBLIC_URL = env.str("PUBLIC_URL", default="" if IN_PRODUCTION else "http://127.0.0.1:8000").rstrip("/")
if not PUBLIC_URL.startswith("https://" if IN_PRODUCTION else "http"):
    raise ImproperlyConfigured("Set PUBLIC_URL in the environment, like https://pim.example.org: emails link to it.")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[] if IN_PRODUCTION else ["localhost", "127.0.0.1", "[::1]"])
if IN_PRODUCTION and not ALLOWED_HOSTS:
    raise ImproperlyConfigured("Set ALLOWED_HOSTS in the environment, like pim.example.org: the names it answers to.")
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
# How many proxies of our own stand in front and write X-Forwarded-For; 0 trusts nobody's word.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)

INSTALLED_APPS = [
    "pimportal",
    "requests_app",
    "reviews",
    "roles",
    "accounts",
    "audit",
    "notifications",
    "axes",
    "crispy_bootstrap5",
    "crispy_forms",
    "csp",
    "django_otp",
    "django_otp.plugins.otp_static",
    "django_otp.plugins.otp_totp",
    "django_q",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.ActMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "pimportal.middleware.PrivatePagesMiddleware",
    "accounts.middleware.SignInMiddleware",
    "accounts.middleware.PowerNeedsProofMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "pimportal.urls"
WSGI_APPLICATION = "pimportal.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "pimportal.context.portal",
            ],
            "builtins": [
                "django.templatetags.static",
                "notifications.templatetags.letters",
                "pimportal.templatetags.portal",
            ],
        },
    }
]
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

# --- history

# Signs checkpoints of the history: Ed25519, 32 bytes in hexadecimal, as `manage.py make_history_key` writes them.
HISTORY_KEY = env.str("HISTORY_KEY", default="")
HISTORY_KEY_FILE = env.str("HISTORY_KEY_FILE", default="")
if HISTORY_KEY and HISTORY_KEY_FILE:
    raise ImproperlyConfigured("Set HISTORY_KEY or HISTORY_KEY_FILE, not both.")
if HISTORY_KEY_FILE:
    try:
        HISTORY_KEY = Path(HISTORY_KEY_FILE).read_text().strip()
    except OSError as error:
        raise ImproperlyConfigured(f"HISTORY_KEY_FILE cannot be read: {error}.") from error
# The public keys of earlier ones, so that what they signed still counts.
HISTORY_OLD_PUBLIC_KEYS = env.list("HISTORY_OLD_PUBLIC_KEYS", default=[])
if (HISTORY_KEY or HISTORY_KEY_FILE) and not re.fullmatch("[0-9a-f]{64}", HISTORY_KEY):
    raise ImproperlyConfigured(
        "HISTORY_KEY is no key: 64 hexadecimal digits, as manage.py make_history_key writes them."
    )
if not all(re.fullmatch("[0-9a-f]{64}", key) for key in HISTORY_OLD_PUBLIC_KEYS):
    raise ImproperlyConfigured("HISTORY_OLD_PUBLIC_KEYS are no keys: 64 hexadecimal digits each, with commas between.")

# Checkpoints are added to it, and the database is held against it; best where nobody reaches it from the database.
HISTORY_CHECKPOINT_FILE = env.str("HISTORY_CHECKPOINT_FILE", default="")
streams.check_file("HISTORY_CHECKPOINT_FILE", HISTORY_CHECKPOINT_FILE)
# How many days events stay in the tables, and where they go then; empty: they stay for ever. See docs/history.md.
HISTORY_KEEP_DAYS = retention.days(env.str("HISTORY_KEEP_DAYS", default=""))
HISTORY_ARCHIVE_DIR = env.str("HISTORY_ARCHIVE_DIR", default="")
retention.check_folder(HISTORY_ARCHIVE_DIR, HISTORY_KEEP_DAYS)

# Where the history is streamed to; see docs/history.md.
HISTORY_STREAM_FILE = env.str("HISTORY_STREAM_FILE", default="")
HISTORY_STREAM_SYSLOG = env.str("HISTORY_STREAM_SYSLOG", default="")
HISTORY_STREAM_WEBHOOK = env.str("HISTORY_STREAM_WEBHOOK", default="")
HISTORY_STREAM_WEBHOOK_SECRET = env.str("HISTORY_STREAM_WEBHOOK_SECRET", default="")
HISTORY_STREAM_CA_FILE = env.str("HISTORY_STREAM_CA_FILE", default="")
HISTORY_STREAM_ALLOW_PRIVATE = env.bool("HISTORY_STREAM_ALLOW_PRIVATE", default=False)
HISTORY_STREAM_FROM_START = env.bool("HISTORY_STREAM_FROM_START", default=False)
streams.check_file("HISTORY_STREAM_FILE", HISTORY_STREAM_FILE)
streams.check_syslog(HISTORY_STREAM_SYSLOG)
streams.check_webhook(HISTORY_STREAM_WEBHOOK, HISTORY_STREAM_WEBHOOK_SECRET)
streams.check_ca_file(HISTORY_STREAM_CA_FILE)

# --- database

DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{BASE_DIR}/var/portal.sqlite3")}
DATABASE = DATABASES["default"]
DATABASE["ATOMIC_REQUESTS"] = False
if DATABASE["ENGINE"] == "django.db.backends.sqlite3":
    DATABASE["OPTIONS"] = {
        # Writers queue up at the start of a transaction instead of failing in the middle of it.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
            # So that "insert or replace" asks the history's triggers, too.
            "PRAGMA recursive_triggers=ON;"
        ),
    }
else:
    DATABASE["CONN_MAX_AGE"] = 300
    DATABASE["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- people and sessions

AUTH_USER_MODEL = "accounts.User"
# Emails are unique whatever their case, by a constraint on lower(email), which this check does not see.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "accounts.backends.PasswordBackend",
    "roles.backends.AssignmentBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
     "OPTIONS": {"user_attributes": ("email", "display_name")}},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]  # fmt: skip
if env.bool("PASSWORD_HASHER_FAST", default=False) and not IN_PRODUCTION:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "home"

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = int(timedelta(hours=12).total_seconds())
SESSION_COOKIE_SECURE = IN_PRODUCTION
SESSION_COOKIE_NAME = "__Host-session" if IN_PRODUCTION else "session"
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = IN_PRODUCTION
CSRF_COOKIE_NAME = "__Host-csrf" if IN_PRODUCTION else "csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "pimportal.views.errors.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# Throttling comes before a password is hashed: hashing is what an attacker could use up.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
# The key of `authenticate`; without it axes looks for "email" and counts everybody's failures as nobody's.
AXES_USERNAME_FORM_FIELD = "username"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "accounts/locked_out.html"
AXES_HTTP_RESPONSE_CODE = 429
AXES_CLIENT_IP_CALLABLE = "accounts.middleware.client_ip"
AXES_ENABLE_ACCESS_FAILURE_LOG = False
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

OTP_TOTP_ISSUER = "Privileged access"
OTP_TOTP_SYNC = False

# --- transport and headers

SECURE_SSL_REDIRECT = IN_PRODUCTION and env.bool("SSL_REDIRECT", default=True)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
# A load balancer asks for health over plain HTTP, with a host name out of ALLOWED_HOSTS.
SECURE_REDIRECT_EXEMPT = [r"^healthz/$", r"^readyz/$"]
SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds()) if IN_PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = IN_PRODUCTION
SECURE_HSTS_PRELOAD = IN_PRODUCTION
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        **({"frame-src": [SELF]} if DEMO else {}),
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# --- time and language

LANGUAGE_CODE = "en"
# The zone for emails and pages of people who have not chosen one.
TIME_ZONE = env.str("TIME_ZONE", default="UTC")
USE_TZ = True
USE_I18N = False

# --- static files

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEBUG
            else "whitenoise.storage.CompressedManifestStaticFilesStorage"
        )
    },
}
WHITENOISE_USE_FINDERS = DEBUG

# --- email and worker

# Without EMAIL_URL the outbox still fills and is worked off; the demo's mailbox page shows it.
EMAIL_URL = env.str("EMAIL_URL", default="" if IN_PRODUCTION else "dummymail://")
if not EMAIL_URL:
    raise ImproperlyConfigured("Set EMAIL_URL in the environment, like smtp+tls://name:password@mail.example.org:587.")
vars().update(mail_server(EMAIL_URL, is_safe=not IN_PRODUCTION))
# Seconds for each step of a conversation with the mail server.
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", default=10)
if not 1 <= EMAIL_TIMEOUT <= 15:
    raise ImproperlyConfigured("Set EMAIL_TIMEOUT to 1 to 15 seconds: a mail server that hangs holds up all emails.")
EMAIL_CA_FILE = env.str("EMAIL_CA_FILE", default="")
if EMAIL_CA_FILE and not Path(EMAIL_CA_FILE).is_file():
    raise ImproperlyConfigured(f"EMAIL_CA_FILE names {EMAIL_CA_FILE}, and there is no such file.")
if IN_PRODUCTION and not env.str("EMAIL_FROM", default=""):
    raise ImproperlyConfigured("Set EMAIL_FROM in the environment, like 'Privileged access <pim@example.org>'.")
DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", default="Privileged access <pim@localhost>")

Q_CLUSTER = {
    "name": "pimportal",
    "orm": "default",
    "workers": 2,
    "queue_limit": 2,
    "bulk": 1,
    "poll": 0.2,
    "timeout": 60,
    "retry": 200,
    "max_attempts": 10,
    "catch_up": False,
    "save_limit": 250,
    "recycle": 500,
    "label": "Tasks",
    # A queue of its own for emails: a slow mail server holds up nothing else.
    "ALT_CLUSTERS": {"email": {"scheduler": False}},
}

# --- figures for Prometheus: nobody reads them unless allowed here

METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
if METRICS_TOKEN and len(METRICS_TOKEN) < 20:
    raise ImproperlyConfigured("This METRICS_TOKEN is too short. Set one of 20 or more random characters.")
try:
    METRICS_NETWORKS = [ip_network(network) for network in env.list("METRICS_NETWORKS", default=[])]
except ValueError as error:
    raise ImproperlyConfigured(f"METRICS_NETWORKS: {error}. Name networks like 10.0.0.0/8, with commas.") from error

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    # A refused question is an answer, not a warning: proxies ask /access/check/ all day long.
    "loggers": {
        "django.request": {"level": "ERROR"},
        # Whoever knocks with a made-up host name gets 400 and no page of log.
        "django.security.DisallowedHost": {"level": "CRITICAL"},
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="WARNING")},
}
