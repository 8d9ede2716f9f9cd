"""docker-compose.yml without an engine: the tool accepts it; its commands and environment are those of this machine."""

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml

from sangkien.local.airflow import SERVICES, airflow_environment
from sangkien.local.postgres import EmbeddedPostgres
from sangkien.local.postgres_settings import server_settings
from sangkien.settings import PROJECT_ROOT, Settings

# What differs between one machine and containers: places, secrets, and what makes the hosts find each other.
PLACES = re.compile(r"HOME|FOLDER|DIRECTORY|_FILE|_URL|_HOST|_PORT|_CONN|_KEY|_SECRET|_TRANSPORT|NO_PROXY|SANGKIEN_")
PROFILES = {"celery": {"redis", "worker"}, "bi": {"superset", "superset-init"}}
SIZED_FOR_A_SERVER = {"shared_buffers", "effective_cache_size", "maintenance_work_mem", "wal_compression"}


def example(name: str) -> str:
    return (PROJECT_ROOT / name).read_text()


def secrets() -> dict[str, str]:
    """Every variable of .env.example, the empty ones filled in as its reader is told to."""
    lines = [line.split("=", 1) for line in example(".env.example").splitlines() if line and not line.startswith("#")]
    return {name: value or f"filled{number}" for number, (name, value) in enumerate(lines)}


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    """The services with their variables put in, as docker-compose does it."""
    values = secrets()

    def put_in(found: re.Match[str]) -> str:
        name, _, default = found[1].partition(":")
        return values.get(name) or default.removeprefix("-")

    text = re.sub(r"(?<!\$)\$\{([^}]*)\}", put_in, example("docker-compose.yml")).replace("$$", "$")
    services: dict[str, Any] = yaml.safe_load(text)["services"]
    return services


@pytest.mark.skipif(shutil.which("docker-compose") is None, reason="no docker-compose (apt-get install docker-compose)")
def test_docker_compose_accepts_the_file_and_insists_on_each_secret(tmp_path: Path) -> None:
    def config(values: dict[str, str], *options: str) -> subprocess.CompletedProcess[str]:
        env_file = tmp_path / ".env"
        env_file.write_text("".join(f"{name}={value}\n" for name, value in values.items()))
        command = ["docker-compose", "--env-file", str(env_file), "--file", str(PROJECT_ROOT / "docker-compose.yml")]
        environment = {name: value for name, value in os.environ.items() if name not in values}
        return subprocess.run(
            [*command, *options, "config"], env=environment, capture_output=True, text=True, check=False
        )

    usual = {"postgres", "airflow-init", *SERVICES}
    for options in ((), *(("--profile", profile) for profile in PROFILES)):
        answer = config(secrets(), *options)
        assert answer.returncode == 0, answer.stderr
        accepted = yaml.safe_load(answer.stdout)["services"]
        assert usual <= accepted.keys() <= usual.union(*PROFILES.values())
        for profile, names in PROFILES.items():
            assert {name for name, service in accepted.items() if service.get("profiles") == [profile]} <= names
        assert {name for option in options[1:] for name in PROFILES[option]} <= accepted.keys()
    for name in [name for name, value in secrets().items() if value.startswith("filled")]:
        refused = config({**secrets(), name: ""})
        assert refused.returncode != 0, name
        assert "set it in .env" in refused.stderr


def test_no_port_is_open_to_the_network(services: dict[str, Any]) -> None:
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_airflow_has_the_commands_of_the_local_supervisor(services: dict[str, Any]) -> None:
    for name, command in SERVICES.items():
        assert services[name]["command"] == ["airflow", *command]
        assert services[name]["healthcheck"]["test"][:2] == ["CMD", "python"]


def test_airflow_itself_knows_every_command(services: dict[str, Any], tmp_path: Path) -> None:
    commands = [services[name]["command"][1:] for name in (*SERVICES, "worker")]
    script = "import sys, json; from airflow.cli.cli_parser import get_parser\n"
    script += "for command in json.loads(sys.argv[1]): get_parser().parse_args(command)"
    subprocess.run(
        [sys.executable, "-c", script, json.dumps([*commands, ["db", "migrate"]])],
        env=os.environ | {"AIRFLOW_HOME": str(tmp_path), "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor"},
        check=True,
        capture_output=True,
    )


