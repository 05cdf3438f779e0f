"""What people do with a site of two web processes, each step begun with one and looked at with the other."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from contextlib import closing

import httpx
from websockets.exceptions import WebSocketException

from tests.cluster.cluster import Cluster
from tests.cluster.videos import send_video, video_status, write_clip
from tests.faults.bystander import ANALYSES, Tally, portrait
from tests.faults.fault_site import PEOPLE
from tests.faults.routes import sign_in
from tests.faults.table import Row
from tests.support.live_site import create_tokens
from tests.support.live_sockets import STOP, LiveSocket, frame_of, live_jpeg
from tests.support.programs import kill_tree
from tests.support.site import RunningSite

PHOTOS = 8
MAX_PROMOTION_SECONDS = 5.0
RUN = "cluster-1"
LEAVING = "leaving@example.org"
FILES_OF = """
from analysis.models import Photo, Video
owned = Photo.objects.filter(owner__email={email!r})
names = [name for pair in owned.values_list("picture", "thumbnail") for name in pair]
print(*names, *Video.objects.filter(owner__email={email!r}).values_list("annotated", flat=True))
"""


class UnservedError(AssertionError):
    """The site did not do what it must."""


def run(cluster: Cluster, *, short: bool) -> list[Row]:
    """Return a row for each step; the site must have been set up."""
    steps = [_photos, _video, _live_session, _promotion, _deletion]
    return [step(cluster) for step in steps]


def client(site: RunningSite | Cluster, token: str) -> httpx.Client:
    """Return a program that uses the API."""
    return httpx.Client(base_url=site.url, timeout=60, headers={"Authorization": f"Token {token}"})


def set_up(cluster: Cluster) -> Row:
    """Create the administrator through HAProxy, with the address that one host printed."""
    tally, token = Tally(), re.search(r"token=(\S+)", cluster.webs[0].manage("setup_url"))
    assert token is not None
    address = f"/setup/?token={token[1]}"
    with httpx.Client(base_url=cluster.url, timeout=60) as browser:
        for _ in range(4):  # HAProxy asks another process each time
            expect(tally.count(browser.get(address)), {200})
        form = {"email": cluster.admin_email, "password1": cluster.password, "password2": cluster.password}
        form |= {"sign_up": "invitation", "purpose": "private", "uses_confirmed": "on"}
        form["csrfmiddlewaretoken"] = browser.cookies["csrftoken"]
        expect(tally.count(browser.post(address, data=form)), {302})
    for web in cluster.webs:
        with closing(sign_in(web, cluster.admin_email)) as browser:
            expect(tally.count(browser.get("/history/")), {200})
    return row("set up through HAProxy", tally)


def _photos(cluster: Cluster) -> Row:
    """Upload with one, look at the result and the picture with the other."""
    tally, token, ids = Tally(), cluster.tokens[PEOPLE[1]], []
    one, two = (client(web, token) for web in cluster.webs)
    with one, two:
        for number in range(PHOTOS):
            here, there = (one, two) if number % 2 else (two, one)
            photo = portrait() + number.to_bytes(2, "big") + time.time_ns().to_bytes(8, "big")
            sent = tally.count(here.post(ANALYSES, files={"photo": ("me.jpg", photo)}, data={"people_agreed": "true"}))
            expect(sent, {201})
            ids.append(sent.json()["id"])
            for part in ("", "annotated/"):
                expect(tally.count(there.get(f"{ANALYSES}{ids[-1]}/{part}")), {200})
    lost, orphans = cluster.leftovers(ids)
    return row("uploaded with one, seen with the other", tally, lost=lost, orphans=orphans)


def _video(cluster: Cluster) -> Row:
    """Send a video's parts to both in turn; read the marked copy from both."""
    tally, clip = Tally(), write_clip(cluster.folder, has_face=True)
    clients = [client(web, cluster.tokens[PEOPLE[1]]) for web in cluster.webs]
    with clients[0], clients[1]:
        video = send_video(clients, tally, clip, parts=6)
        await_true(lambda: video_status(clients[0], video) == "finished", 120, "the video is not finished")
        copies = [tally.count(each.get(f"/api/v1/videos/{video}/annotated/")) for each in clients]
        ranged = tally.count(clients[1].get(f"/api/v1/videos/{video}/annotated/", headers={"Range": "bytes=100-299"}))
        if copies[0].content != copies[1].content or ranged.content != copies[0].content[100:300]:
            raise UnservedError("both web processes must serve the same video")
    return row("video in parts to both", tally)


def _live_session(cluster: Cluster) -> Row:
    """Kill the web process of a recorded session; resume it through HAProxy."""
    token, jpeg, web = cluster.tokens[PEOPLE[1]], live_jpeg(portrait()), cluster.webs[0]
    with LiveSocket(web, token=token) as first:
        session = first.start(record=True)["session"]
        for number in range(6):
            if not first.is_answered(jpeg, number):
                raise UnservedError("a live frame was not answered")
            time.sleep(0.5)
        kill_tree(web.process.pid)
        first.closed()
    began = time.monotonic()
    resumed, tries = None, 0
    while resumed is None:
        tries += 1
        resumed = _resume(cluster, token, session, jpeg)
        if time.monotonic() - began > 30:
            raise UnservedError(f"the session could not be resumed in {tries} tries")
    seconds = time.monotonic() - began
    web.launch()
    (frames,) = cluster.query("select frames from analysis_session where id = ?", session)[0]
    if not resumed["saved"] or frames < 4:
        raise UnservedError(f"expected 4 frames or more of the session; got {frames}")
    return Row("live session resumed elsewhere", tried=tries, refused=tries - 1, recovery_seconds=seconds)


