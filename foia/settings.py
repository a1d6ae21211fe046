"""Every setting of Daylight, read once from the environment (or `.env`) and explained in `.env.example`.

This module opens nothing and creates nothing. `foia/checks.py` proves at start that what it names is usable.
"""

from pathlib import Path
from urllib.parse import urlsplit

import environ
from celery.schedules import crontab
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

ROOT = Path(__file__).resolve().parent.parent
env = environ.FileAwareEnv()  # SECRET_KEY_FILE may name a file instead
if env.bool("READ_DOT_ENV", default=True):
    environ.Env.read_env(ROOT / ".env")  # real environment variables win over the file


def _chosen(name: str, value: str, choices: tuple[str, ...]) -> str:
    if value not in choices:
        raise ImproperlyConfigured(f"{name}={value!r} is not understood. Set it to one of: {', '.join(choices)}.")
    return value


# --- Which setting of the program ---------------------------------------------------------------------------------
MODE = _chosen("DAYLIGHT_MODE", env("DAYLIGHT_MODE", default="embedded"), ("embedded", "production"))
PRODUCTION = MODE == "production"
DEBUG = env.bool("DEBUG", default=False)
DEVELOPMENT_SECRET = "only-for-this-machine-never-for-production"  # noqa: S105  refused in production, see below
SECRET_KEY = env("SECRET_KEY", default="" if PRODUCTION else DEVELOPMENT_SECRET).strip()
SALT_KEY = env("SALT_KEY", default="" if PRODUCTION else DEVELOPMENT_SECRET).strip()  # encrypts names and addresses
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[] if PRODUCTION else ["localhost", "127.0.0.1", "[::1]"])
SITE_URL = env("SITE_URL", default="http://localhost:8000").rstrip("/")
DEMO = env.bool("DEMO", default=False)

if PRODUCTION:
    if SECRET_KEY in {"", DEVELOPMENT_SECRET} or len(SECRET_KEY) < 40:
        raise ImproperlyConfigured(
            "SECRET_KEY is missing, short or the development one. Set a random text of 50 characters."
        )
    if SALT_KEY in {"", DEVELOPMENT_SECRET}:
        raise ImproperlyConfigured(
            "SALT_KEY is missing or the development one. Set a second random text; keep it for ever."
        )
    if DEBUG:
        raise ImproperlyConfigured("DEBUG is on in production, which shows secrets to strangers. Set DEBUG=0.")
    if not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS:
        raise ImproperlyConfigured(
            "ALLOWED_HOSTS names no host. Set it to the public name, such as records.example.org."
        )
    if not env("SITE_URL", default=""):
        raise ImproperlyConfigured(
            "SITE_URL is missing: letters and mails link to it. Set it, such as https://records.example.org."
        )

# --- Where things are kept ----------------------------------------------------------------------------------------
DATA_DIR = Path(env("DATA_DIR", default=str(ROOT / "var"))).resolve()
STORE_DIR = Path(env("STORE_DIR", default=str(DATA_DIR / "store"))).resolve()
# Empty: originals are in STORE_DIR. An address of S3-compatible storage: they are there, and STORE_DIR holds a cache.
STORE_URL = env("STORE_URL", default="").strip()
STORE_CACHE_MB = env.int("STORE_CACHE_MB", default=2048)
STORE_TIMEOUT = env.int("STORE_TIMEOUT", default=30)  # seconds for one answer of that storage
# What is made from the originals to be shown: pictures of pages, converted files. It may be deleted: it is made again.
DERIVED_DIR = Path(env("DERIVED_DIR", default=str(DATA_DIR / "derived"))).resolve()
# Of pages that have no text, by tesseract's names: eng, spa, ... Each needs Debian's package tesseract-ocr-NAME.
OCR_LANGUAGES = env.list("OCR_LANGUAGES", default=["eng"])
MOST_PAGES = env.int("MOST_PAGES", default=20_000)  # of one file; one with more is kept, and not read
LAW_OVERLAY_DIR = env("LAW_OVERLAY_DIR", default="")
FRONTEND_DIR = ROOT / "frontend" / "dist"

DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'daylight.sqlite3'}")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        # IMMEDIATE: a read followed by a write must not fail because another writer slipped in between.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; "
            "PRAGMA mmap_size=134217728; PRAGMA cache_size=-20000;"
        ),
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

# --- Mail ---------------------------------------------------------------------------------------------------------
# Embedded default: letters and reminders are written to var/mail, so that a first try cannot mail an agency.
EMAIL_CONFIG = env.email_url("EMAIL_URL", default="filemail://")
EMAIL_BACKEND = EMAIL_CONFIG["EMAIL_BACKEND"]
EMAIL_HOST = EMAIL_CONFIG["EMAIL_HOST"] or "localhost"
EMAIL_PORT = EMAIL_CONFIG["EMAIL_PORT"] or 25
EMAIL_HOST_USER = EMAIL_CONFIG["EMAIL_HOST_USER"] or ""
EMAIL_HOST_PASSWORD = EMAIL_CONFIG["EMAIL_HOST_PASSWORD"] or ""
EMAIL_USE_TLS = EMAIL_CONFIG.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = EMAIL_CONFIG.get("EMAIL_USE_SSL", False)
EMAIL_FILE_PATH = str(DATA_DIR / "mail")
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", default=30)  # seconds; a hanging mail server must not hold a worker
CLOCK_TOLERANCE_SECONDS = env.int("CLOCK_TOLERANCE_SECONDS", default=30)  # foia/clock.py
# A mail is a dozen exchanges with the server at most, each cut off after EMAIL_TIMEOUT; a claim outlasts them all, even
# in the eyes of a worker whose clock runs ahead of one that runs behind.
OUTBOX_CLAIM_SECONDS = env.int(
    "OUTBOX_CLAIM_SECONDS", default=max(300, 12 * EMAIL_TIMEOUT + 2 * CLOCK_TOLERANCE_SECONDS)
)
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="Daylight <daylight@localhost>")
REPLY_DOMAIN = env("REPLY_DOMAIN", default=urlsplit(SITE_URL).hostname or "localhost")
REPLY_MAILBOX = env("REPLY_MAILBOX", default="records")
# Agencies answer to REPLY_MAILBOX+token@REPLY_DOMAIN, or to token@REPLY_DOMAIN where every address of it is ours.
REPLY_FORM = _chosen("REPLY_FORM", env("REPLY_FORM", default="plus"), ("plus", "catch_all"))
DKIM_KEY_FILE = env("DKIM_KEY_FILE", default="")
DKIM_SELECTOR = env("DKIM_SELECTOR", default="daylight")
DKIM_DOMAIN = env("DKIM_DOMAIN", default=REPLY_DOMAIN)

# Mail in (docs/mail-in.md). Whatever the way, a mail is kept as it came before anything is read.
MAIL_IN_IMAP_URL = env("MAIL_IN_IMAP_URL", default="").strip()  # imaps://user:password@host/INBOX; empty: not polled
MAIL_IN_FILED_FOLDER = env("MAIL_IN_FILED_FOLDER", default="")  # where taken mail is moved to; empty: only marked read
MAIL_IN_LMTP_LISTEN = env("MAIL_IN_LMTP_LISTEN", default="127.0.0.1:8024")  # `manage.py serve_lmtp`
MAIL_IN_LIMIT_MB = env.int("MAIL_IN_LIMIT_MB", default=60)  # one mail
# Wrong addresses of ours that one server may try in an hour before its mail waits for a person.
MAIL_WRONG_ADDRESSES_PER_HOUR = max(1, env.int("MAIL_WRONG_ADDRESSES_PER_HOUR", default=20))
# Whoever posts mail to /mail/webhook/ signs it with this. Empty: there is no such address.
MAIL_WEBHOOK_SECRET = env("MAIL_WEBHOOK_SECRET", default="").strip()
MAIL_WEBHOOK_MAX_AGE_SECONDS = max(30, env.int("MAIL_WEBHOOK_MAX_AGE_SECONDS", default=300))
if MAIL_WEBHOOK_SECRET and len(MAIL_WEBHOOK_SECRET) < 32:
    raise ImproperlyConfigured("MAIL_WEBHOOK_SECRET is short. Set a random text of 32 characters or more, or none.")
