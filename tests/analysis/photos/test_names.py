"""Names of uploaded files are displayed, never used as paths."""

import pytest
from django.urls import reverse

from analysis.files.storage import display_name
from analysis.photos.models import Photo
from tests.analysis.factories import kept_files, landscape


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("holiday.jpg", "holiday.jpg"),
        ("../../etc/passwd.jpg", "passwd.jpg"),
        ("C:\\photos\\me.jpg", "me.jpg"),
        ("сентябрь ☀ 写真.jpg", "сентябрь ☀ 写真.jpg"),
        ("evil\u202egpj.exe", "evilgpj.exe"),
        ("tab\tnew\nline.jpg", "tabnewline.jpg"),
        ("", "photo"),
        ("../", "photo"),
        ("x" * 300, "x" * 255),
    ],
)
def test_display_name(sent, shown):
    assert display_name(sent) == shown


def test_a_path_in_a_name_is_ignored(model, send):
    send(landscape(), "../../../outside.jpg")
    assert all(name.startswith("photos/") for name in kept_files())
    assert Photo.objects.get().name == "outside.jpg"


def test_html_in_a_name_is_escaped_on_every_page(model, send, signed_in):
    answer = send(landscape(), "<img src=x onerror=alert(1)>.jpg").json()
    pages = [answer["html"], signed_in.get(answer["url"]).content.decode()]
    pages += [signed_in.get(reverse(f"analysis:{name}")).content.decode() for name in ("history", "upload")]
    for page in pages:
        assert "<img src=x" not in page
        assert "&lt;img src=x" in page


def test_a_unicode_name_is_kept(model, send, signed_in):
    answer = send(landscape(), "сентябрь ☀.jpg").json()
    assert answer["name"] == "сентябрь ☀.jpg"
    assert "сентябрь ☀.jpg" in signed_in.get(answer["url"]).content.decode()
