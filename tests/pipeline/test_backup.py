"""Backup and restore as docs/howto/backup-and-restore.md says: an empty server, the same hashes, and the next night."""

import shutil
from pathlib import Path

from sangkien.local.postgres import EmbeddedPostgres
from tests.conftest import Warehouse
from tests.pipeline.conftest import AS_OF, Programme


def test_restored_into_an_empty_server(
    first_part: Warehouse, undisturbed: Warehouse, programme: Programme, tmp_path: Path
) -> None:
    backup = tmp_path / "sangkien.dump"
    done = first_part.command("pg", "dump", backup)
    assert done.returncode == 0, done.stderr
    assert backup.stat().st_mode & 0o077 == 0
    assert first_part.command("pg", "dump", backup).returncode == 1  # it is not written over

    server = EmbeddedPostgres(tmp_path / "server", durable=False)
    try:
        restored = Warehouse(server.start(), tmp_path / "restored")
        restored.inbox.mkdir(parents=True)
        done = restored.command("pg", "restore", backup)
        assert done.returncode == 0, done.stderr
        shutil.copytree(first_part.folder / "home" / "raw", restored.folder / "home" / "raw")
        assert restored.published() == first_part.published()

        programme.deliver(programme.files(), restored)
        assert restored.refresh(AS_OF) == 0
        assert restored.published() == undisturbed.published()
        assert restored.command("pg", "restore", backup).returncode != 0  # nor is a warehouse
        assert restored.published() == undisturbed.published()
    finally:
        server.destroy()
