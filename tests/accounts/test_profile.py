"""One's own account."""


def test_it_shows_the_address_and_what_can_be_changed(client, user):
    client.force_login(user)

    page = client.get("/account/").content.decode()

    assert "ada@example.org" in page
    assert "/accounts/email/" in page
    assert "/accounts/password/change/" in page
    assert 'method="post" action="/accounts/logout/"' in page


def test_a_visitor_is_redirected_to_sign_in(db, client):
    assert client.get("/account/")["Location"] == "/accounts/login/?next=/account/"
