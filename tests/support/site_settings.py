"""Settings of running sites in tests: the site's own, but for hashes of passwords that take no time."""

from ferproject.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
