"""On a full disk everything is served but new writes, and deletions have room of their own."""

from __future__ import annotations

import io
import os
import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from django.urls import reverse
from PIL import Image

from ferproject import disk_reserve
from ferproject.disk_reserve import DiskReserve
from tests.analysis.session_factories import make_session
from tests.support.disks import fill_disk, free_disk, small_disk
from tests.support.site import RunningSite

SIZE = 4_000_000


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 16 MB."""
    try:
        with small_disk(tmp_path / "disk", 16) as folder:
            yield folder
    except OSError as error:
        pytest.skip(str(error))


class TestReserve:
    def test_it_takes_its_room_from_the_disk(self, disk: Path):
        reserve, before = DiskReserve(disk / "reserve", SIZE), shutil.disk_usage(disk).free
        assert reserve.has_room()
        assert before - shutil.disk_usage(disk).free >= SIZE

    def test_all_who_write_first_at_once_have_room(self, disk: Path, monkeypatch: pytest.MonkeyPatch):
        def allocate(descriptor: int, size: int) -> None:
            time.sleep(0.1)
            os.posix_fallocate(descriptor, 0, size)

        monkeypatch.setattr(disk_reserve, "_allocate", allocate)
        with ThreadPoolExecutor(8) as threads:
            answers = list(threads.map(lambda _: DiskReserve(disk / "reserve", SIZE).has_room(), range(8)))
        assert answers == [True] * 8

    def test_a_full_disk_has_room_for_deletions_only(self, disk: Path):
        reserve = DiskReserve(disk / "reserve", SIZE)
        reserve.fill()
        fill_disk(disk)
        assert not reserve.has_room()
        with reserve.released():
            (disk / "log of the deletion").write_bytes(bytes(SIZE // 2))
            assert not reserve.has_room(), "somebody still deletes"
        fill_disk(disk)
        with reserve.released():
            (disk / "log of another").write_bytes(bytes(SIZE // 4))

    def test_it_is_whole_again_once_there_is_space(self, disk: Path):
        reserve = DiskReserve(disk / "reserve", SIZE)
        fill_disk(disk)
        assert not reserve.has_room()
        free_disk(disk)
        assert reserve.has_room()
        assert (disk / "reserve").stat().st_size == SIZE

    def test_nothing_is_refused_without_a_reserve(self, disk: Path):
        fill_disk(disk)
        assert DiskReserve(disk / "reserve", 0).has_room()


class TestRequestsOnAFullDisk:
    @pytest.fixture(autouse=True)
    def full(self, settings, monkeypatch):
        settings.DISK_RESERVE_BYTES = 1000
        usage = SimpleNamespace(free=0)
        monkeypatch.setattr("ferproject.disk_reserve.shutil", SimpleNamespace(disk_usage=lambda path: usage))

    @pytest.fixture
    def session(self, user):
        return make_session(user, {0: "happy"})

    def test_a_write_is_refused_before_any_work(self, client, user, session):
        client.force_login(user)
        page = client.post(reverse("analysis:session-edit", args=[session.pk]), {"name": "New"})
        api = client.patch(f"/api/v1/sessions/{session.pk}/", {"name": "New"}, content_type="application/json")
        assert (page.status_code, api.status_code, api.json()["code"]) == (507, 507, "disk_full")
        assert page["Retry-After"] == "2"
        assert "Content-Security-Policy" in page
        session.refresh_from_db()
        assert session.name != "New"

    @pytest.mark.parametrize(
        "delete",
        [
            lambda client, pk: client.post(reverse("analysis:session-delete", args=[pk])),
            lambda client, pk: client.delete(f"/api/v1/sessions/{pk}/"),
        ],
        ids=["page", "API"],
    )
    def test_a_deletion_is_not(self, client, user, session, delete: Callable):
        client.force_login(user)
        assert delete(client, session.pk).status_code in (204, 302)
        assert not user.sessions.exists()


@pytest.fixture(scope="module")
def full_site(tmp_path_factory) -> Iterator[tuple[RunningSite, httpx.Client, list[str]]]:
    """A site with photos on a disk without a free byte, a browser signed in to it, and the photos' addresses."""
    try:
        with small_disk(tmp_path_factory.mktemp("full") / "var", 48) as folder:
            site = RunningSite(folder)
            site.start()
            try:
                site.create_user(site.admin_email, superuser=True)
                with closing(_sign_in(site)) as browser:
                    photos = [_upload(browser, number).json()["url"] for number in range(4)]
                    fill_disk(folder)
                    yield site, browser, photos
            finally:
                site.stop()
    except OSError as error:
        pytest.skip(str(error))


@pytest.mark.sqlite
@pytest.mark.slow
class TestASiteOnAFullDisk:
    @pytest.mark.parametrize(
        "path", ["/history/", "/dashboard/", "/account/", "/live/", "/history/export.csv", "/admin/"]
    )
    def test_pages_are_served(self, full_site, path: str):
        _, browser, photos = full_site
        assert browser.get(path).status_code == 200
        assert browser.get(f"{photos[-1]}image.jpg").status_code == 200

    def test_an_upload_is_refused_with_507(self, full_site):
        response = _upload(full_site[1], 99)
        assert (response.status_code, response.json()["code"]) == (507, "disk_full")

    def test_who_signs_in_can_delete_though_others_take_what_is_freed(self, full_site):
        site, _, photos = full_site
        with closing(_sign_in(site)) as browser:
            for photo in photos[:2]:
                fill_disk(site.folder)
                assert _post(browser, f"{photo}delete/").status_code == 302
                assert browser.get(photo).status_code == 404

    def test_a_site_that_starts_serves_what_was_saved(self, full_site):
        site, browser, photos = full_site
        fill_disk(site.folder)
        site.process.kill()
        site.process.wait()
        site.launch()
        assert browser.get(photos[3]).status_code == 200
        assert _post(browser, f"{photos[3]}delete/").status_code == 302

    def test_uploads_are_accepted_again_once_there_is_space(self, full_site):
        site, browser, _ = full_site
        free_disk(site.folder)
        assert _upload(browser, 100).status_code == 201


def _sign_in(site: RunningSite) -> httpx.Client:
    browser = httpx.Client(base_url=site.url, timeout=30)
    browser.get("/accounts/login/")
    _post(browser, "/accounts/login/", login=site.admin_email, password=site.password)
    assert "sessionid" in browser.cookies
    return browser


def _post(browser: httpx.Client, path: str, files: object = None, **form: str) -> httpx.Response:
    headers = {"X-CSRFToken": browser.cookies["csrftoken"], "Accept": "application/json" if files else "text/html"}
    return browser.post(path, data=form, files=files, headers=headers)


def _upload(browser: httpx.Client, number: int) -> httpx.Response:
    """Upload a picture without faces that no other number has."""
    picture = io.BytesIO()
    Image.new("RGB", (64, 48), (number, 90, 120)).save(picture, "PNG")
    return _post(browser, "/photos/", files={"photo": ("a.png", picture.getvalue())}, people_agreed="on")
