"""A mart's contract changes on a warehouse that stands: a real build of a changed copy of the project."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sangkien.warehouse import build
from tests.conftest import Warehouse
from tests.warehouse.ground import PARAMETERS, QUOTAS, Ground, programme

MART = "models/marts/dimensions/dim_cluster.sql"
CONTRACT = "models/marts/dimensions/_dimensions.yml"
ENGLISH = "      - name: label_en\n        data_type: text\n        description: Name in English.\n"
SHORT = "      - name: label_short\n        data_type: text\n        description: Short name.\n"


@pytest.fixture(scope="module")
def built(make_warehouse: Callable[[], Warehouse]) -> Ground:
    """A warehouse of the project as it is; tests work on copies."""
    ground = Ground.prepare(make_warehouse())
    ground.deliver(programme(initiatives=20), QUOTAS)
    ground.build(1, base=0)
    ground.publish(1)
    return ground


@pytest.fixture
def ground(copy_warehouse: Callable[[Warehouse], Warehouse], built: Ground) -> Ground:
    """A copy of it."""
    return Ground(copy_warehouse(built.warehouse))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the dbt project, which the build takes for the project."""
    copy = tmp_path / "dbt_project"
    shutil.copytree(build.DBT_PROJECT, copy, ignore=shutil.ignore_patterns("target", "logs"))
    monkeypatch.setattr(build, "DBT_PROJECT", copy)
    return copy


def _change(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


def _clusters(ground: Ground, publication: int) -> list[dict[str, Any]]:
    return ground.query("select * from marts.dim_cluster order by cluster_code", publication)


def test_upgrade_keeps_what_was_published(ground: Ground, project: Path) -> None:
    assert not build.is_outdated(ground.dsn, PARAMETERS)
    before, marts = _clusters(ground, 1), ground.hashes(1)
    _change(project / MART, "label_en", "left(label_vi, 3) as label_short")
    _change(project / CONTRACT, ENGLISH, "")
    _change(project / CONTRACT, "      - name: label_vi", f"{SHORT}      - name: label_vi")  # before an old one
    assert build.is_outdated(ground.dsn, PARAMETERS)

    assert ground.build(2, base=1).compared_everything
    ground.publish(2)
    assert _clusters(ground, 1) == [row | {"label_short": None} for row in before]
    assert _clusters(ground, 2) == [row | {"label_en": None, "label_short": row["label_vi"][:3]} for row in before]
    assert {**ground.hashes(1), "dim_cluster": ""} == {**marts, "dim_cluster": ""}
    assert not build.is_outdated(ground.dsn, PARAMETERS)

    told = _clusters(ground, 2)
    shutil.rmtree(project)
    shutil.copytree(Path(build.__file__).parents[3] / "dbt_project", project, ignore=shutil.ignore_patterns("target"))
    ground.build(3, base=2)
    assert _clusters(ground, 3) == _clusters(ground, 1)
    assert _clusters(ground, 2) == told


def test_other_type_is_refused_until_the_mart_is_forgotten(ground: Ground, project: Path) -> None:
    marts = ground.hashes(1)
    _change(project / MART, "label_en", "length(label_en) as label_en")
    _change(project / CONTRACT, ENGLISH, ENGLISH.replace("text", "integer"))
    with pytest.raises(build.BuildFailedError, match=r"label_en was text.*sangkien forget dim_cluster"):
        ground.build(2, base=1)
    assert ground.hashes(1) == marts

    build.forget(ground.dsn, "dim_cluster")
    ground.build(2, base=1)
    assert {type(row["label_en"]) for row in _clusters(ground, 2)} == {int}
    assert _clusters(ground, 1) == []
    assert ground.hashes(1).keys() == marts.keys()


def test_other_key_is_refused(ground: Ground, project: Path) -> None:
    _change(project / MART, "['cluster_code']", "['label_vi']")
    with pytest.raises(build.BuildFailedError, match=r"its key was cluster_code.*sangkien forget dim_cluster"):
        ground.build(2, base=1)


def test_only_marts_with_rows_can_be_forgotten(ground: Ground) -> None:
    with pytest.raises(build.UnknownMartError):
        build.forget(ground.dsn, "fct_initiative")
