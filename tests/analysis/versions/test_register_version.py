import pytest

from analysis.errors import VersionError
from analysis.versions.models import ModelVersion
from analysis.versions.services import register_version


def test_a_new_version_does_not_serve(second, serving):
    assert (second.origin, second.is_active, serving()) == ("trained", False, ["first-1"])


def test_the_same_files_again_are_the_same_version(second):
    again = register_version(name="second-1", pins=second.pins, origin="trained", card=second.card)
    assert again == second


def test_it_refuses_other_files_under_a_known_name(second, first):
    with pytest.raises(VersionError, match=r"second-1.*Choose another name") as caught:
        register_version(name="second-1", pins={**second.pins, "card.json": "0" * 64}, origin="trained", card={})
    assert caught.value.code == "version_exists"
    assert ModelVersion.objects.get(name="second-1").pins == second.pins


@pytest.mark.parametrize("name", ["", "../up", "a/b", ".hidden", "x" * 65])
def test_it_refuses_a_name_that_is_no_safe_folder(second, name):
    with pytest.raises(VersionError, match="1 to 64 letters") as caught:
        register_version(name=name, pins=second.pins, origin="trained", card={})
    assert caught.value.code == "bad_version_name"


def test_it_refuses_a_version_with_an_unpinned_file(second):
    pins = {name: pin for name, pin in second.pins.items() if name != "model.json"}
    with pytest.raises(VersionError, match=r"of each of model\.json.*got model\.weights") as caught:
        register_version(name="third-1", pins=pins, origin="trained", card={})
    assert caught.value.code == "bad_pins"


def test_it_refuses_a_card_that_no_database_keeps(second):
    with pytest.raises(VersionError, match="third-1") as caught:
        register_version(name="third-1", pins=second.pins, origin="trained", card={"temperature": float("nan")})
    assert caught.value.code == "bad_card"
