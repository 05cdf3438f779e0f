"""Who may go to which address of the site: one line each. `tests/test_access_matrix.py` asks whether it is so."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Access:
    """`who` may go there: "anybody", "people" (signed in), "owner" of what `of` names, "staff", or "nobody".

    `of` is a kind of `MAKERS`, or, for parameters that are no row's, a text that fits. `query` is what an address
    needs before it looks for anything.
    """

    who: str
    of: str = ""
    query: str = ""


PUBLIC, PEOPLE, STAFF, NOWHERE = Access("anybody"), Access("people"), Access("staff"), Access("nobody")


def OWN(of: str) -> Access:
    return Access("owner", of)


ROUTES = {
    "": PUBLIC,
    "photos/": PEOPLE,
    "photos/new/": PEOPLE,
    "photos/sample/": PEOPLE,
    "photos/delete/": PEOPLE,
    "photos/<uuid:pk>/": OWN("photo"),
    "photos/<uuid:pk>/delete/": OWN("photo"),
    "photos/<uuid:pk>/image.jpg": OWN("photo"),
    "photos/<uuid:pk>/thumbnail.webp": OWN("photo"),
    "photos/<uuid:pk>/annotated.jpg": OWN("photo"),
    "faces/<int:pk>/correct/": OWN("face"),
    "corrections/<int:pk>/withdraw/": OWN("correction"),
    "corrections/<int:pk>/face.jpg": OWN("correction"),
    "live/": PEOPLE,
    "dashboard/": PEOPLE,
    "dashboard/series/": PEOPLE,
    "history/": PEOPLE,
    "history/chart.png": PEOPLE,
    "history/export.csv": PEOPLE,
    "history/export.json": PEOPLE,
    "history/again/": PEOPLE,
    "history/again/start/": PEOPLE,
    "history/again/<uuid:pk>/cancel/": OWN("job"),
    "history/again/<uuid:pk>/dismiss/": OWN("job"),
    "sessions/": PEOPLE,
    "sessions/<uuid:pk>/": OWN("session"),
    "sessions/<uuid:pk>/edit/": OWN("session"),
    "sessions/<uuid:pk>/delete/": OWN("session"),
    "sessions/<uuid:pk>/data.json": OWN("session"),
    "sessions/<uuid:pk>/samples.csv": OWN("session"),
    "videos/": PEOPLE,
    "videos/<uuid:pk>/": OWN("video"),
    "videos/<uuid:pk>/part/": Access("owner", "video", "?offset=0"),
    "videos/<uuid:pk>/progress/": OWN("video"),
    "videos/<uuid:pk>/cancel/": OWN("video"),
    "videos/<uuid:pk>/retry/": OWN("video"),
    "videos/<uuid:pk>/delete/": OWN("video"),
    "videos/<uuid:pk>/annotated.webm": OWN("video"),
    "model/": PUBLIC,
    "sample.webp": PUBLIC,
    "setup/": PUBLIC,
    "invite/<str:token>/": Access("anybody", "no-such-invitation"),
    "account/": PEOPLE,
    "account/consents/": PEOPLE,
    "account/consents/<str:purpose>/": Access("people", "photos"),
    "account/delete/": PEOPLE,
    "account/export/": PEOPLE,
    "account/retention/": PEOPLE,
    "account/space/": PEOPLE,
    "account/security/": PEOPLE,
    "account/time-zone/": PEOPLE,
    "account/time-zone/found/": PEOPLE,
    "account/tokens/": PEOPLE,
    "account/tokens/new/": PEOPLE,
    "account/tokens/<uuid:pk>/revoke/": OWN("token"),
    "site/": STAFF,
    "site/quota/": STAFF,
    "site/invitations/": STAFF,
    "site/invitations/<int:pk>/revoke/": Access("staff", "invitation"),
    "accounts/login/": PUBLIC,
    "accounts/logout/": PUBLIC,
    "accounts/inactive/": PUBLIC,
    "accounts/signup/": PUBLIC,
    "accounts/reauthenticate/": PEOPLE,
    "accounts/email/": PEOPLE,
    "accounts/confirm-email/": PUBLIC,
    r"^accounts/confirm-email/(?P<key>[-:\w]+)/$": Access("anybody", "no-such-key"),
    r"accounts/^confirm-email/(?P<key>[-:\w]+)/$": Access("anybody", "no-such-key"),
    "accounts/password/change/": PEOPLE,
    "accounts/password/set/": PEOPLE,
    "accounts/password/reset/": PUBLIC,
    "accounts/password/reset/done/": PUBLIC,
    "accounts/password/reset/key/done/": PUBLIC,
    "accounts/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": Access("anybody", "1"),
    "accounts/login/code/confirm/": PUBLIC,
    ".well-known/security.txt": PUBLIC,
    "api/v1/me/": PEOPLE,
    "api/v1/analyses/": PEOPLE,
    "api/v1/analyses/batch/": PEOPLE,
    "api/v1/analyses/<uuid:pk>/": OWN("photo"),
    "api/v1/analyses/<uuid:pk>/annotated/": OWN("photo"),
    "api/v1/faces/<int:pk>/": OWN("face"),
    "api/v1/faces/<int:pk>/correction/": OWN("face"),
    "api/v1/sessions/": PEOPLE,
    "api/v1/sessions/<uuid:pk>/": OWN("session"),
    "api/v1/sessions/<uuid:pk>/samples/": OWN("session"),
    "api/v1/sessions/<uuid:pk>/summary/": OWN("session"),
    "api/v1/videos/": PEOPLE,
    "api/v1/videos/<uuid:pk>/": OWN("video"),
    "api/v1/videos/<uuid:pk>/annotated/": OWN("video"),
    "api/v1/videos/<uuid:pk>/cancel/": OWN("video"),
    "api/v1/videos/<uuid:pk>/part/": Access("owner", "video", "?offset=0"),
    "api/v1/videos/<uuid:pk>/retry/": OWN("video"),
    "api/v1/history/": PEOPLE,
    "api/v1/history/summary/": PEOPLE,
    "api/v1/history/chart.png": PEOPLE,
    "api/v1/history/export.csv": PEOPLE,
    "api/v1/history/export.json": PEOPLE,
    "api/v1/versions/": PEOPLE,
    "api/v1/versions/<version:name>/": Access("people", "version"),
    "api/v1/versions/<version:name>/promote/": Access("staff", "version"),
    "api/v1/versions/<version:name>/rollback/": Access("staff", "version"),
    "api/v1/runs/": STAFF,
    "api/v1/runs/<uuid:pk>/": Access("staff", "run"),
    "api/v1/runs/<uuid:pk>/cancel/": Access("staff", "run"),
    "api/v1/runs/<uuid:pk>/resume/": Access("staff", "run"),
    "api/schema/": PUBLIC,
    "api/docs/": PUBLIC,
    "api/^": NOWHERE,
}
