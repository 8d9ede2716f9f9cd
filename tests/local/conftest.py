"""Servers that the tests of `sangkien.local` share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sangkien.local.postgres import EmbeddedPostgres


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A running server for tests that neither stop nor harm it for longer than themselves."""
    server = EmbeddedPostgres(tmp_path_factory.mktemp("shared") / "home", durable=False)
    server.start()
    yield server
    server.destroy()


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """The home of a server that a test starts for itself; pytest's folders are closed to other accounts (mode 700)."""
    home = tmp_path / "home"
    yield home
    EmbeddedPostgres(home).destroy()