# The same for providers that prove who they are in ways of their own, each at an address of its own.
MAIL_WEBHOOK_MAILGUN_KEY = env("MAIL_WEBHOOK_MAILGUN_KEY", default="").strip()  # its "HTTP webhook signing key"
MAIL_WEBHOOK_SENDGRID_KEY = env("MAIL_WEBHOOK_SENDGRID_KEY", default="").strip()  # the public key of a security policy
MAIL_WEBHOOK_PASSWORD = env("MAIL_WEBHOOK_PASSWORD", default="").strip()  # name:password
if MAIL_WEBHOOK_PASSWORD and len(MAIL_WEBHOOK_PASSWORD.partition(":")[2]) < 32:
    raise ImproperlyConfigured("MAIL_WEBHOOK_PASSWORD is name:password, the password of 32 random characters or more.")
# The server whose Authentication-Results count (RFC 8601). Empty: nobody's, and every mail waits for a person.
MAIL_AUTHSERV_ID = env("MAIL_AUTHSERV_ID", default="")
MAIL_TRUST_UNCHECKED = env.bool("MAIL_TRUST_UNCHECKED", default=False)  # known addresses pass though nobody proved them
MAIL_VERIFY_DKIM = env.bool("MAIL_VERIFY_DKIM", default=True)  # check signatures here where that server proved nothing
MAIL_DNS_SERVERS = env.list("MAIL_DNS_SERVERS", default=[])  # "address" or "address:port"; empty: those of the machine

# --- The organisation that asks -----------------------------------------------------------------------------------
ORGANISATION_NAME = env("ORGANISATION_NAME", default="Example Records Group" if DEMO else "")
ORGANISATION_TIME_ZONE = env("ORGANISATION_TIME_ZONE", default="America/New_York")
SEND_UNDO_MINUTES = env.int("SEND_UNDO_MINUTES", default=10)
# A filing run spreads its letters, so that no office is flooded and no mail server takes us for a sender of spam.
LETTERS_PER_RECEIVER_PER_HOUR = max(1, env.int("LETTERS_PER_RECEIVER_PER_HOUR", default=4))  # a receiver: a mail domain
LETTERS_PER_HOUR = max(1, env.int("LETTERS_PER_HOUR", default=60))
# The mail address that faxes to a number: {number}@fax.example, or {national}@... without the 1; empty: no gateway.
FAX_GATEWAY = env("FAX_GATEWAY", default="").strip()
APPROVE_FIRST_LETTERS = env.int("APPROVE_FIRST_LETTERS", default=0)  # of each volunteer; 0: nobody reads them first
SIGNING_DAYS = env.int("SIGNING_DAYS", default=7)  # how long a member has to sign a letter or decline
# A month: asked more often, an agency that is merely slow hears from us before it could have moved.
DESK_STALE_AFTER_DAYS = max(1, env.int("DESK_STALE_AFTER_DAYS", default=30))  # without a date and without news
NOTICES_ASK_FIRST = env.int("NOTICES_ASK_FIRST", default=200)  # a policy that would tell more at once asks first
UPLOAD_LIMIT_MB = env.int("UPLOAD_LIMIT_MB", default=200)  # one file
# Paper: how long a letter that somebody began to photograph waits; where a scanner leaves its files (empty: nowhere).
PHOTOGRAPHS_DAYS = env.int("PHOTOGRAPHS_DAYS", default=14)
SCAN_FOLDER = env("SCAN_FOLDER", default="").strip()
SCAN_SETTLE_SECONDS = env.int("SCAN_SETTLE_SECONDS", default=30)  # a file that did not change for so long is whole
PAGE_ID_PREFIX = env("PAGE_ID_PREFIX", default="DL-")  # of numbers given to pages, such as DL-000123
# What comes out of one archive or mail store, at all depths together.
UNPACK_MOST_FILES = env.int("UNPACK_MOST_FILES", default=100_000)
UNPACK_MOST_MB = env.int("UNPACK_MOST_MB", default=20_480)
UNPACK_DEPTH = env.int("UNPACK_DEPTH", default=10)
# The program that turns office files into PDF: LibreOffice, by its name or path. Empty: they are kept, and say so.
OFFICE_CONVERTER = env("OFFICE_CONVERTER", default="soffice")
# A ClamAV server: a path or unix:/path of its socket, or host:port. Empty: files are not scanned.
CLAMD_ADDRESS = env("CLAMD_ADDRESS", default="")
CLAMD_SECONDS = env.int("CLAMD_SECONDS", default=120)  # for one file
READ_UNSCANNED = env.bool("READ_UNSCANNED", default=False)  # whether files are read before they are scanned
SWEEP_SECONDS = env.int("SWEEP_SECONDS", default=60)
SWEEPS_LATE_AFTER_SECONDS = env.int("SWEEPS_LATE_AFTER_SECONDS", default=600)
WATCH_MAIL_TO = env.list("WATCH_MAIL_TO", default=[])  # `check_sweeps --mail`; empty: the administrators

