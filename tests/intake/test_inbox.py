"""An inbox and an outbox behind fsspec: a real S3 server's protocol, and a real SFTP server."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from moto.server import ThreadedMotoServer
from upath import UPath

from sangkien.intake.inbox import open_inbox
from sangkien.receipts.write import write_receipts
from sangkien.storage import is_here, open_folder
from tests.intake.conftest import NAME, UNIT, Intake
from tests.scenarios.build import csv_file, initiative

ONE = csv_file([initiative("inbox", "SK1")])
TWO = csv_file([initiative("inbox", "SK1"), initiative("inbox", "SK2")])
_numbers = count()
Storage = tuple[str, dict[str, Any]]


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Storage]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    options = {"key": "unit", "secret": "test", "client_kwargs": {"endpoint_url": f"http://{host}:{port}"}}
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    bucket = f"s3://units-{next(_numbers)}"  # what moto keeps outlives its server
    open_folder(bucket, options).mkdir()
    yield bucket, options
    server.stop()


@pytest.fixture
def sftp(tmp_path: Path) -> Iterator[Storage]:
    sshd = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin")
    if sshd is None:
        pytest.skip("needs sshd: apt-get install openssh-server")
    for name in ("host", "client"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / name], check=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = tmp_path / "sshd_config"
    config.write_text(
        f"ListenAddress 127.0.0.1\nPort {port}\nHostKey {tmp_path}/host\nAuthorizedKeysFile {tmp_path}/client.pub\n"
        "StrictModes no\nUsePAM no\nPidFile none\nSubsystem sftp internal-sftp\n"
    )
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    server = subprocess.Popen([sshd, "-D", "-e", "-f", config], stderr=subprocess.DEVNULL)
    _wait_for(port)
    (tmp_path / "files").mkdir()
    options = {"port": port, "key_filename": str(tmp_path / "client")}
    yield f"sftp://{os.environ.get('USER') or 'root'}@127.0.0.1{tmp_path}/files", options
    server.terminate()
    server.wait()


def _wait_for(port: int) -> None:
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError(port)


@pytest.fixture(params=["s3", "sftp"])
def remote(request: pytest.FixtureRequest) -> Callable[[str], UPath]:
    url, options = request.getfixturevalue(request.param)
    return lambda name: open_folder(f"{url}/{name}", options)


def _put(inbox: UPath, content: bytes, name: str = NAME) -> None:
    folder = inbox / UNIT
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)


def test_deliveries_come_from_elsewhere_and_receipts_go_there(
    make_intake: Callable[..., Intake], remote: Callable[[str], UPath]
) -> None:
    inbox, outbox = remote("inbox"), remote("outbox")
    _put(inbox, ONE)
    _put(inbox, b"no header", "quotas_2023-08-31.csv")  # its receipt does not wait for the judge
    _put(inbox, b"", "bao cao [1].csv")
    _put(inbox, b"", ".hidden")
    _put(inbox, b"", f"{NAME}.part")
    intake = make_intake(inbox)
    intake.load()
    assert [reason for _, _, reason in intake.statuses()] == ["unknown_name", None, "no_header"]
    assert intake.landed() == ["SK1"]
    assert write_receipts(intake.warehouse.dsn, outbox).written == 2
    assert sorted(file.suffix for file in (outbox / UNIT).iterdir()) == [".json", ".json", ".xlsx", ".xlsx"]


def test_a_changed_file_is_a_new_delivery_and_an_unchanged_one_is_none(
    make_intake: Callable[..., Intake], remote: Callable[[str], UPath]
) -> None:
    inbox = remote("inbox")
    _put(inbox, ONE)
    intake = make_intake(inbox)
    for _ in range(2):
        intake.load()
    assert intake.statuses() == [(UNIT, "accepted", None)]
    _put(inbox, TWO)
    intake = make_intake(remote("inbox"), intake.warehouse)  # another night, another process
    intake.load()
    assert intake.statuses() == [(UNIT, "superseded", None), (UNIT, "accepted", None)]


def test_an_inbox_that_cannot_be_reached_is_an_error_not_an_empty_one(
    make_intake: Callable[..., Intake], remote: Callable[[str], UPath]
) -> None:
    with pytest.raises(OSError):  # noqa: PT011 - each file system has a message of its own
        make_intake(remote("nowhere")).load()


@pytest.fixture
def make_intake(intake: Intake) -> Callable[..., Intake]:
    return lambda folder, warehouse=None: Intake(warehouse or intake.warehouse, open_inbox(folder))


def test_what_stands_before_the_at_is_a_connection_of_airflow(tmp_path: Path) -> None:
    folder = open_folder(f"file://units_store@{tmp_path}", {})
    assert (type(folder).__name__, is_here(folder)) == ("ObjectStoragePath", True)
