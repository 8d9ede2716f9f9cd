import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import psycopg
import pytest

from sangkien.local import binaries
from sangkien.local.account import PostgresError
from sangkien.local.postgres import DATABASES, EmbeddedPostgres
from sangkien.local.postgres_settings import server_settings

AS_ROOT = os.geteuid() == 0
SYSTEM_BIN = max(Path("/usr/lib/postgresql").glob("1[5-9]/bin"), default=None)


def ask(dsn: str, query: str) -> object:
    with psycopg.connect(dsn) as connection:
        row = connection.execute(query).fetchone()
    return row[0] if row else None


def kill_hard(server: EmbeddedPostgres) -> None:
    pid = server.status().pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)


def test_data_port_and_password_outlive_a_restart(shared_server: EmbeddedPostgres) -> None:
    dsn = shared_server.start()
    with psycopg.connect(dsn) as connection:
        connection.execute("create table kept as select 'sáng kiến' as word")
    assert shared_server.stop()
    assert not shared_server.status().running
    assert not shared_server.stop(), "nothing left to stop"
    assert shared_server.start() == dsn
    assert ask(dsn, "select word from kept") == "sáng kiến"


def test_a_second_start_changes_nothing(shared_server: EmbeddedPostgres) -> None:
    before = shared_server.status()
    assert before.running
    assert shared_server.start() == shared_server.dsn()
    assert shared_server.status() == before


def test_every_database_is_there_under_its_dsn(shared_server: EmbeddedPostgres) -> None:
    for name in DATABASES:
        assert ask(shared_server.dsn(name), "select current_database()") == name


def test_only_the_password_opens_the_server(shared_server: EmbeddedPostgres) -> None:
    parts = urlsplit(shared_server.dsn())
    for credentials in (parts.username, f"{parts.username}:wrong"):
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(parts._replace(netloc=f"{credentials}@{parts.hostname}:{parts.port}").geturl())
    rules = ask(shared_server.dsn(), "select string_agg(distinct auth_method, ',') from pg_hba_file_rules")
    assert rules == "scram-sha-256"


def test_it_listens_on_the_loopback_address_only(shared_server: EmbeddedPostgres) -> None:
    assert ask(shared_server.dsn(), "show listen_addresses") == "127.0.0.1"
    assert ask(shared_server.dsn(), "show unix_socket_directories") == ""


def test_secrets_and_data_are_closed_to_others(shared_server: EmbeddedPostgres) -> None:
    folder = shared_server.status().folder
    for name in ("password", "data", "server.log"):
        assert stat.S_IMODE((folder / name).stat().st_mode) & 0o077 == 0, name


def test_text_is_ordered_bytewise_and_vietnamese_letters_have_case(shared_server: EmbeddedPostgres) -> None:
    assert ask(shared_server.dsn(), "select lower('ĐẶNG Ỹ') || ('Z' < 'a')::text") == "đặng ỹtrue"


def test_committed_rows_survive_a_sigkill(shared_server: EmbeddedPostgres) -> None:
    dsn = shared_server.start()
    with psycopg.connect(dsn) as connection:
        connection.execute("create table survivor as select generate_series(1, 1000)")
    kill_hard(shared_server)
    assert shared_server.start() == dsn
    assert ask(dsn, "select count(*) from survivor") == 1000


def test_a_start_ends_the_sessions_of_a_killed_server(shared_server: EmbeddedPostgres) -> None:
    dsn = shared_server.start()
    # A session that computes does not notice that its server is gone, and holds the shared memory.
    busy = "do $$ begin perform count(*) from generate_series(1, 1000000000); end $$"
    session = subprocess.Popen(
        [sys.executable, "-c", f"import psycopg; psycopg.connect({dsn!r}).execute({busy!r})"], stderr=subprocess.DEVNULL
    )
    while (backend := ask(dsn, "select max(pid) from pg_stat_activity where query like 'do %'")) is None:
        assert session.poll() is None
    kill_hard(shared_server)
    time.sleep(0.5)
    assert psutil.pid_exists(int(str(backend))), "it has noticed"
    assert shared_server.start() == dsn
    assert not psutil.pid_exists(int(str(backend)))
    session.wait()


def test_a_start_gets_over_a_table_that_was_undone_when_the_server_was_killed(shared_server: EmbeddedPostgres) -> None:
    dsn = shared_server.start()
    session, other = psycopg.connect(dsn), psycopg.connect(dsn, autocommit=True)
    other.execute("checkpoint")
    session.execute("create unlogged table undone as select 1 as one")
    other.execute("create table done as select 1 as one")  # and the log is on the disk up to here
    kill_hard(shared_server)
    while psutil.pid_exists(session.info.backend_pid):  # it undoes its table, and ends
        time.sleep(0.01)
    session.close()
    other.close()
    assert shared_server.start() == dsn
    assert ask(dsn, "select to_regclass('undone') is null and to_regclass('done') is not null")
    assert '("File exists")' in (shared_server.status().folder / "server.log").read_text()


def test_a_pid_file_that_names_a_stranger_is_not_believed(shared_server: EmbeddedPostgres) -> None:
    kill_hard(shared_server)
    pid_file = shared_server.status().folder / "data" / "postmaster.pid"
    _, rest = pid_file.read_text().split("\n", 1)
    pid_file.write_text(f"{os.getpid()}\n{rest}")
    assert not shared_server.status().running
    shared_server.start()
    assert shared_server.status().pid != os.getpid()