# --- The program --------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "csp",
    "requests_app.people",
    "requests_app.agencies",
    "requests_app.kits",
    "requests_app.filing",
    "requests_app.documents",
    "requests_app.correspondence",
    "requests_app.review",
    "requests_app.tracking",
    "requests_app.publishing",
    "foia",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "requests_app.people.middleware.SecondFactorMiddleware",
    "requests_app.people.middleware.ReaderTimeZoneMiddleware",
    "requests_app.kits.middleware.OwnKitsMiddleware",
    "foia.addresses.NoZeroByteMiddleware",
    "requests_app.documents.middleware.StorageTroubleMiddleware",
]
ROOT_URLCONF = "foia.urls"
WSGI_APPLICATION = "foia.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "requests_app.people.context.shell",
            ],
        },
    }
]
FORM_RENDERER = "foia.forms.FormRenderer"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- People and sessions ------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "people.Person"
AUTHENTICATION_BACKENDS = ["requests_app.people.backends.PeopleBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("UserAttributeSimilarityValidator", {"user_attributes": ("email", "handle")}),
        ("MinimumLengthValidator", {"min_length": 12}),  # NIST SP 800-63B: length over composition rules
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "tracking:home"
LOGOUT_REDIRECT_URL = "publishing:front"
ACCOUNT_ADAPTER = "requests_app.people.adapters.InvitationOnlyAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # an invitation link already proves the address
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_FORMS = {"login": "requests_app.people.sign_in_forms.SignInForm"}
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # no mail to strangers because somebody typed their address
ACCOUNT_EMAIL_SUBJECT_PREFIX = "Daylight: "
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/5m/key", "wrong_agency_link": "20/m/ip"}
MFA_ADAPTER = "requests_app.people.adapters.SealingMfaAdapter"
MFA_FORMS = {
    "authenticate": "requests_app.people.sign_in_forms.SecondFactorForm",
    "reauthenticate": "requests_app.people.sign_in_forms.SecondFactorAgainForm",
    "activate_totp": "requests_app.people.sign_in_forms.SetUpAppForm",
    "add_webauthn": "requests_app.people.sign_in_forms.AddPasskeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Daylight"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION  # http://localhost while trying things out
SECOND_FACTOR_REQUIRED = env.bool("SECOND_FACTOR_REQUIRED", default=PRODUCTION)
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [SITE_URL] if SITE_URL.startswith("https://") else []

# --- Safety of pages ----------------------------------------------------------------------------------------------
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if PRODUCTION:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31536000)
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        # No page loads anything from another host (design, section 3: private by default).
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],  # data: is the QR code of the second factor and USWDS icons
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024  # form fields; files stream to disk
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_TEMP_DIR = None
FILE_UPLOAD_PERMISSIONS = 0o600

# --- Static files -------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [FRONTEND_DIR]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(STORE_DIR)}},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION

