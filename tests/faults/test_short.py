"""The fault run, as short as it can be: `make faults` is the long one."""

from pathlib import Path

import pytest

from tests.faults.run import run


def test_a_few_nights_with_faults_leave_no_trace(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(nights=3, seed=4, through_airflow=0, log=tmp_path / "log")
    assert "Every table equals that of an undisturbed run" in capsys.readouterr().out
