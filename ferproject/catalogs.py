"""Extract and compile the catalogs of translations, `python -m ferproject.catalogs`; with `--check`, compare only."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

PROJECT = Path(__file__).resolve().parent.parent
DOMAINS = ("django", "djangojs")
IGNORED = ("ferproject/locale", "var", "tests", "static/vendor", "models_store", "build", "data/**")
"""Folders beside `.venv` without texts of the site; where Django finds a `locale`, it would write there instead."""
NO_GETTEXT = "xgettext is not installed (Debian: gettext)"
PO_DATE = re.compile(r'^"POT-Creation-Date: .*\n', re.MULTILINE)
"""Changes with each extraction, whether the texts do or not."""
NEW_PO = """msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plurals}\\n"
"""


def extract(folder: Path, languages: list[str]) -> None:
    """Write the texts of the project to `folder/LANGUAGE/LC_MESSAGES/*.po`, and keep the translations there."""
    from django.conf import settings
    from django.core.management import call_command
    from django.utils.translation import to_locale

    for path in _paths(folder, languages):
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            name = path.parts[-3]
            path.write_text(NEW_PO.format(language=name, plurals=Catalog(locale=name).plural_forms))
    options = {"ignore_patterns": list(IGNORED), "no_wrap": True, "add_location": "file", "verbosity": 0}
    paths, settings.LOCALE_PATHS = settings.LOCALE_PATHS, [folder]
    try:
        with contextlib.chdir(PROJECT):
            for domain in DOMAINS:
                locales = list(map(to_locale, languages))
                call_command("makemessages", domain=domain, locale=locales, stdout=StringIO(), **options)
    finally:
        settings.LOCALE_PATHS = paths
    for path in _paths(folder, languages):
        path.write_text(PO_DATE.sub("", path.read_text()))


def compile_all(folder: Path) -> None:
    """Write each `.mo`, which a site reads, of its `.po`; a placeholder that a translation lacks is an error."""
    for path in sorted(folder.glob("*/LC_MESSAGES/*.po")):
        _msgfmt(path, path.with_suffix(".mo"))


def check(folder: Path, languages: list[str]) -> Iterator[str]:
    """Yield what is wrong with the catalogs, a line each."""
    for path in _paths(folder, languages):
        yield from _check_catalog(path)
    if not folder.exists():
        return
    if shutil.which("xgettext") is None:
        print(f"{NO_GETTEXT}: whether the catalogs have every text was not checked.")
        return
    with tempfile.TemporaryDirectory() as name:
        fresh = Path(shutil.copytree(folder, Path(name) / "locale"))
        extract(fresh, languages)
        for path in _paths(folder, languages):
            if path.exists():
                yield from _differences(path, fresh / path.relative_to(folder))


def _paths(folder: Path, languages: list[str]) -> list[Path]:
    from django.utils.translation import to_locale

    return [folder / to_locale(each) / "LC_MESSAGES" / f"{domain}.po" for each in languages for domain in DOMAINS]


def _check_catalog(path: Path) -> Iterator[str]:
    name, compiled = _name(path), path.with_suffix(".mo")
    if not path.exists() or not compiled.exists():
        yield f"{name}: it or its .mo is missing."
        return
    catalog = _read(path)
    for message in catalog:
        if message.id and (message.fuzzy or not all(_forms(message.string))):
            yield f"{name}: {'fuzzy' if message.fuzzy else 'not translated'}: {_forms(message.id)[0]}"
    with compiled.open("rb") as file:
        translated = {key: texts for key, texts in _texts(catalog).items() if all(texts)}
        if _texts(read_mo(file)) != translated:
            yield f"{compiled.name} of {name} is not the compiled .po."


def _differences(path: Path, fresh: Path) -> Iterator[str]:
    committed, current = _texts(_read(path)), _texts(_read(fresh))
    for prefix, keys in (("missing", current.keys() - committed.keys()), ("unused", committed.keys() - current.keys())):
        yield from (f"{_name(path)}: {prefix}: {forms[0]}" for _, forms in sorted(keys, key=str))


def _read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file)


def _texts(catalog: Catalog) -> dict[tuple[str | None, tuple[str, ...]], tuple[str, ...]]:
    """Return the translations by context and text, each with its plural forms."""
    return {(message.context, _forms(message.id)): _forms(message.string) for message in catalog if message.id}


def _forms(text: str | list[str] | tuple[str, ...]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def _name(path: Path) -> str:
    return "/".join(path.parts[-3:])


def _msgfmt(path: Path, target: Path) -> None:
    subprocess.run(["msgfmt", "--check-format", "-o", target, path], check=True)  # noqa: S603, S607


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ferproject.settings")
    import django
    from django.conf import settings

    django.setup()
    folder = Path(settings.LOCALE_PATHS[0])
    languages = [code for code, _ in settings.LANGUAGES if code != "en"]
    if "--check" in sys.argv:
        problems = list(check(folder, languages))
        print(*problems, sep="\n", end="\n" if problems else "")
        if problems:
            print("Run `make messages`, translate what is new in the .po files, and run it again.")
        return 1 if problems else 0
    if shutil.which("xgettext") is None:
        print(f"{NO_GETTEXT}.")
        return 1
    folder.mkdir(exist_ok=True)
    extract(folder, languages)
    compile_all(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
