"""Django settings; what differs between installations comes from environment variables."""

from __future__ import annotations

import os
from pathlib import Path

from ferproject.databases import database_settings
from ferproject.env import env_bool, env_choice, env_int, env_rate, env_secret, env_str, env_url, redis_database
from ferproject.file_storage import storage_settings
from ferproject.security_settings import *  # noqa: F403
from ferproject.security_settings import ALLAUTH_TRUSTED_PROXY_COUNT, COOKIE_PREFIX
from ferproject.server_settings import *  # noqa: F403
from ferproject.server_settings import METRICS_PORT, WEB_PROCESSES

# New files, the database's and its log's among them, are for their owner alone.
os.umask(0o077)
BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env_str("VAR_DIR", str(BASE_DIR / "var")))
"""Folder of everything this installation writes: database, photos, secret key."""
VAR_DIR.mkdir(parents=True, exist_ok=True)

DISK_RESERVE_BYTES = env_int("DISK_RESERVE_BYTES", 32_000_000)
"""Room on the disk kept for deletions, in a file under `VAR_DIR`; 0: none, and a full disk is met by each write."""
DISK_RESERVE_VIEWS = [
    *("*delete*", "*cancel*", "*withdraw*", "*revoke*", "*dismiss*", "admin:*_changelist", "accounts:end-session"),
    *("analysis:consent", "accounts:retention", "accounts:takeout", "accounts:sessions"),
    # Who wants to delete has to sign in.
    *(
        "account_login",
        "account_logout",
        "account_reauthenticate",
        "account_change_password",
        "account_reset_password*",
    ),
    *("mfa_authenticate", "mfa_reauthenticate*", "mfa_login_webauthn"),
]
"""Patterns of the names of views that may use that room; see ferproject/disk_reserve.py."""

SECRET_KEY = env_secret("SECRET_KEY", VAR_DIR / "secret_key")
DEBUG = env_bool("DEBUG", False)
INSTALLED_APPS = [
    "ferproject.server.apps.DaphneConfig",
    "accounts",
    "analysis",
    "training",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "channels",
    "csp",
    "knox",
    "rest_framework",
    "drf_spectacular",
    "ferproject.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
]

ADMIN_GROUPS = {
    "Recognition": [
        "analysis.modelversion",
        "training.trainingrun",
        "training.versiontransfer",
        "analysis.correction",
        "analysis.photo",
    ],
    "People": ["accounts.user", "auth.group", "accounts.invitation", "account.emailaddress"],
    "Security": [
        "usersessions.usersession",
        "mfa.authenticator",
        "accounts.securityevent",
        "analysis.auditentry",
    ],
}
"""Groups of models in the admin; models that are in none come last. `ferproject.admin_site` marks their names."""

MIDDLEWARE = [
    *(["ferproject.metrics.metrics_middleware"] if METRICS_PORT else []),
    "ferproject.logs.request_id_middleware",
    "django.middleware.security.SecurityMiddleware",
    "ferproject.headers.SecurityHeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "ferproject.compression.compression_middleware",
    "servestatic.middleware.ServeStaticMiddleware",
    "ferproject.disk_reserve.DiskReserveMiddleware",
    "ferproject.sessions.ForgivingSessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.LanguageMiddleware",
    "accounts.middleware.FirstRunMiddleware",
    "accounts.middleware.TimeZoneMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.second_factor.SecondFactorMiddleware",
]

SESSION_ENGINE = "ferproject.sessions"
ROOT_URLCONF = "ferproject.urls"
ASGI_APPLICATION = "ferproject.asgi.application"

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
                "ferproject.appearance.appearance",
                "ferproject.languages.catalog",
                "analysis.bulk.context.bulk_jobs",
            ]
        },
    },
]

