"""Fields can be used with a screen reader and filled in by a browser."""

import re

import pytest
from django import forms
from django.template.loader import render_to_string

from accounts.forms import SetupForm


def rendered(form: forms.Form, name: str) -> str:
    return render_to_string("components/field.html", {"field": form[name]})


@pytest.mark.parametrize("name", SetupForm.base_fields)
def test_what_a_control_is_described_by_is_there(db, name: str):
    html = rendered(SetupForm({"email": "wrong"}), name)

    described_by = re.search(r'aria-describedby="([^"]+)"', html)[1].split()
    assert f"id_{name}_error" in described_by
    assert all(f'id="{part}"' in html for part in described_by)


@pytest.mark.parametrize("name", ["email", "password1", "password2", "uses_confirmed"])
def test_a_control_has_a_label(name: str):
    assert f'<label for="id_{name}"' in rendered(SetupForm(), name)


def test_choices_have_a_legend():
    assert "<legend>Who else can sign up?</legend>" in rendered(SetupForm(), "sign_up")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/accounts/login/", ["email", "current-password"]),
        ("/accounts/password/reset/", ["email"]),
    ],
)
def test_a_browser_knows_what_to_fill_in(db, client, path: str, expected: list[str]):
    assert re.findall(r'autocomplete="([^"]+)"', client.get(path).content.decode()) == expected


def test_no_label_is_hidden_in_a_placeholder(db, client):
    assert "placeholder" not in client.get("/accounts/login/").content.decode()


def test_help_is_escaped():
    class Hostile(forms.Form):
        name = forms.CharField(help_text="<script>", label="<b>")

    html = rendered(Hostile(), "name")

    assert "<script>" not in html
    assert "<b>" not in html


def test_an_optional_field_says_so():
    class Optional(forms.Form):
        name = forms.CharField(required=False)

    assert "(optional)" in rendered(Optional(), "name")
