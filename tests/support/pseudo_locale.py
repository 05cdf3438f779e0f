"""The language en-xa: English with an accent on every letter, longer, in brackets; plain letters have not been marked.

Its catalogs are made of the texts that `make messages` extracts, and of those of Django and the other apps.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po

LANGUAGE, NAME = "en-xa", "Ƥšéüďö"
PLAIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
ACCENTED = "áƀçďéƒǧĥíǰķłḿńóƥɋŕšťúṽŵẋýžÁƁÇĎÉƑǦĤÍĴĶŁḾŃÓƤɊŔŠŤÚṼŴẊÝŽ"
_LETTERS = str.maketrans(PLAIN, ACCENTED)
_KEPT = re.compile(
    r"%\(\w+\)[a-z]|%[a-z%]|\{[^{}]*\}|<(?:code|kbd|samp|bdi)\b[^>]*>.*?</(?:code|kbd|samp|bdi)>|<[^>]*>|&#?\w+;|`[^`]*`"
)
"""Placeholders, HTML with its entities, and code."""
NAMES = re.compile(r"\b(Expressions|FER-2013)\b")


def is_available() -> bool:
    """Whether gettext, which extracts the texts, is installed."""
    return shutil.which("xgettext") is not None


def accented(text: str) -> str:
    """Return the text as en-xa has it: [Ďéłéťé %(name)s ~~~]."""
    pieces, end = [], 0
    for match in re.finditer(f"{_KEPT.pattern}|{NAMES.pattern}", text, re.DOTALL):
        pieces += [text[end : match.start()].translate(_LETTERS), match[0]]
        end = match.end()
    pieces.append(text[end:].translate(_LETTERS))
    return f"[{''.join(pieces)}{' ~~~' * (len(text) // 12 + 1 if len(text) > 3 else 0)}]"


def write_catalogs(folder: Path) -> None:
    """Write `folder/en_XA/LC_MESSAGES/django.mo` and `djangojs.mo`."""
    from ferproject.catalogs import extract

    extracted = folder / "extracted"
    extracted.mkdir(parents=True, exist_ok=True)
    extract(extracted, ["de"])
    for domain in ("django", "djangojs"):
        sources = [extracted / "de" / "LC_MESSAGES" / f"{domain}.po", *_sources(domain)]
        target = folder / "en_XA" / "LC_MESSAGES" / f"{domain}.mo"
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as file:
            write_mo(file, _pseudo(sources))


def _sources(domain: str) -> list[Path]:
    """Return the English catalogs of Django and of the other apps."""
    import django
    from django.apps import apps

    folders = [Path(django.__file__).parent / "conf", *(Path(app.path) for app in apps.get_app_configs())]
    found = (folder / "locale" / "en" / "LC_MESSAGES" / domain for folder in folders)
    # Django REST framework ships compiled catalogs only.
    both = ([path.with_suffix(".po"), path.with_suffix(".mo")] for path in found)
    return [next(filter(Path.exists, paths)) for paths in both if any(map(Path.exists, paths))]


def _pseudo(sources: list[Path]) -> Catalog:
    pseudo = Catalog(locale="en")
    for path in sources:
        with path.open("rb") as file:
            for message in (read_po if path.suffix == ".po" else read_mo)(file):
                if message.id and pseudo.get(_first(message.id), message.context) is None:
                    forms = [accented(text) for text in _forms(message.id)]
                    pseudo.add(message.id, forms if len(forms) > 1 else forms[0], context=message.context)
    return pseudo


def _forms(text: str | list[str] | tuple[str, ...]) -> list[str]:
    return [text] if isinstance(text, str) else list(text)


def _first(text: str | list[str] | tuple[str, ...]) -> str:
    return _forms(text)[0]