def test_airflow_has_the_settings_of_the_local_supervisor(services: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "airflow").mkdir()
    here = airflow_environment(home=tmp_path, dags_folder=tmp_path, warehouse_dsn="postgresql://h/d", port=1)
    for name in SERVICES:
        there = {key: value for key, value in services[name]["environment"].items() if key != "HEALTH_OF"}
        assert there.keys() - here.keys() == {
            "AIRFLOW__CELERY__BROKER_URL",
            "AIRFLOW__CELERY__RESULT_BACKEND",
            "AIRFLOW__CELERY__WORKER_CONCURRENCY",
            "AIRFLOW_CONN_SMTP_DEFAULT",
            "AIRFLOW_CONN_WEBHOOK",
            "SANGKIEN_ALERTS__EMAIL_TO",
            "SANGKIEN_ALERTS__WEBHOOK_CONNECTION",
            "SANGKIEN_BULLETIN",
            "SANGKIEN_INBOX",
            "SANGKIEN_OUTBOX",
            "SANGKIEN_PSEUDONYM_KEY",
        }
        assert here.keys() - there.keys() == set()
        assert {key: here[key] for key in here if not PLACES.search(key)} == {
            key: there[key] for key in here if not PLACES.search(key)
        }


def test_every_sangkien_variable_is_a_setting(services: dict[str, Any]) -> None:
    names = {key for key in services["scheduler"]["environment"] if key.startswith("SANGKIEN_")}
    assert {name.removeprefix("SANGKIEN_").split("__")[0].lower() for name in names} <= Settings.model_fields.keys()


def test_the_first_start_leaves_the_password_where_only_airflow_reads_it(
    services: dict[str, Any], tmp_path: Path
) -> None:
    stub = tmp_path / "bin" / "airflow"
    stub.parent.mkdir()
    stub.write_text('#!/bin/sh\necho "airflow $*"\n')
    stub.chmod(0o755)
    password_file = tmp_path / "airflow" / "passwords.json"
    init = services["airflow-init"]
    done = subprocess.run(
        init["command"],
        env={
            "PATH": f"{stub.parent}:{Path(sys.executable).parent}:{os.environ['PATH']}",
            "AIRFLOW_HOME": str(password_file.parent),
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(password_file),
            "AIRFLOW_ADMIN_PASSWORD": 'quoted " and $HOME',
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "airflow db migrate\n"
    assert json.loads(password_file.read_text()) == {"admin": 'quoted " and $HOME'}
    assert password_file.stat().st_mode & 0o077 == 0


@pytest.fixture
def health_of_airflow() -> Iterator[tuple[str, dict[str, dict[str, str]]]]:
    """An address that answers as Airflow's health endpoint does, and the answer."""
    parts = {name: {"status": "healthy"} for name in ("metadatabase", "scheduler", "triggerer", "dag_processor")}

    class Health(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(parts).encode())

    server = HTTPServer(("127.0.0.1", 0), Health)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_port}", parts
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("name", SERVICES)
def test_a_health_check_fails_for_its_own_part_only(
    services: dict[str, Any], name: str, health_of_airflow: tuple[str, dict[str, dict[str, str]]]
) -> None:
    address, parts = health_of_airflow
    part = services[name]["environment"].get("HEALTH_OF", "metadatabase")
    assert part in {name.replace("-", "_"), "metadatabase"}

    def check() -> int:
        script = services[name]["healthcheck"]["test"][3].replace("api-server:8080", address)
        environment = os.environ | {"HEALTH_OF": part, "NO_PROXY": "127.0.0.1"}
        return subprocess.run([sys.executable, "-c", script], env=environment, check=False).returncode

    assert check() == 0
    parts[part]["status"] = "unhealthy"
    assert check() == 1
    parts[part]["status"] = "healthy"
    parts["another"] = {"status": "unhealthy"}
    assert check() == 0


def test_postgres_has_the_settings_of_the_embedded_server(
    services: dict[str, Any], shared_server: EmbeddedPostgres
) -> None:
    there = dict(option.removeprefix("-c").split("=", 1) for option in services["postgres"]["command"][1:])
    here = server_settings(24 << 30)
    assert there.keys() <= here.keys()
    for name in there.keys() - SIZED_FOR_A_SERVER:
        assert there[name] == here[name], name
    with psycopg.connect(shared_server.start()) as connection:
        known = {name for (name,) in connection.execute("select name from pg_settings")}
    assert there.keys() <= {name.lower() for name in known}


def test_airflow_finds_its_database(services: dict[str, Any]) -> None:
    scripts = [mount.split(":")[0] for mount in services["postgres"]["volumes"] if "initdb.d" in mount]
    assert [example(script) for script in scripts if "create database airflow;" in example(script)]
    assert services["scheduler"]["environment"]["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].endswith(
        "@postgres:5432/airflow"
    )


def test_the_image_is_made_of_what_the_build_may_see() -> None:
    copied = re.findall(r"^COPY (?:--\S+ )?(.*) \S+$", example("Dockerfile"), re.MULTILINE)
    visible = {line.removeprefix("!") for line in example(".dockerignore").splitlines() if line.startswith("!")}
    assert {part for parts in copied for part in parts.split()} == visible
    assert all((PROJECT_ROOT / part).exists() for part in visible)