DATABASES = {"default": database_settings(VAR_DIR)}
DATABASE_STATEMENT_SECONDS = env_int("DATABASE_STATEMENT_SECONDS", 30)
"""How long a web process lets PostgreSQL work on one statement; 0: as long as it takes."""
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGES = [
    ("de", "Deutsch"),
    ("en", "English"),
    ("es", "Español"),
    ("fr", "Français"),
    ("ja", "日本語"),
    ("pt-br", "Português (Brasil)"),
]
"""Languages of the pages, each in its own name; docs/translating.md says how to add one."""
LANGUAGE_CODE = env_choice("LANGUAGE_CODE", "en", dict(LANGUAGES))
"""The site's language, where neither a person nor their browser names one of `LANGUAGES`."""
LANGUAGE_COOKIE_NAME, LANGUAGE_COOKIE_SAMESITE = f"{COOKIE_PREFIX}language", "Lax"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_SECURE = LANGUAGE_COOKIE_HTTPONLY = bool(COOKIE_PREFIX)
LOCALE_PATHS = [BASE_DIR / "ferproject" / "locale"]
FORMAT_MODULE_PATH = "ferproject.formats"
TIME_ZONE = env_str("TIME_ZONE", "UTC")
USE_TZ = True

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = Path(env_str("STATIC_ROOT", str(VAR_DIR / "static")))
"""Where `collectstatic` puts the files of pages; containers have them in the image."""
MEDIA_ROOT = VAR_DIR / "media"
S3_BUCKET = env_str("S3_BUCKET", "")
"""Bucket of photos, videos, trained versions and checkpoints; "": they are in folders."""
STORAGES = {
    "default": storage_settings(S3_BUCKET, env_url("S3_ENDPOINT_URL")),
    "staticfiles": {"BACKEND": "ferproject.storage.StaticFiles"},
}
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700

# REST API
REST_FRAMEWORK = {
    # The first class's `WWW-Authenticate` header makes the response a 401.
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.api.authentication.TokenAuthentication",
        "accounts.api.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": [
        "rest_framework.permissions.IsAuthenticated",
        "ferproject.api.permissions.HasTokenScope",
    ],
    "DEFAULT_THROTTLE_CLASSES": [
        "ferproject.api.throttles.UserThrottle",
        "ferproject.api.throttles.AddressThrottle",
    ],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["ferproject.api.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "ferproject.api.pagination.KeysetPagination",
    "EXCEPTION_HANDLER": "ferproject.api.errors.handle_exception",
    "NUM_PROXIES": ALLAUTH_TRUSTED_PROXY_COUNT,
    "UNICODE_JSON": True,
}
API_RATES = {
    "user": env_rate("API_RATE", "600/min"),
    "upload": env_rate("API_UPLOAD_RATE", "120/min"),
    "address": env_rate("API_ADDRESS_RATE", "60/min"),
}
"""Per user, per user's uploads, and per address without sign-in."""
SPECTACULAR_SETTINGS = {
    "TITLE": "Expressions",
    "DESCRIPTION": "Your photos, live sessions, videos and their history. "
    "Sign in with a token made at [/account/tokens/](/account/tokens/).",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "BulkKindEnum": "analysis.bulk.models.BulkJob.Kind",
        "CorrectionEnum": "analysis.corrections.models.CORRECTION_CHOICES",
        "EmotionEnum": "analysis.emotion_fields.EMOTION_CHOICES",
        "HistorySourceEnum": "analysis.history.models.HistorySum.Source",
        "FileStatusEnum": "analysis.videos.models.Video.Status",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "ferproject.api.schema.add_errors",
    ],
}

# Its own table has no use beside `accounts.ApiToken`, and would refer to users.
MIGRATION_MODULES = {"knox": None}
KNOX_TOKEN_MODEL = "accounts.ApiToken"  # noqa: S105
REST_KNOX = {"TOKEN_PREFIX": "fer_", "TOKEN_TTL": None}

