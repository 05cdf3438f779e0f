"""Pages of albums and tags."""

import uuid

import pytest
from django.urls import reverse

from analysis.albums.models import Collection
from analysis.albums.services import add_items, create_collection
from analysis.photos.models import Photo
from tests.analysis.factories import make_photo
from tests.analysis.session_factories import make_session

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume:Warning"),
]


@pytest.fixture
def album(user):
    return create_collection(owner=user, kind="album", name="Holiday")


@pytest.fixture
def filled(user, album):
    photos = [make_photo(user, name=name, emotions=[emotion]) for name, emotion in (("a", "happy"), ("b", "sad"))]
    make_photo(user, name="outside", emotions=["fear"])
    session = make_session(user, {1: "happy"}, name="Rehearsal of it")
    add_items(collection=album, photos=[photo.pk for photo in photos], sessions=[session.pk])
    return photos


def test_it_shows_what_is_in_an_album(signed_in, album, filled):
    listed = signed_in.get(reverse("analysis:albums")).content.decode()
    assert "2 photos · 1 session" in listed
    assert reverse("analysis:thumbnail", args=[filled[1].pk]) in listed
    content = signed_in.get(reverse("analysis:album", args=[album.pk])).content.decode()
    assert "Rehearsal of it" in content
    assert content.count('class="photo-card"') == 2


def test_an_album_is_made_renamed_and_deleted_without_its_photos(signed_in, album, filled):
    made = signed_in.post(reverse("analysis:albums"), {"name": "  New   one "})
    assert Collection.objects.get(name="New one").is_album
    assert made["Location"] == reverse("analysis:album", args=[Collection.objects.get(name="New one").pk])
    signed_in.post(reverse("analysis:album-edit", args=[album.pk]), {"name": "Baltic"})
    signed_in.post(reverse("analysis:album-edit", args=[album.pk]), {"cover": str(filled[0].pk)})
    album.refresh_from_db()
    assert (album.name, album.cover) == ("Baltic", filled[0])
    signed_in.post(reverse("analysis:album-delete", args=[album.pk]))
    assert (Collection.objects.filter(pk=album.pk).exists(), Photo.objects.count()) == (False, 3)


@pytest.mark.parametrize(
    ("name", "status", "message"),
    [("", 400, "Enter a name."), ("x" * 81, 400, "up to 80"), ("hoLIday", 409, "already")],
)
def test_a_bad_name_is_refused(signed_in, album, name, status, message):
    response = signed_in.post(reverse("analysis:albums"), {"name": name})
    assert (response.status_code, message in response.content.decode()) == (status, True)
    other = create_collection(owner=album.owner, kind="album", name="Other")
    assert signed_in.post(reverse("analysis:album-edit", args=[other.pk]), {"name": name}).status_code == status


def test_a_cover_is_a_photo_of_the_album(signed_in, album, user):
    for cover in (str(make_photo(user).pk), "no id", str(uuid.uuid4())):
        response = signed_in.post(reverse("analysis:album-edit", args=[album.pk]), {"cover": cover})
        assert response.status_code == 409


def test_the_selected_photo_becomes_the_cover_and_the_newest_one_again(signed_in, album, filled):
    address = reverse("analysis:album-edit", args=[album.pk])
    selected = signed_in.post(address, {"cover": "selected", "item": str(filled[0].pk)}, follow=True).content.decode()
    assert "The cover is “a”." in selected
    album.refresh_from_db()
    assert album.cover == filled[0]
    for items in ([], [str(photo.pk) for photo in filled]):
        refused = signed_in.post(address, {"cover": "selected", "item": items})
        assert (refused.status_code, "Select exactly one photo" in refused.content.decode()) == (400, True)
    assert "The cover is the newest photo." in signed_in.post(address, {"cover": ""}, follow=True).content.decode()
    album.refresh_from_db()
    assert album.cover is None


@pytest.mark.parametrize(
    ("make", "form", "page"),
    [
        (make_photo, "photo-albums", "detail"),
        (lambda user: make_session(user, {1: "happy"}), "session-albums", "session"),
    ],
)
def test_the_page_of_an_item_adds_it_and_takes_it_out(signed_in, album, user, make, form, page):
    item = make(user)
    address = reverse(f"analysis:{form}", args=[item.pk])
    signed_in.post(address, {"name": "HOLIDAY"})
    signed_in.post(address, {"name": "sea", "kind": "tag"})
    tag = Collection.objects.tags().get()
    assert set(item.collections.all()) == {album, tag}
    content = signed_in.get(reverse(f"analysis:{page}", args=[item.pk])).content.decode()
    assert "Remove from Holiday" in content
    signed_in.post(address, {"remove": str(album.pk)})
    assert list(item.collections.all()) == [tag]


def test_an_album_has_its_own_dashboard_and_export(signed_in, album, filled):
    query = {"album": str(album.pk)}
    dashboard = signed_in.get(reverse("analysis:dashboard"), query)
    assert dashboard.context["dashboard"].totals.whole.faces.n == 2
    assert signed_in.get(reverse("analysis:series"), query).json()["n"] == 2
    assert signed_in.get(reverse("analysis:chart-png"), query).status_code == 200
    rows = b"".join(signed_in.get(reverse("analysis:export-csv"), query)).decode().splitlines()
    assert sorted(row.split(",")[3] for row in rows[1:]) == ["Rehearsal of it", "a", "b"]
    assert len(signed_in.get(reverse("analysis:history"), query).context["page"].rows) == 2
    assert len(signed_in.get(reverse("analysis:sessions"), query).context["page"].rows) == 1


@pytest.mark.parametrize("name", ["dashboard", "series", "chart-png", "export-csv"])
@pytest.mark.parametrize("whose", ["other", "nobody", "none"])
def test_an_album_of_somebody_else_is_not_found(signed_in, other_user, name, whose):
    theirs = create_collection(owner=other_user, kind="album", name="Theirs")
    album = {"other": theirs.pk, "nobody": uuid.uuid4(), "none": "x"}[whose]
    assert signed_in.get(reverse(f"analysis:{name}"), {"album": str(album)}).status_code == 404