# --- Language and time --------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en-us"
LANGUAGES = [("en-us", _("English"))]
LOCALE_PATHS = [ROOT / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"  # storage; legal dates use the jurisdiction's zone, pages the reader's

# --- Work outside a page view -------------------------------------------------------------------------------------
REDIS_URL = env("REDIS_URL", default="")
BROKER_DIR = DATA_DIR / "broker"
CELERY_BROKER_URL = REDIS_URL or "embedded://localhost"  # foia/broker.py
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {"visibility_timeout": 3600}
    if REDIS_URL
    else {
        # One folder for both directions: producers and workers of one machine share it.
        "data_folder_in": str(BROKER_DIR / "messages"),
        "data_folder_out": str(BROKER_DIR / "messages"),
        "control_folder": str(BROKER_DIR / "control"),
    }
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_TIME_LIMIT = 600
# Reading files takes minutes at a time. It has workers of its own, so that no reminder and no mail waits behind a scan.
CELERY_TASK_ROUTES = {
    "requests_app.documents.tasks.read_documents": {"queue": "reading"},
    "requests_app.documents.tasks.tidy_reading": {"queue": "reading"},
    "requests_app.documents.tasks.take_in_scans": {"queue": "reading"},
}
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "foia.clock:Timer"
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")
CELERY_BEAT_SCHEDULE = {
    "sweep": {
        "task": "requests_app.tracking.tasks.sweep",
        "schedule": SWEEP_SECONDS,
        "options": {"expires": SWEEP_SECONDS * 5},
    },
    "outboxes": {
        "task": "requests_app.tracking.tasks.send_outboxes",
        "schedule": min(SWEEP_SECONDS, 20),
        "options": {"expires": SWEEP_SECONDS * 5},
    },
    "digests": {
        "task": "requests_app.tracking.tasks.write_digests",
        "schedule": SWEEP_SECONDS * 5,
        "options": {"expires": SWEEP_SECONDS * 5},
    },
    "filing-runs": {
        "task": "requests_app.correspondence.tasks.go_on_filing",
        "schedule": min(SWEEP_SECONDS, 20),
        "options": {"expires": SWEEP_SECONDS * 5},
    },
    "prints": {
        "task": "requests_app.correspondence.tasks.make_prints",
        "schedule": min(SWEEP_SECONDS, 20),
        "options": {"expires": SWEEP_SECONDS * 5},
    },
    "mail-poll": {
        "task": "requests_app.correspondence.tasks.poll_mail",
        "schedule": min(SWEEP_SECONDS, 60),
        "options": {"expires": SWEEP_SECONDS * 5},
    },
    "mail-in": {
        "task": "requests_app.correspondence.tasks.process_mail",
        "schedule": min(SWEEP_SECONDS, 20),
        "options": {"expires": SWEEP_SECONDS * 5},
    },
    "links-in-mail": {
        "task": "requests_app.correspondence.tasks.remind_of_links",
        "schedule": max(SWEEP_SECONDS, 900),
        "options": {"expires": max(SWEEP_SECONDS, 900) * 2},
    },
    "ingest": {
        "task": "requests_app.documents.tasks.read_documents",
        "schedule": min(SWEEP_SECONDS, 20),
        "options": {"expires": SWEEP_SECONDS},
    },
    "ingest-tidy": {
        "task": "requests_app.documents.tasks.tidy_reading",
        "schedule": 600,
        "options": {"expires": 600},
    },
    "photographs": {
        "task": "requests_app.documents.tasks.tidy_photographs",
        "schedule": 3600,
        "options": {"expires": 3600},
    },
    "search": {
        "task": "requests_app.documents.tasks.keep_up_search",
        "schedule": 300,
        "options": {"expires": 600},
    },
    "statistics": {
        "task": "requests_app.tracking.tasks.count_statistics",
        "schedule": 300,
        "options": {"expires": 600},
    },
    # Every few hours, so that a machine that was off on the first of the month makes them on the second.
    "monthly-reports": {
        "task": "requests_app.tracking.tasks.make_monthly_reports",
        "schedule": crontab(minute=20, hour="*/3"),
        "options": {"expires": 3600},
    },
}
if SCAN_FOLDER:
    CELERY_BEAT_SCHEDULE["scans"] = {
        "task": "requests_app.documents.tasks.take_in_scans",
        "schedule": min(SWEEP_SECONDS, 60),
        "options": {"expires": SWEEP_SECONDS},
    }

# --- Logs: ids and outcomes, never a name, an address, a token or a body -------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", default="INFO")},
    "loggers": {
        "django.server": {"level": "INFO"},
        "fontTools": {"level": "WARNING"},
        "weasyprint": {"level": "ERROR"},
        "mail.log": {"level": "ERROR"},  # aiosmtpd's: below that it writes down every address
    },
}
