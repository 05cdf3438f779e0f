"""Fixtures for accounts: a site that nobody has set up, sign-up policies, invitations."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.core.cache import cache
from django.test import Client

from accounts import services
from accounts.services import NewInvitation
from tests.support.site import RunningSite

PASSWORD = RunningSite.password


@pytest.fixture(autouse=True)
def _forgotten_attempts() -> Iterator[None]:
    """Rate limits count anew in each test."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def password() -> str:
    return PASSWORD


@pytest.fixture
def confirm_password(password: str) -> Callable[[Client], None]:
    """Type the password again, as before adding an address."""

    def confirm(client: Client) -> None:
        client.post("/accounts/reauthenticate/", {"password": password})

    return confirm


@pytest.fixture
def new_site(db, _site_is_set_up, monkeypatch: pytest.MonkeyPatch) -> None:
    """A site without an administrator, in a process that has not looked for one yet."""
    monkeypatch.setattr("accounts.signup.first_run._Cache.is_set_up", False)


@pytest.fixture
def local_client() -> Client:
    """A browser on the machine that serves."""
    return Client(SERVER_NAME="localhost", REMOTE_ADDR="127.0.0.1")


@pytest.fixture
def remote_client() -> Client:
    """A browser on another machine."""
    return Client(SERVER_NAME="localhost", REMOTE_ADDR="192.0.2.7")


@pytest.fixture
def setup_form() -> dict[str, str]:
    return {
        "email": "root@example.org",
        "password1": PASSWORD,
        "password2": PASSWORD,
        "sign_up": "invitation",
        "purpose": "private",
        "uses_confirmed": "on",
    }


@pytest.fixture
def sign_up_form() -> dict[str, str]:
    return {"email": "guest@example.org", "password1": PASSWORD, "password2": PASSWORD}


@pytest.fixture
def by_invitation(db) -> None:
    services.change_sign_up(sign_up="invitation")


@pytest.fixture
def invite(administrator) -> Callable[..., NewInvitation]:
    def make(**fields: object) -> NewInvitation:
        return services.create_invitation(created_by=administrator, **fields)

    return make


@pytest.fixture
def inside_a_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite erases nothing inside of one; test_erase_deleted.py and ferproject/test_deletion_leaves_nothing.py do."""
    from accounts.privacy.deletion import Erasure

    monkeypatch.setattr("accounts.privacy.deletion.erase_deleted", lambda: Erasure.ERASED)


@pytest.fixture
def emptied(user, administrator, inside_a_transaction) -> Callable[[], object]:
    """A user who leaves, once the worker has been there."""
    from accounts.privacy import deletion

    def empty():
        deletion.request_deletion(user=user)
        deletion.sweep_deletions()
        return user

    return empty
