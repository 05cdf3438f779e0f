#!/usr/bin/env python
"""Django's command line."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ferproject.settings")
    try:
        from django.core.management import execute_from_command_line
    except ImportError as error:
        raise SystemExit("Django is missing: run `make setup`, then use .venv/bin/python manage.py.") from error
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