def _resume(cluster: Cluster, token: str, session: str, jpeg: bytes) -> dict[str, object] | None:
    """Return the message at the end of the resumed session, None where HAProxy found nobody."""
    try:
        with LiveSocket(cluster, token=token) as second:
            if second.start(session=session)["session"] != session:
                raise UnservedError("another session was started")
            second.request(frame_of(jpeg, 1))
            return second.request(STOP)
    except (OSError, WebSocketException):
        time.sleep(0.2)
        return None


def _promotion(cluster: Cluster) -> Row:
    """Train a version on the trainer, promote it with one web process, and have both serve it."""
    tally = Tally()
    cluster.trainer.start_run(RUN, epochs=1, batch_size=70)
    cluster.trainer.wait(RUN, lambda run: run.state == "finished")
    name = cluster.query("select name from analysis_modelversion where origin = 'trained'")[0][0]
    with client(cluster.webs[0], cluster.tokens[cluster.admin_email]) as admin:
        body, began = {"reason": "It is the cluster's own."}, time.monotonic()
        expect(tally.count(admin.post(f"/api/v1/versions/{name}/promote/", json=body)), {200})
        answered = time.monotonic()
        await_true(lambda: _serving(cluster) == [name] * 2, 60, "not all serve the promoted version")
        seconds = time.monotonic() - answered
        if seconds > MAX_PROMOTION_SECONDS:
            raise UnservedError(f"promotion: expected at most {MAX_PROMOTION_SECONDS:g} s; got {seconds:.1f} s")
        expect(tally.count(admin.post(f"/api/v1/versions/{name}/rollback/", json=body)), {200})
    asked = answered - began
    return Row(f"promotion (asked for in {asked:.1f} s)", tally.tried, tally.refused, recovery_seconds=seconds)


def _serving(cluster: Cluster) -> list[str]:
    """Return the version that each web process answers with."""
    found = []
    for web in cluster.webs:
        with LiveSocket(web, token=cluster.tokens[PEOPLE[1]]) as live:
            found.append(live.start()["model"])
    return found


def _deletion(cluster: Cluster) -> Row:
    """Delete a person with one web process while they are live with the other."""
    tally, (token,) = Tally(), create_tokens(cluster.webs[0], [LEAVING])
    one, two = cluster.webs
    with client(one, token) as there, closing(sign_in(two, LEAVING)) as browser, LiveSocket(one, token=token) as live:
        for number in range(4):
            photo = portrait() + number.to_bytes(2, "big")
            sent = there.post(ANALYSES, files={"photo": ("me.jpg", photo)}, data={"people_agreed": "true"})
            expect(tally.count(sent), {201})
        live.start(record=True)
        live.is_answered(live_jpeg(portrait()))
        names = cluster.shell(FILES_OF.format(email=LEAVING)).split()
        began = time.monotonic()
        expect(tally.count(browser.post("/accounts/reauthenticate/", data={"password": two.password})), {302})
        browser.headers["X-CSRFToken"] = browser.cookies["csrftoken"]
        expect(tally.count(browser.post("/account/delete/")), {302})
        expect(tally.count(there.get("/api/v1/me/")), {401})
        if (code := live.closed(15)[0]) != 4401:
            raise UnservedError(f"the live connection of a deleted person: expected 4401; got {code}")
    await_true(lambda: not _rows_of(cluster, LEAVING), 60, "rows of a deleted person are left")
    seconds = time.monotonic() - began
    bucket = cluster.s3.names(cluster.environment["S3_BUCKET"])
    return Row(
        "deletion of a person with one", tally.tried, orphans=len({*names} & {*bucket}), recovery_seconds=seconds
    )


def _rows_of(cluster: Cluster, email: str) -> bool:
    found = cluster.query(
        "select 1 from accounts_user where email = ? union all select 1 from accounts_accountdeletion", email
    )
    return bool(found)


def expect(answer: httpx.Response, statuses: set[int]) -> None:
    """Raise `UnservedError` where the answer has another status."""
    if answer.status_code not in statuses:
        request = f"{answer.request.method} {answer.request.url}"
        raise UnservedError(f"{request}: expected {sorted(statuses)}; got {answer.status_code}: {answer.text[:300]}")


def await_true(condition: Callable[[], object], seconds: float, otherwise: str) -> None:
    """Wait until the condition holds; raise `UnservedError` with `otherwise` after that many seconds."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise UnservedError(otherwise)
        time.sleep(0.1)


def row(name: str, tally: Tally, **values: float) -> Row:
    """Return the row of a step of which `tally` counted the requests."""
    return Row(name, tally.tried, tally.refused, tally.server_errors, **values)
