import pytest
from django.urls import reverse

from analysis import engine
from analysis.photos import views
from analysis.recognition.bundle import Bundle
from analysis.recognition.emotions import EMOTIONS
from analysis.versions.card import read_card


def _evaluation(accuracy=0.7):
    confusion = [[10 if i == j else 1 for j in range(7)] for i in range(7)]
    recall = dict.fromkeys(EMOTIONS, 10 / 16)
    confusion[1], recall["disgust"] = [0] * 7, None
    return {"n": 96, "accuracy": accuracy, "macro_f1": 0.6, "ece": 0.02, "recall": recall, "confusion": confusion}


@pytest.fixture
def card(tmp_path):
    (tmp_path / "model.tflite").write_bytes(b"0" * 2_000_000)

    def card(**facts):
        return read_card(Bundle("trial-1", tmp_path, facts))

    return card


def test_it_opens_for_visitors_with_the_serving_versions_figures(model, client, db):
    content = client.get(reverse("analysis:about-model")).content.decode()
    assert engine.active_model().name in content
    assert "What it confuses" in content
    assert content.count('scope="row"') >= 7


def test_it_prefers_the_faces_that_had_no_say_in_training(card):
    evaluation = {"PublicTest": _evaluation(0.75), "PrivateTest": _evaluation(0.7)}
    figures = card(evaluation=evaluation).figures
    assert (figures.split, figures.accuracy) == ("PrivateTest", 0.7)


def test_it_tells_the_versions_that_it_comes_from(card):
    trained = {"configuration": {"start_from": "first", "teachers": "first,first,second"}}
    details = dict(card(trained=trained).details)
    assert details["Started from"] == "first"
    assert details["Learnt from"] == "first, second"
    assert not {"Started from", "Learnt from"} & set(dict(card().details))


def test_a_class_without_faces_is_not_the_weakest(card):
    figures = card(evaluation={"PublicTest": _evaluation()}).figures
    assert figures.weakest.recall is not None
    assert figures.classes[1].recall is None
    assert {cell.shade for cell in figures.classes[1].cells} == {0}


def test_a_version_that_was_never_evaluated_says_so(card, client, db, monkeypatch):
    monkeypatch.setattr(views, "read_card", lambda bundle: card())
    monkeypatch.setattr(engine, "active_model", lambda: None)
    assert b"never evaluated" in client.get(reverse("analysis:about-model")).content


def test_it_tells_how_often_it_doubts_and_what_worse_pictures_cost(card, client, db, monkeypatch):
    certainty = {"uncertain": 0.25, "accuracy_uncertain": 0.4, "accuracy_certain": 0.8}
    stress = {"PrivateTest": {"blur": {"summary": "blurred (Gaussian", "accuracy": 0.58}}}
    told = card(evaluation={"PrivateTest": _evaluation(0.7) | {"certainty": certainty}}, stress=stress)
    monkeypatch.setattr(views, "read_card", lambda bundle: told)
    monkeypatch.setattr(engine, "active_model", lambda: None)
    content = client.get(reverse("analysis:about-model")).content.decode()
    assert "Worse pictures" in content
    assert "blurred (Gaussian" in content
    assert told.figures.stress[0].lost == pytest.approx(0.12)
    assert told.figures.certainty.accuracy_certain == 0.8


def test_an_older_card_is_silent_about_what_it_does_not_know(card):
    figures = card(evaluation={"PrivateTest": _evaluation(0.7)}).figures
    assert (figures.certainty, figures.stress) == (None, ())


def test_it_tells_both_readings_of_a_version_that_has_two(card):
    of_votes = {"n": 90, "accuracy": 0.85}
    readings = {"labels": _evaluation(0.7), "votes": of_votes, "served_by_votes": {**of_votes, "accuracy": 0.8}}
    twins = {"PublicTest": {"served": {"n": 80, "accuracy": 0.6}}}
    evaluation = {"PublicTest": _evaluation(0.65)}
    found = card(evaluation=evaluation, readings={"PublicTest": readings}, votes_share=0.5, without_twins=twins)
    both = found.readings
    assert (both.labels_alone, both.votes_alone, both.voted) == (0.7, 0.85, 90)
    assert (both.served_by_labels, both.served_by_votes) == (0.65, 0.8)
    assert found.without_twins == (0.6, 80)
    assert dict(found.details)["Reading"] == "50% people’s votes, 50% FER-2013’s labels"


def test_a_version_of_one_reading_reads_labels(card):
    found = card(evaluation={"PublicTest": _evaluation()})
    assert (found.readings, found.without_twins) == (None, None)
    assert dict(found.details)["Reading"] == "FER-2013’s labels"
