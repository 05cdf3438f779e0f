"""`manage.py describe_data`."""

import pytest
from django.core.management import CommandError, call_command
from PIL import Image


def test_it_prints_splits_and_class_counts(small_csv, capsys):
    call_command("describe_data", data=small_csv)
    table = capsys.readouterr().out
    assert "98 faces" in table
    for word in ("Training", "PublicTest", "PrivateTest", "disgust"):
        assert word in table
    happy = next(line for line in table.splitlines() if "happy" in line)
    assert happy.replace("│", " ").split() == ["happy", "10", "2", "2", "14"]


def test_its_chart_is_a_picture(small_csv, tmp_path):
    chart = tmp_path / "chart.png"
    call_command("describe_data", data=small_csv, chart=chart)
    with Image.open(chart) as picture:
        assert picture.format == "PNG"
        assert picture.width > 600
        assert len(set(picture.convert("L").get_flattened_data())) > 20


@pytest.mark.parametrize("name", ["absent/chart.png", "chart.xyz"])
def test_it_says_where_a_chart_cannot_be_written(small_csv, tmp_path, name):
    with pytest.raises(CommandError, match="could not be written"):
        call_command("describe_data", data=small_csv, chart=tmp_path / name)


def test_it_refuses_what_is_no_data_set(tmp_path):
    with pytest.raises(CommandError, match="does not exist"):
        call_command("describe_data", data=tmp_path / "fer2013.csv")


def test_it_counts_faces_that_two_splits_share(small_csv, tmp_path, capsys):
    header, *rows = small_csv.read_text().splitlines()
    learnt = next(row for row in rows if row.endswith("Training"))
    copied = tmp_path / "copied.csv"
    copied.write_text("\n".join([header, *rows, learnt.replace("Training", "PrivateTest")]) + "\n")
    call_command("describe_data", data=copied, duplicates=True)
    table = capsys.readouterr().out
    cells = next(line for line in table.splitlines() if "PrivateTest" in line and " Training" in line and "%" in line)
    assert int(cells.replace("│", " ").split()[2]) >= 1
