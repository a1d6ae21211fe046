"""Dockerfile and docker-compose.yml, as far as they can be checked without Docker."""

from __future__ import annotations

import http.server
import re
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.servers import free_port

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ["prepare", "web", "worker", "reader", "beat", "mail"]


def packages_after(text: str, start: str, end: str) -> set[str]:
    return set(text.split(start, 1)[1].split(end, 1)[0].replace("\\", " ").split())


def test_the_services_are_the_served_setting():
    assert set(SERVICES) == {"database", "redis", *OURS}


@pytest.mark.parametrize("name", SERVICES)
def test_no_service_runs_as_root_or_may_become_it(name):
    assert SERVICES[name]["user"] not in {"root", "0", "0:0"}
    assert "no-new-privileges:true" in SERVICES[name]["security_opt"]


@pytest.mark.parametrize("name", [name for name in SERVICES if name not in {"prepare", "web"}])
def test_each_lasting_service_has_a_health_check_of_its_own(name):
    assert SERVICES[name]["healthcheck"]["test"]


def test_web_has_the_image_s_health_check():
    assert "healthcheck" not in SERVICES["web"]
    assert "HEALTHCHECK" in DOCKERFILE
    assert '"bin/healthy"' in DOCKERFILE.split("HEALTHCHECK", 1)[1].splitlines()[0]


@pytest.mark.parametrize("name", ["web", "worker", "reader", "beat", "mail"])
def test_nothing_starts_before_the_tables_are_ready(name):
    waits_for = SERVICES[name]["depends_on"]
    assert waits_for["prepare"] == {"condition": "service_completed_successfully"}
    assert waits_for["database"] == waits_for["redis"] == {"condition": "service_healthy"}


@pytest.mark.parametrize("name", OURS)
def test_ours_run_in_production_on_postgresql_and_redis_and_share_the_documents(name):
    environment = SERVICES[name]["environment"]
    assert environment["DAYLIGHT_MODE"] == "production"
    assert environment["DATABASE_URL"].startswith("postgres://")
    assert environment["REDIS_URL"].startswith("redis://")
    shared = [f"documents:{environment['STORE_DIR']}", f"derived:{environment['DERIVED_DIR']}"]
    assert SERVICES[name]["volumes"] == shared
    assert SERVICES[name]["env_file"] == [".env"]


def test_only_web_and_the_listener_are_reachable_and_only_from_this_machine():
    assert [name for name in SERVICES if "ports" in SERVICES[name]] == ["web", "mail"]
    assert all(port.startswith("127.0.0.1:") for name in ("web", "mail") for port in SERVICES[name]["ports"])


def test_the_listener_listens_where_its_port_leads_and_its_health_is_asked():
    (port,), command = SERVICES["mail"]["ports"], SERVICES["mail"]["command"]
    assert command[2:] == ["serve_lmtp", "--listen", f"0.0.0.0:{port.rpartition(':')[2]}"]
    assert f"'127.0.0.1', {port.rpartition(':')[2]}" in SERVICES["mail"]["healthcheck"]["test"][-1]


def test_no_password_is_written_down():
    text = (ROOT / "docker-compose.yml").read_text()
    assert re.findall(r"PASSWORD: (.*)", text) == ["${POSTGRES_PASSWORD:?Set POSTGRES_PASSWORD in .env}"]


def test_every_volume_is_declared():
    used = {volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}
    assert used == set(COMPOSE["volumes"])


def test_the_image_ends_without_root():
    last_stage = DOCKERFILE.rsplit("\nFROM ", 1)[1]
    assert re.findall(r"^USER (.*)$", last_stage, re.MULTILINE) == ["daylight"]
    assert last_stage.index("USER daylight") < last_stage.index("CMD [")
    assert "--uid 10001" in last_stage


def test_the_image_has_the_libraries_and_fonts_of_the_set_up():
    in_image = packages_after(DOCKERFILE, "--no-install-recommends", "&&")
    in_set_up = packages_after((ROOT / "bin" / "system-packages").read_text(), "production=(", ")")
    assert in_image == in_set_up - {"python3-venv", "ca-certificates"}


@pytest.mark.parametrize("folder", ["foia", "requests_app", "templates", "locale"])
def test_the_image_holds_every_folder_of_the_program(folder):
    if (ROOT / folder).is_dir():
        assert f"COPY {folder}/ {folder}/" in DOCKERFILE
        assert f"!{folder}" in (ROOT / ".dockerignore").read_text().splitlines()


def test_nothing_that_a_running_daylight_keeps_goes_into_the_image():
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if not line.startswith("#")]
    assert lines[0] == "*"
    assert not any(line.startswith(("!.env", "!var", "!.git")) for line in lines)


class Answer(http.server.BaseHTTPRequestHandler):
    """A web server that knows one path under one name."""

    status = 200

    def do_GET(self) -> None:
        known = self.path == "/healthz" and self.headers["Host"] == "records.example.org"
        self.send_response(self.status if known else 404)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Keep quiet."""


@pytest.mark.processes
@pytest.mark.parametrize(("status", "outcome"), [(200, 0), (500, 1), (301, 1)])
def test_the_health_check_asks_under_a_name_that_the_site_answers_to(status, outcome):
    handler = type("Answer", (Answer,), {"status": status})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        assert ask(server.server_port).returncode == outcome
        server.shutdown()


@pytest.mark.processes
def test_the_health_check_fails_when_nothing_answers():
    done = ask(free_port())
    assert done.returncode == 1
    assert "Not alive" in done.stderr


def ask(port: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, ROOT / "bin" / "healthy"],
        env={"PORT": str(port), "ALLOWED_HOSTS": ".records.example.org,other.example.org"},
        capture_output=True, text=True,
    )  # fmt: skip
