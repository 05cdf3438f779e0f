import pytest
from django.utils import translation

from analysis.recognition.errors import RecognitionError
from ferproject import errors
from ferproject.errors import ServiceError, translated_message

GERMAN = {
    "This file is %(size)s MB. Photos can be up to %(limit)s MB.": "Die Datei hat %(size)s MB. Erlaubt: %(limit)s MB.",
    "Choose another one.": "Wählen Sie eine andere.",
}


@pytest.fixture
def german(monkeypatch):
    monkeypatch.setattr(errors, "gettext", lambda text: GERMAN.get(text, text))
    with translation.override("de"):
        yield


def _too_large() -> RecognitionError:
    text = "This file is %(size)s MB. Photos can be up to %(limit)s MB."
    return RecognitionError("too_large", text, hint="Choose another one.", size=1234.56, limit=1000)


def test_an_error_itself_is_english():
    assert str(_too_large()) == _too_large().message
    assert _too_large().message == "This file is 1,234.6 MB. Photos can be up to 1,000 MB. Choose another one."


def test_its_text_its_hint_and_its_numbers_are_translated_where_it_is_shown(german):
    assert translated_message(_too_large()) == ("Die Datei hat 1.234,6 MB. Erlaubt: 1.000 MB. Wählen Sie eine andere.")


def test_a_text_without_values_may_have_percent_signs(german):
    error = RecognitionError("odd", "100 % of it")
    assert (error.message, translated_message(error)) == ("100 % of it", "100 % of it")


def test_a_services_error_is_translated_already(german):
    assert translated_message(ServiceError("odd", "Choose another one.")) == "Choose another one."


def test_an_error_of_another_process_is_equal():
    copied = RecognitionError(**_too_large().to_dict())
    assert (copied.code, copied.message, copied.values) == ("too_large", _too_large().message, _too_large().values)