# Recognition
MODELS_STORE = Path(env_str("MODELS_STORE", str(BASE_DIR / "models_store")))
MODEL_REFRESH_SECONDS = 2.0
"""How often each process checks which model version is active; 0: never, and it uses the shipped one."""
RECOGNITION_THREADS = env_int("RECOGNITION_THREADS", max(1, min(4, (os.cpu_count() or 1) // WEB_PROCESSES)), minimum=1)
RECOGNITION_QUEUE = env_int("RECOGNITION_QUEUE", 64, minimum=1)
"""Photos that may wait for a thread, and as many frames of live connections; who has most waiting is answered 503."""
RECOGNITION_QUEUE_PER_USER = env_int("RECOGNITION_QUEUE_PER_USER", 16, minimum=1)
"""Photos of one user that may wait; further ones are answered with 429."""
FACE_DETECTOR = env_str("FACE_DETECTOR", "centerface")
YUNET_MODEL = env_str("YUNET_MODEL", "")
PHOTO_MAX_BYTES = env_int("PHOTO_MAX_BYTES", 20_000_000, minimum=1)
PHOTO_MAX_PIXELS = env_int("PHOTO_MAX_PIXELS", 50_000_000, minimum=1)
"""JPEGs, which are decoded at a reduced scale, may have four times as many unless they have several scans."""
PHOTO_MAX_SECONDS = env_int("PHOTO_MAX_SECONDS", 10, minimum=1)
"""How long an uploaded photo may take to decode; the process that decodes it is killed then."""
WATCHED_DIR = env_str("WATCHED_DIR", "")
"""Folder of folders named by accounts' addresses, whose photos are imported; "": none."""
DELETION_UNDO_SECONDS = env_int("DELETION_UNDO_SECONDS", 10)
"""How long what is deleted on a page is only hidden, to be undone; 0: it is deleted at once."""
VIDEO_MAX_BYTES = env_int("VIDEO_MAX_BYTES", 500_000_000, minimum=1)
VIDEO_MAX_SECONDS = env_int("VIDEO_MAX_SECONDS", 1800, minimum=1)
VIDEO_MAX_PIXELS = env_int("VIDEO_MAX_PIXELS", 120_000_000_000, minimum=1)
"""Of all frames together."""
VIDEO_FRAMES_PER_SECOND = env_int("VIDEO_FRAMES_PER_SECOND", 10, minimum=1)
"""How often a second faces are detected in a video; the frames between show the last faces detected."""
# More than a photo, for the form's other fields; see ferproject/server/main.py.
REQUEST_MAX_BYTES = PHOTO_MAX_BYTES + 1_000_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000

# Background tasks: Celery, with Redis or files under `var/` as its broker
REDIS_URL = env_str("REDIS_URL", "")
# Without Redis each process counts rates on its own.
CACHES: dict[str, dict[str, object]] = {"default": {"BACKEND": "ferproject.cache.SteadyLocMemCache"}}
if REDIS_URL:
    CACHES["default"] = {
        "BACKEND": "ferproject.cache.FallbackRedisCache",
        # The broker has the database that REDIS_URL names: emptying one does not empty the other.
        "LOCATION": redis_database(REDIS_URL, 1),
        "KEY_PREFIX": "fer",
        "OPTIONS": {"socket_connect_timeout": 2},
    }
BROKER_DIR = VAR_DIR / "broker"
CELERY_BROKER_URL = REDIS_URL or "filesystem://localhost"
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {"socket_connect_timeout": 2, "socket_keepalive": True}
    if REDIS_URL
    else {
        "data_folder_in": str(BROKER_DIR / "messages"),
        "data_folder_out": str(BROKER_DIR / "messages"),
        "control_folder": str(BROKER_DIR / "control"),
        "polling_interval": 0.5,
    }
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_CHANNEL_ERROR_RETRY = True
CELERY_WORKER_CONSUMER = "ferproject.queue.consumer:PromptConsumer"
# Long tasks must not be delivered twice; the sweeper sends the tasks of a dead worker again.
CELERY_TASK_ACKS_LATE = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {"training.tasks.*": {"queue": "training"}}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = TIME_ZONE
SWEEP_SECONDS = env_int("SWEEP_SECONDS", 10, minimum=1)
WEBHOOK_ALLOW_PRIVATE = env_bool("WEBHOOK_ALLOW_PRIVATE", False)
"""Whether webhooks may lead to private and loopback addresses, and to http://."""

# Training
FER2013_PATH = Path(env_str("FER2013_PATH", str(BASE_DIR / "data" / "fer2013.csv")))
FER2013_VOTES_PATH = Path(env_str("FER2013_VOTES_PATH", str(BASE_DIR / "data" / "fer2013new.csv")))
RUN_HEARTBEAT_SECONDS = env_int("RUN_HEARTBEAT_SECONDS", 5, minimum=1)
RUN_LOST_SECONDS = env_int("RUN_LOST_SECONDS", 60, minimum=2)
"""A row whose worker sent no heartbeat for this long is claimed again; see ferproject/queue/leases.py."""
