"""`.env.example` explains every setting there is, and no other; its defaults are the real ones."""

from __future__ import annotations

import ast
import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.processes

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = (ROOT / ".env.example").read_text()
LINE = re.compile(r"^(#?)([A-Z][A-Z_]*)=(.*)$")

# Read by these programs instead of the settings module.
READ_ELSEWHERE = {
    "HOST": "bin/serve",
    "PORT": "bin/serve",
    "POSTGRES_PASSWORD": "docker-compose.yml",
    "PUBLISHED_LMTP_PORT": "docker-compose.yml",
    "PUBLISHED_PORT": "docker-compose.yml",
    "READERS": "Procfile",
}


def names_read_by_settings() -> set[str]:
    """Collect the first argument of every `env(...)` and `env.something(...)` in the settings module."""
    names = set()
    for node in ast.walk(ast.parse((ROOT / "foia" / "settings.py").read_text())):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        called = node.func.value if isinstance(node.func, ast.Attribute) else node.func
        first = node.args[0]
        if isinstance(called, ast.Name) and called.id == "env" and isinstance(first, ast.Constant):
            names.add(first.value)
    return names


def names_in_example() -> list[str]:
    return [found[2] for line in EXAMPLE.splitlines() if (found := LINE.match(line))]


def clean_environment(**settings: str) -> dict[str, str]:
    """Return this environment without any of Daylight's settings, and with these."""
    ours = names_read_by_settings()
    return {**{name: value for name, value in os.environ.items() if name not in ours}, **settings}


def settings_under(environment: dict[str, str]) -> dict[str, str]:
    """Load the settings module in a process of its own and return what it says."""
    # LANGUAGES holds texts to be translated, which only a started Django can print.
    program = (
        "import json, foia.settings as s; "
        "print(json.dumps({n: repr(getattr(s, n)) for n in dir(s) if n.isupper() and n != 'LANGUAGES'}))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def test_every_setting_is_in_the_example():
    missing = names_read_by_settings() - set(names_in_example())
    assert not missing, f"explain these in .env.example: {sorted(missing)}"


def test_the_example_holds_no_setting_that_nothing_reads():
    assert set(names_in_example()) - names_read_by_settings() == set(READ_ELSEWHERE)
    for name, program in READ_ELSEWHERE.items():
        assert name in (ROOT / program).read_text(), f"{program} does not read {name}"


def test_no_setting_is_there_twice():
    names = names_in_example()
    assert len(names) == len(set(names))


def test_every_setting_has_a_comment_above_it():
    above = ""
    for line in EXAMPLE.splitlines():
        found = LINE.match(line)
        if found:
            # The comment may be shared by settings that follow each other.
            assert above.startswith("# ") or LINE.match(above), f"{found[2]} is not explained"
        above = line


def test_only_the_secrets_are_left_to_be_filled_in():
    waiting = [found[2] for line in EXAMPLE.splitlines() if (found := LINE.match(line)) and not found[1]]
    assert waiting == ["SECRET_KEY", "SALT_KEY"]
    assert "SECRET_KEY=\n" in EXAMPLE
    assert "SALT_KEY=\n" in EXAMPLE


def test_the_defaults_that_the_example_shows_are_the_real_ones():
    shown = {
        found[2]: found[3]
        for line in EXAMPLE.splitlines()
        if (found := LINE.match(line)) and found[1] and found[3] and found[2] not in {*READ_ELSEWHERE, "READ_DOT_ENV"}
    }
    assert len(shown) > 15
    plain = settings_under(clean_environment(READ_DOT_ENV="False"))
    spelled_out = settings_under(clean_environment(READ_DOT_ENV="False", **shown))
    assert {name: value for name, value in spelled_out.items() if plain.get(name) != value} == {}


def test_settings_from_the_environment_arrive():
    chosen = {"SWEEP_SECONDS": "7", "DEBUG": "True", "REPLY_MAILBOX": "mailbox", "ORGANISATION_NAME": "Ours"}
    settings = settings_under(clean_environment(READ_DOT_ENV="False", **chosen))
    assert {name: settings[name].strip("'") for name in chosen} == chosen


def test_the_demo_uses_nothing_of_the_real_organisation():
    hostile = clean_environment(
        DATABASE_URL="postgres://real:secret@db.invalid/real",
        REDIS_URL="redis://real.invalid:6379/0",
        EMAIL_URL="smtp://user:secret@mail.invalid:25",
        STORE_DIR="/srv/real",
        DATA_DIR="/srv/real",
        DAYLIGHT_MODE="production",
        SECRET_KEY="x" * 50,
        SALT_KEY="x" * 50,
        ALLOWED_HOSTS="real.invalid",
        SITE_URL="https://real.invalid",
        LAW_OVERLAY_DIR="/srv/real/law",
        ORGANISATION_NAME="Real",
    )
    printed = subprocess.run(
        ["bash", "-c", "set -eu; . bin/demo-settings.sh; env -0"],
        cwd=ROOT,
        env=hostile,
        capture_output=True,
        check=True,
    ).stdout.decode()
    environment = dict(pair.split("=", 1) for pair in printed.split("\0") if pair)
    settings = settings_under(environment)
    everything = json.dumps(settings)
    assert "real" not in everything.lower().replace("realm", "")
    assert "filebased.EmailBackend" in settings["EMAIL_BACKEND"]
    assert settings["DEMO"] == "True"
    for name in ("DATA_DIR", "STORE_DIR", "BROKER_DIR", "DATABASES", "EMAIL_FILE_PATH"):
        assert f"{ROOT}/var/demo" in settings[name], name


class TestEnvFile:
    """bin/env-file, in a folder of its own."""

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        (tmp_path / "bin").mkdir()
        (tmp_path / "bin" / "env-file").write_bytes((ROOT / "bin" / "env-file").read_bytes())
        (tmp_path / ".env.example").write_text(EXAMPLE)
        return tmp_path

    @staticmethod
    def write(folder: Path) -> str:
        return subprocess.run(
            ["bash", "bin/env-file"], cwd=folder, env={**os.environ, "PYTHON": sys.executable},
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip

    def test_makes_secrets_that_nobody_else_has_or_can_read(self, folder):
        assert ".env" in self.write(folder)
        file = folder / ".env"
        secrets = [
            line.partition("=")[2] for line in file.read_text().splitlines() if re.match("(SECRET|SALT)_KEY=", line)
        ]
        assert len(secrets) == len(set(secrets)) == 2
        assert all(len(secret) >= 50 for secret in secrets)
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        file.unlink()
        self.write(folder)
        assert not any(secret in file.read_text() for secret in secrets)

    def test_keeps_all_the_rest_of_the_example(self, folder):
        self.write(folder)
        written = re.sub(r"^(SECRET_KEY|SALT_KEY)=.*$", r"\1=", (folder / ".env").read_text(), flags=re.MULTILINE)
        assert written == EXAMPLE

    def test_never_touches_one_that_is_there(self, folder):
        (folder / ".env").write_text("SECRET_KEY=mine\n")
        assert self.write(folder) == ""
        assert (folder / ".env").read_text() == "SECRET_KEY=mine\n"
