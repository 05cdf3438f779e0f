"""Pages without their photos stay under 300 KB, uncompressed and uncached."""

import posixpath
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.urls import reverse

from tests.analysis.factories import make_face, make_photo

LIMIT = 300_000


def _weight(html):
    files = set(re.findall(r'/static/([^"#]+)', html))
    scripts = {name for name in files if name.endswith(".js")}
    while scripts:
        script = scripts.pop()
        imported = re.findall(r'from "(\.[^"]+)"', _read(script).decode())
        found = {posixpath.normpath(posixpath.join(posixpath.dirname(script), name)) for name in imported} - files
        files |= found
        scripts |= found
    return len(html.encode()) + sum(len(_read(name)) for name in files)


def _read(name):
    return Path(finders.find(name)).read_bytes()


@pytest.mark.parametrize("name", ["landing", "about-model"])
def test_public_pages(model, client, db, name):
    assert _weight(client.get(reverse(f"analysis:{name}")).content.decode()) < LIMIT


@pytest.mark.parametrize("name", ["upload", "history"])
def test_full_lists(signed_in, user, name):
    for _ in range(25):
        make_photo(user, emotions=["happy", "sad", "fear"])
    assert _weight(signed_in.get(reverse(f"analysis:{name}")).content.decode()) < LIMIT


def test_a_result_with_twelve_faces(signed_in, user):
    photo = make_photo(user, faces=[make_face()] * 12)
    assert _weight(signed_in.get(reverse("analysis:detail", args=[photo.pk])).content.decode()) < LIMIT
