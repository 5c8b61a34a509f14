"""``dhcpfo init-tests``: the file that it writes passes."""

import pytest

from dhcpfo.cli import main


def test_the_file_passes_as_it_is(pytester: pytest.Pytester) -> None:
    assert main(["init-tests", "test_mine.py"]) == 0
    result = pytester.runpytest_subprocess("-q", "test_mine.py")
    result.assert_outcomes(passed=5)
    assert "python -m pytest test_mine.py" in (pytester.path / "test_mine.py").read_text()


def test_a_file_that_exists_is_left_alone(run, tmp_path):
    path = tmp_path / "test_mine.py"
    path.write_text("mine")
    answer = run("init-tests", path, on_lab=False)
    assert answer.code == 3
    assert "exists already" in answer.err
    assert path.read_text() == "mine"


def test_a_folder_that_does_not_exist_is_said(run, tmp_path):
    answer = run("init-tests", tmp_path / "missing" / "test_mine.py", on_lab=False)
    assert answer.code == 3
    assert "No such file" in answer.err


def test_what_it_says(run, tmp_path):
    path = tmp_path / "test_mine.py"
    answer = run("init-tests", path, "--json", on_lab=False)
    assert answer.json["results"] == [{"file": str(path)}]
