"""Settings of hosts, HTTPS, headers, accounts and e-mail; `ferproject.settings` imports all of them."""

from __future__ import annotations

from pathlib import Path

from csp.constants import NONCE, NONE, SELF

from ferproject.env import env_bool, env_contact, env_int, env_list, env_str, env_url

LOCAL_NAMES = ["localhost", "127.0.0.1", "[::1]"]
HOST = env_str("HOST", "127.0.0.1")
PORT = env_int("PORT", 8000, minimum=1)
# Reachable from this machine only, the site has only local names; otherwise any, unless SITE_HOSTS lists them.
ALLOWED_HOSTS = env_list("SITE_HOSTS", LOCAL_NAMES if HOST == "127.0.0.1" else ["*"])
CSRF_TRUSTED_ORIGINS = env_list("CSRF_TRUSTED_ORIGINS", [])
BEHIND_HTTPS = env_bool("BEHIND_HTTPS", False)
SITE_URL = env_url("SITE_URL")
"""Address that links in e-mails begin with, without a slash at the end; "" for none."""
IS_LOCAL_SITE = HOST in ("127.0.0.1", "localhost", "::1") and not BEHIND_HTTPS and set(ALLOWED_HOSTS) <= {*LOCAL_NAMES}
"""Whether the site has only names of this machine, so that the host name of a request can be trusted."""
# Proxies between visitors and the site, which rate limits by address have to skip.
ALLAUTH_TRUSTED_PROXY_COUNT = env_int("PROXY_COUNT", 0)
if BEHIND_HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = env_int("HSTS_SECONDS", 365 * 24 * 3600)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = env_bool("HSTS_SUBDOMAINS", False)
SECURE_SSL_REDIRECT = BEHIND_HTTPS
# Whether other names of the domain use HTTPS, which the two settings of these warnings promise, is not known here.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_HTTPS
COOKIE_PREFIX = "__Host-" if BEHIND_HTTPS else ""
"""Of all cookies: browsers accept those with it from this very host and over HTTPS only."""
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid", f"{COOKIE_PREFIX}csrftoken"
MESSAGE_STORAGE = "ferproject.message_storage.MessageStorage"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SERVESTATIC_ALLOW_ALL_ORIGINS = False
PERMISSIONS_POLICY = (
    "camera=(self), clipboard-write=(self), fullscreen=(self), publickey-credentials-create=(self), "
    "publickey-credentials-get=(self), screen-wake-lock=(self), display-capture=(self), "
    "window-management=(self), accelerometer=(), "
    "geolocation=(), gyroscope=(), hid=(), microphone=(), midi=(), payment=(), serial=(), usb=()"
)
SECURITY_CONTACT = env_contact("SECURITY_CONTACT")
"""Where holes are reported, such as mailto:security@example.org; "" for no /.well-known/security.txt."""

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "blob:", "data:"],
        "script-src": [SELF, NONCE],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
COMMON_PASSWORDS = "django.contrib.auth.password_validation.CommonPasswordValidator"
SITE_PASSWORDS = Path(__file__).resolve().parent.parent / "accounts" / "site_passwords.txt"
"""Passwords made of this site's own words, which are refused as common ones are."""
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": COMMON_PASSWORDS},
    {"NAME": COMMON_PASSWORDS, "OPTIONS": {"password_list_path": SITE_PASSWORDS}},
]
PASSWORD_RESET_TIMEOUT = 3600
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "analysis:upload"
ACCOUNT_LOGOUT_REDIRECT_URL = "analysis:landing"
ACCOUNT_ADAPTER = "accounts.signup.allauth_adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "signup": "accounts.forms.SignupForm",
    "add_email": "accounts.forms.AddEmailForm",
    "change_password": "accounts.forms.ChangePasswordForm",
    "set_password": "accounts.forms.SetPasswordForm",
    "reset_password_from_key": "accounts.forms.ResetPasswordKeyForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[Expressions] "
# By address and account together, then by address; accounts/signup/allauth_adapter.py counts.
ACCOUNT_RATE_LIMITS = {"login": None, "login_failed": "5/300s/key,10/m/ip"}
ACCOUNT_SESSION_REMEMBER = True
# A password reset sends no e-mail to addresses without an account.
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False

MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_FORMS = {
    "activate_totp": "accounts.security.forms.ActivateTOTPForm",
    "add_webauthn": "accounts.security.forms.AddWebAuthnForm",
    "edit_webauthn": "accounts.security.forms.EditWebAuthnForm",
}
MFA_TOTP_ISSUER = "Expressions"
# An unconfirmed address lets nobody in and cannot be signed in with, see accounts/email_views.py.
MFA_ALLOW_UNVERIFIED_EMAIL = True
# Browsers allow passkeys on this machine's own pages without HTTPS.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not BEHIND_HTTPS
USERSESSIONS_ADAPTER = "accounts.security.usersessions_adapter.UserSessionsAdapter"

EMAIL_BACKEND = env_str("EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend")
# A site that sends links confirms addresses; only then can sign-up hide which addresses have an account.
ACCOUNT_EMAIL_VERIFICATION = env_str(
    "EMAIL_VERIFICATION", "mandatory" if SITE_URL and "console" not in EMAIL_BACKEND else "none"
)
EMAIL_HOST = env_str("EMAIL_HOST", "localhost")
EMAIL_PORT = env_int("EMAIL_PORT", 25, minimum=1)
EMAIL_HOST_USER = env_str("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env_str("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env_bool("EMAIL_USE_TLS", False)
DEFAULT_FROM_EMAIL = env_str("DEFAULT_FROM_EMAIL", "webmaster@localhost")
EMAIL_TIMEOUT = 10
