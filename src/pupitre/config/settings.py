"""Django's settings, from the environment. See docs/operators/settings.md."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
import font_source_sans_pro
import font_source_serif_pro
from csp.constants import NONE, SELF
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from pupitre.config.environment import load, secret_key
from pupitre.config.mail import mail_settings

ENV = load()
PACKAGE = Path(__file__).resolve().parent.parent

DEBUG = ENV.debug
DEMO = ENV.demo
COMPANY = ENV.company or ("Maison Ardoise" if DEMO else "")
SECRET_KEY = secret_key(ENV)
DATA_DIR = ENV.folder
PUBLIC_URL = ENV.address
_public = urlsplit(PUBLIC_URL)
SECURE = _public.scheme == "https"
ALLOWED_HOSTS = [
    "127.0.0.1",
    "localhost",
    "[::1]",
    *filter(None, [_public.hostname, *ENV.further_hosts]),
]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "pupitre.core",
    "pupitre.core.accounts",
    "pupitre.rules.mandate",
    "pupitre.lake",
    "pupitre.flow.collect",
    "pupitre.flow.identify",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "csp",
    "django_filters",
    "django_htmx",
    "django_tables2",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "pupitre.core.accounts.middleware.SecurityHeaders",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "pupitre.core.middleware.ReaderLanguage",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "pupitre.core.accounts.middleware.SignInRequired",
    "pupitre.core.accounts.middleware.SessionWatch",
    "pupitre.rules.mandate.middleware.MandateMiddleware",
    "pupitre.core.middleware.ExpectedErrors",
]

ROOT_URLCONF = "pupitre.config.urls"
ASGI_APPLICATION = "pupitre.config.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "pupitre.core.context.house",
            ],
        },
    }
]

FORM_RENDERER = "pupitre.core.forms.HouseRenderer"
CSRF_FAILURE_VIEW = "pupitre.core.views.csrf_failure"
DJANGO_TABLES2_TEMPLATE = "core/table.html"

DATABASES = {
    "default": dj_database_url.parse(
        ENV.database_url or f"sqlite:///{DATA_DIR / 'pupitre.sqlite3'}",
    )
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # IMMEDIATE: a transaction that will write takes the lock first, so that two of them queue
    # instead of one failing halfway.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]

CACHES = {
    # Shared by every process, for a rate limit counted per process is no limit.
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        # Full, it forgets entries at random: nobody must be able to fill it to be forgotten.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", _("French")), ("en", _("English"))]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_TZ = True
TIME_ZONE = ENV.time_zone

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [
    ("fonts/sans", Path(font_source_sans_pro.__file__).parent / "files"),
    ("fonts/serif", Path(font_source_serif_pro.__file__).parent / "files"),
]

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "servestatic.storage.CompressedManifestStaticFilesStorage"},
}
MAX_UPLOAD_BYTES = 5 * 1024 * 1024  # one file, as forms check it; the entrance bounds the request

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_AGE = 12 * 3600  # seconds without a request: a working day with its lunch
SESSION_LASTS_AT_MOST = timedelta(days=7)  # however much it is used
if SECURE:
    # Browsers take cookies of these names only from this very host, encrypted: no neighbour
    # under the same domain can plant one.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ENV.trusted_proxies else None
    CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

# --- accounts: see docs/operators/security.md -----------------------------------------------------

LOGIN_URL = LOGOUT_REDIRECT_URL = "mandate:demo" if DEMO else "account_login"
LOGIN_REDIRECT_URL = "/"
INVITATION_DAYS = 7
PASSWORD_RESET_TIMEOUT = 3600  # seconds
PASSWORD_HASHERS = [
    # Costs an attacker memory as well as time, and comes with Python: no further package.
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email",)},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
ALLAUTH_TRUSTED_PROXY_COUNT = ENV.trusted_proxies
# Of the address that a company's sign-in sends people back to, whatever the proxy says.
ACCOUNT_DEFAULT_HTTP_PROTOCOL = _public.scheme
ACCOUNT_ADAPTER = "pupitre.core.accounts.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]  # checked at start; sign-up itself is closed
ACCOUNT_EMAIL_VERIFICATION = "none"  # an address is vouched for by whoever invites
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # Pupitre writes to nobody that it does not know
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = (  # it signs the address too; no secret
    "django.contrib.auth.tokens.PasswordResetTokenGenerator"  # noqa: S105
)
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_RATE_LIMITS = {
    # An office may share one address: many sign in, few fail.
    "login": "60/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "reset_password": "30/h/ip,5/h/key",
    "invitation": "20/m/ip",
    "preferences": "300/m/ip",  # customers' own pages, by a signed link
}
ACCOUNT_FORMS = {
    "login": "pupitre.core.accounts.forms.SignInForm",
    "reauthenticate": "pupitre.core.accounts.forms.ReauthenticateForm",
    "change_password": "pupitre.core.accounts.forms.ChangePasswordForm",
    "set_password": "pupitre.core.accounts.forms.SetPasswordForm",
    "reset_password": "pupitre.core.accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "pupitre.core.accounts.forms.ResetPasswordKeyForm",
}
MFA_ADAPTER = "pupitre.core.accounts.adapters.MfaAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Pupitre"
MFA_TOTP_TOLERANCE = 1  # periods of 30 s before and after, for clocks and slow fingers
MFA_RATE_LIMITS = {"webauthn_login": "60/m/ip"}
MFA_FORMS = {
    "authenticate": "pupitre.core.accounts.forms.SecondFactorForm",
    "reauthenticate": "pupitre.core.accounts.forms.SecondFactorAgainForm",
    "activate_totp": "pupitre.core.accounts.forms.AddAppForm",
    "add_webauthn": "pupitre.core.accounts.forms.AddPasskeyForm",
    "edit_webauthn": "pupitre.core.accounts.forms.RenamePasskeyForm",
}
SOCIALACCOUNT_ADAPTER = "pupitre.core.accounts.adapters.SocialAdapter"
# A link rather than a form: `form-action 'self'` would stop a form on its way to the company's
# server. Nothing is linked by it: see SocialAdapter.
SOCIALACCOUNT_LOGIN_ON_GET = True
OIDC_NAME = ENV.oidc_name if ENV.oidc_issuer else ""
# The issuer's own name is part of every link to it: another issuer's "subject 1" is another person.
OIDC_ID = slugify(re.sub(r"\W", "-", ENV.oidc_issuer.partition("://")[2]))
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": OIDC_ID,
                "name": OIDC_NAME,
                "client_id": ENV.oidc_client_id,
                "secret": ENV.oidc_client_secret.get_secret_value(),
                "settings": {"server_url": ENV.oidc_issuer.rstrip("/")},
            }
        ]
        if ENV.oidc_issuer
        else [],
    }
}

EMAIL_FILE_PATH = DATA_DIR / "mail"  # where messages go without a server
globals().update(mail_settings(ENV))
DEFAULT_FROM_EMAIL = SERVER_EMAIL = ENV.email_from

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "pupitre": {"level": "INFO"},
        # Errors with their traceback; a page not found is nobody's failure.
        "django": {"handlers": [], "level": "WARNING"},
        "django.request": {"level": "ERROR"},
    },
}
