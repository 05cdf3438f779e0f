"""Every export says of a face what the API says."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import zipfile
from dataclasses import replace

import pytest

from accounts.privacy.takeout import write_takeout
from analysis.dashboard.export import ExportFilter
from analysis.dashboard.export_formats import export_text
from analysis.face_columns import FACE_COLUMNS, doubts_of, face_cells, face_object
from analysis.photos.serializers import FaceSerializer
from analysis.recognition.quality import QualityWarning
from tests.analysis.factories import make_face, make_photo

WARNINGS = (QualityWarning.SMALL, QualityWarning.TURNED)


def taken(user, name):
    return zipfile.ZipFile(io.BytesIO(b"".join(write_takeout(user)))).read(f"data/{name}").decode()


@pytest.mark.parametrize(
    ("confidence", "warnings", "doubts"),
    [
        (0.9, (), []),
        (0.45, (), ["close"]),
        (0.45, WARNINGS, ["close", "small", "turned"]),
        (0.9, WARNINGS[:1], ["small"]),
    ],
)
def test_a_photos_face_is_the_same_everywhere(user, confidence, warnings, doubts):
    face = replace(make_face("sad", confidence), quality_warnings=warnings)
    photo = make_photo(user, faces=[face])
    api = FaceSerializer(photo.result.faces.get()).data
    (exported,) = json.loads("".join(export_text(ExportFilter(user), "json", dt.UTC)))["faces"]
    (line,) = csv.DictReader(io.StringIO("".join(export_text(ExportFilter(user), "csv", dt.UTC))))
    (row,) = json.loads(taken(user, "faces.json"))
    told = face_object(emotion=face.emotion, probabilities=face.probabilities, score=0.95, doubts=face.warnings)
    for name in ("score", "is_uncertain", "doubts"):
        expected = {"score": 0.95, "is_uncertain": bool(doubts), "doubts": doubts}[name]
        assert [api[name], exported[name], row[name], told[name]] == [expected] * 4
    assert line["doubts"] == " ".join(doubts)
    assert line["is_uncertain"] == ("true" if doubts else "false")
    assert "is_uncertain,doubts" in taken(user, "faces.csv").splitlines()[0]


def test_csv_has_the_columns_in_order():
    probabilities = make_face("sad", 0.4).probabilities
    cells = face_cells(emotion="sad", probabilities=probabilities, score=None, doubts=doubts_of(probabilities))
    assert len(cells) == len(FACE_COLUMNS)
    columns = dict(zip(FACE_COLUMNS, cells, strict=True))
    assert (columns["p_sad"], columns["confidence"], columns["score"]) == ("0.400000", "0.400000", "")
    assert (columns["is_uncertain"], columns["doubts"]) == ("true", "close")
