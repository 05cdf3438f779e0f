"""Passkeys, with Chromium's virtual authenticator."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.support.site import RunningSite


def test_a_passkey_is_added_and_signs_in_without_a_password(chromium, site: RunningSite):
    email = "passkey@example.org"
    site.create_user(email)
    # Passkeys belong to a host name; 127.0.0.1 is none.
    context = chromium.new_context(base_url=site.url.replace("127.0.0.1", "localhost"))
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})

    page.goto("/accounts/login/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(site.password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.goto("/accounts/2fa/webauthn/add/")
    page.get_by_label("Password").fill(site.password)
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Sign in with it instead of the password").check()
    page.get_by_role("button", name="Add key").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()

    page.context.clear_cookies()
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page).to_have_url(f"{site.url.replace('127.0.0.1', 'localhost')}/photos/new/")

    # The password alone is not enough any more; the passkey is the second step.
    page.context.clear_cookies()
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(site.password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Two-step verification")).to_be_visible()
    page.get_by_role("button", name="Use a passkey or security key").click()
    expect(page).to_have_url(f"{site.url.replace('127.0.0.1', 'localhost')}/photos/new/")
    context.close()
