"""`make messages`, and the check of the catalogs in `make lint`."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from django.conf import settings

from ferproject import catalogs

LOCALE = Path(settings.LOCALE_PATHS[0])
LANGUAGES = [code for code, _ in settings.LANGUAGES if code != "en"]
HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n'
HEADER += '"Plural-Forms: nplurals=2; plural=n != 1;\\n"\n\n'
ALBUM = 'msgid "Album"\nmsgstr "Album"\n\n'
PHOTOS = 'msgid "%(n)s photo"\nmsgid_plural "%(n)s photos"\nmsgstr[0] "%(n)s Foto"\nmsgstr[1] "%(n)s Fotos"\n\n'
needs_gettext = pytest.mark.skipif(shutil.which("xgettext") is None, reason="gettext is not installed")


@pytest.fixture
def german(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Catalogs of a site of two texts; what extraction finds is in `django.fresh` beside them."""
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    for domain in ("django", "djangojs"):
        (folder / f"{domain}.po").write_text(HEADER + ALBUM + PHOTOS)
    (folder / "django.fresh").write_text(HEADER + ALBUM + PHOTOS)
    if shutil.which("msgfmt"):
        catalogs.compile_all(tmp_path)

    def extract(copy: Path, _languages: list[str]) -> None:
        shutil.copy(folder / "django.fresh", copy / "de" / "LC_MESSAGES" / "django.po")

    monkeypatch.setattr(catalogs, "extract", extract)
    return folder


def _problems(german: Path) -> str:
    return "\n".join(catalogs.check(german.parent.parent, ["de"]))


@needs_gettext
def test_complete_and_current_catalogs_pass(german: Path):
    assert _problems(german) == ""


@needs_gettext
@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        (
            "django.fresh",
            HEADER + ALBUM + PHOTOS + 'msgid "New"\nmsgstr ""\n',
            "de/LC_MESSAGES/django.po: missing: New",
        ),
        ("django.fresh", HEADER + ALBUM, "unused: %(n)s photo"),
        ("djangojs.po", HEADER + ALBUM.replace('msgstr "Album"', 'msgstr ""'), "not translated: Album"),
        ("django.po", HEADER + PHOTOS.replace("Fotos", "").replace('"%(n)s "', '""'), "not translated: %(n)s photo"),
        ("django.po", HEADER + f"#, fuzzy\n{ALBUM}" + PHOTOS, "fuzzy: Album"),
        ("django.po", HEADER + ALBUM.replace('msgstr "Album"', 'msgstr "Mappe"') + PHOTOS, "is not the compiled .po"),
    ],
)
def test_what_is_stale_or_not_translated_is_named(german: Path, name: str, text: str, problem: str):
    (german / name).write_text(text)
    assert problem in _problems(german)


@pytest.mark.parametrize("name", ["django.po", "django.mo"])
def test_a_missing_file_is_named(german: Path, name: str):
    (german / name).unlink(missing_ok=True)
    assert "django.po: it or its .mo is missing." in _problems(german)


def test_without_gettext_only_the_extraction_is_skipped(german: Path, monkeypatch, capsys):
    monkeypatch.setattr(catalogs.shutil, "which", lambda _name: None)
    (german / "djangojs.po").write_text(HEADER + f"#, fuzzy\n{ALBUM}")
    problems = _problems(german)
    assert "missing: " not in problems
    assert "xgettext is not installed" in capsys.readouterr().out


@needs_gettext
def test_a_second_extraction_of_the_site_changes_nothing(tmp_path: Path, settings, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(catalogs.PROJECT)
    texts = []
    for _ in range(2):
        catalogs.extract(tmp_path, ["es"])
        texts.append({path.name: path.read_text() for path in tmp_path.rglob("*.po")})
    assert texts[0] == texts[1]
    assert texts[0].keys() == {"django.po", "djangojs.po"}


def test_the_catalogs_of_the_site_are_complete_and_current():
    assert list(catalogs.check(LOCALE, LANGUAGES)) == []


def test_a_site_without_its_catalogs_is_told(tmp_path: Path):
    problems = list(catalogs.check(tmp_path / "gone", ["de"]))
    assert len(problems) == len(catalogs.DOMAINS)
    assert all("missing" in problem for problem in problems)