def test_a_port_taken_meanwhile_is_replaced_for_good(shared_server: EmbeddedPostgres) -> None:
    old = urlsplit(shared_server.start()).port
    shared_server.stop()
    with socket.socket() as thief:
        thief.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        thief.bind(("127.0.0.1", old))
        thief.listen()
        new = urlsplit(shared_server.start()).port
    assert new != old
    shared_server.stop()
    assert urlsplit(shared_server.start()).port == new


def test_starts_at_the_same_moment_give_one_server(home: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from sangkien.local.postgres import EmbeddedPostgres;"
        "server = EmbeddedPostgres(Path(sys.argv[1]), durable=False); print(server.start(), server.status().pid)"
    )
    starts = [
        subprocess.Popen([sys.executable, "-c", script, str(home)], stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]
    answers = {start.communicate(timeout=60)[0] for start in starts}
    assert [start.returncode for start in starts] == [0, 0, 0]
    assert len(answers) == 1
    assert str(EmbeddedPostgres(home).status().pid) in answers.pop()


def test_a_server_that_cannot_start_says_why_at_once(home: Path) -> None:
    server = EmbeddedPostgres(home, durable=False)
    server.start()
    server.stop()
    (server.status().folder / "data" / "postgresql.auto.conf").write_text("work_mem = 'plenty'\n")
    began = time.monotonic()
    with pytest.raises(PostgresError, match='invalid value for parameter "work_mem": "plenty"'):
        server.start()
    assert time.monotonic() - began < 5


def test_before_the_first_start_there_is_nothing_to_connect_to(home: Path) -> None:
    server = EmbeddedPostgres(home)
    assert not server.status().running
    assert not server.stop()
    with pytest.raises(PostgresError, match="sangkien pg start"):
        server.dsn()


def test_destroy_leaves_neither_process_nor_files(home: Path) -> None:
    server = EmbeddedPostgres(home, durable=False)
    server.start()
    status = server.status()
    server.destroy()
    assert not status.folder.exists()
    assert not (home / "postgres").is_symlink()
    assert not server.status().running


def test_psql_of_the_server_connects(shared_server: EmbeddedPostgres) -> None:
    command = [str(shared_server.program("psql")), shared_server.dsn(), "-XAtc", "select 40 + 2"]
    assert subprocess.run(command, check=True, capture_output=True, text=True).stdout == "42\n"


def test_only_tests_give_up_durability() -> None:
    assert not {"fsync", "full_page_writes"} & server_settings(24 << 30).keys()
    assert server_settings(24 << 30, durable=False)["fsync"] == "off"


@pytest.mark.parametrize(("gibibytes", "shared_buffers"), [(24, "1024MB"), (4, "512MB"), (0.5, "128MB")])
def test_memory_settings_follow_the_machine(gibibytes: float, shared_buffers: str) -> None:
    assert server_settings(int(gibibytes * 2**30))["shared_buffers"] == shared_buffers


@pytest.mark.skipif(SYSTEM_BIN is None, reason="no system PostgreSQL >= 15 is installed (apt-get install postgresql)")
def test_a_system_postgresql_serves_as_well_and_is_durable(home: Path) -> None:
    server = EmbeddedPostgres(home, bin_dir=SYSTEM_BIN)
    dsn = server.start()
    assert SYSTEM_BIN is not None
    assert str(ask(dsn, "show server_version")).startswith(SYSTEM_BIN.parent.name)
    assert (
        ask(dsn, "select string_agg(setting, ',') from pg_settings where name ~ '^(fsync|full_page_writes)$'")
        == "on,on"
    )
    assert server.program("psql").parent == SYSTEM_BIN


def test_a_wrong_folder_of_programs_is_named(home: Path, tmp_path: Path) -> None:
    with pytest.raises(PostgresError, match="SANGKIEN_PG_BIN"):
        EmbeddedPostgres(home, bin_dir=tmp_path).start()


@pytest.fixture
def open_home() -> Iterator[Path]:
    """A home that every account may enter."""
    parent = Path(tempfile.mkdtemp())
    parent.chmod(0o755)
    yield parent / "home"
    EmbeddedPostgres(parent / "home").destroy()
    shutil.rmtree(parent)


def test_where_the_account_may_enter_the_folder_lies_in_the_home(open_home: Path) -> None:
    server = EmbeddedPostgres(open_home, durable=False)
    server.start()
    assert server.status().folder == (open_home / "postgres").resolve()
    assert not (open_home / "postgres").is_symlink()


@pytest.mark.skipif(not AS_ROOT, reason="only root runs the server as another account")
def test_where_the_account_may_not_enter_nothing_is_opened(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = tmp_path / "site-packages"
    for part in binaries.PARTS:
        shutil.copytree(binaries.find_binaries(None).parents[2] / part, closed / part)
    own = closed / binaries.PARTS[0] / "pginstall" / "bin"
    monkeypatch.setattr(binaries, "find_binaries", lambda given: given or own)

    server = EmbeddedPostgres(home, durable=False)
    assert ask(server.start(), "select 1") == 1
    assert (home / "postgres").is_symlink()
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700
    command = Path(f"/proc/{server.status().pid}/cmdline").read_text()
    assert command.startswith(str(server.status().folder / "binaries"))
    assert Path(f"/proc/{server.status().pid}").stat().st_uid != 0
