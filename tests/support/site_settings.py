"""Settings of running sites in tests: the site's own, but for hashes of passwords that take no time, and en-xa."""

import os

from ferproject.settings import *  # noqa: F403
from ferproject.settings import LANGUAGES as SITE_LANGUAGES
from ferproject.settings import LOCALE_PATHS as SITE_LOCALE_PATHS
from tests.support.pseudo_locale import LANGUAGE, NAME

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Its catalogs are read when a page is first in that language; see tests/support/pseudo_locale.py.
LANGUAGES = [*SITE_LANGUAGES, (LANGUAGE, NAME)]
LOCALE_PATHS = [*SITE_LOCALE_PATHS, *filter(None, [os.environ.get("PSEUDO_LOCALE")])]
