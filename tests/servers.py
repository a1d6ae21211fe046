"""Real servers for tests: PostgreSQL, Redis, mail servers, and Celery's own processes.

`mail_server` takes mail that we send, `imap_server` (Dovecot) holds mailboxes from which we fetch, and `lmtp_listener`
is our own command to which a mail server delivers.

`clamd` looks for viruses. Each starts on a free loopback port with its files in a new folder, and is gone with its
`with` block:

    with postgresql() as address, redis() as broker, mail_server() as mailbox:
        settings = {"DATABASE_URL": address, "REDIS_URL": broker, "EMAIL_URL": mailbox.url}
        with celery_worker(settings), celery_beat(settings):
            mailbox.wait_for(1)

From the shell, a command in the served setting: `python -m tests.servers -- COMMAND [ARGUMENT ...]`.
"""

from __future__ import annotations

import contextlib
import grp
import hashlib
import imaplib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default as modern_mail
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 90.0  # seconds; a server that has not answered by then has failed, even on a busy machine


class NotInstalled(RuntimeError):
    """A program that the tests start is not on this machine."""

    def __init__(self, program: str) -> None:
        super().__init__(f"{program} is not installed here. `make test` installs it, or names the package.")


class DidNotStart(RuntimeError):
    """A server ended, or stayed silent, before it was ready."""

    def __init__(self, name: str, log: str) -> None:
        super().__init__(f"{name} did not start. The end of its output:\n{log[-3000:]}")


def free_port() -> int:
    """Return a loopback port that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(happened: Callable[[], bool], *, seconds: float = PATIENCE, every: float = 0.05) -> bool:
    """Ask again and again until it has happened (True) or the seconds are over (False)."""
    end = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > end:
            return False
        time.sleep(every)
    return True


@dataclass
class Running:
    """A process that the tests started, and the file its output goes to."""

    name: str
    process: subprocess.Popen[bytes]
    log_file: Path

    @property
    def log(self) -> str:
        """All that the process has printed so far."""
        return self.log_file.read_text(errors="replace")

    @property
    def alive(self) -> bool:
        """Whether the process has not ended yet."""
        return self.process.poll() is None

    def kill(self) -> None:
        """End the process and its children at once, as a power cut would."""
        self._signal(signal.SIGKILL)

    def stop(self, seconds: float = 10.0) -> None:
        """Ask the process to end; after so many seconds, end it."""
        if self.alive:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(seconds)
        self._signal(signal.SIGKILL)

    def _signal(self, number: int) -> None:
        # The whole group: a worker's children must not outlive it. The group is the process's own (start_new_session).
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)
        self.process.wait()


@contextlib.contextmanager
def running(
    name: str,
    command: list[str],
    *,
    folder: Path,
    ready: Callable[[Running], bool],
    environment: Mapping[str, str] | None = None,
    account: pwd.struct_passwd | None = None,
) -> Iterator[Running]:
    """Start a program, wait until `ready` says yes, and kill it when the block is left.

    Raises DidNotStart with the end of the program's output.
    """
    log_file = folder / f"{name}-{time.monotonic_ns()}.log"
    with log_file.open("wb") as log:
        process = subprocess.Popen(
            [*_die_with_the_tests(), *command],
            cwd=ROOT,
            env=None if environment is None else {**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            **_as_account(account),
        )
    program = Running(name, process, log_file)
    try:
        if not wait_until(lambda: not program.alive or ready(program)) or not program.alive:
            raise DidNotStart(name, program.log)
        yield program
    finally:
        program.kill()


@contextlib.contextmanager
def postgresql() -> Iterator[str]:
    """Start an empty PostgreSQL and give its DATABASE_URL. Nothing in it survives: no write waits for the disk."""
    account = _unprivileged_account()
    with _folder(account) as folder:
        data, port = folder / "data", free_port()
        subprocess.run(
            [_postgresql_program("initdb"), "--pgdata", str(data), "--no-sync", "--auth=trust",
             "--username=daylight", "--encoding=UTF8", "--locale=C.UTF-8"],
            check=True, capture_output=True, cwd=folder, **_as_account(account),
        )  # fmt: skip
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(port),
            "unix_socket_directories": "",
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "max_connections": "100",
        }
        command = [_postgresql_program("postgres"), "-D", str(data)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        with running(
            "postgresql", command, folder=folder, account=account,
            ready=lambda server: "ready to accept connections" in server.log,
        ) as server:  # fmt: skip
            yield f"postgres://daylight@127.0.0.1:{port}/postgres"
            # Not SIGTERM: that waits until every client has gone. SIGINT ends their sessions and stops.
            server.process.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.process.wait(PATIENCE)


@contextlib.contextmanager
def redis() -> Iterator[str]:
    """Start an empty Redis that keeps nothing on disk and give its REDIS_URL."""
    program = shutil.which("redis-server")
    if program is None:
        raise NotInstalled("redis-server")
    port = free_port()
    with (
        _folder(None) as folder,
        running(
            "redis",
            [
                program,
                "--bind",
                "127.0.0.1",
                "--port",
                str(port),
                "--save",
                "",
                "--appendonly",
                "no",
                "--dir",
                str(folder),
            ],
            folder=folder,
            ready=lambda _: _answers(port),
        ),
    ):
        yield f"redis://127.0.0.1:{port}/0"


@dataclass
class Delivery:
    """One message as the mail server took it."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        """The message, parsed; its lines end as Python's do."""
        return BytesParser(policy=modern_mail).parsebytes(self.raw.replace(b"\r\n", b"\n"))


@dataclass
class Mailbox:
    """What a `mail_server` took, and what it shall refuse."""

    port: int
    deliveries: list[Delivery] = field(default_factory=list)
    refuse: dict[str, str] = field(default_factory=dict)  # address -> reply, such as "550 5.1.1 No such mailbox"
    arrival: threading.Condition = field(default_factory=threading.Condition)

    @property
    def url(self) -> str:
        """The EMAIL_URL that leads here."""
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def messages(self) -> list[EmailMessage]:
        """All messages so far, parsed, in the order of their arrival."""
        return [delivery.message for delivery in list(self.deliveries)]

    def wait_for(self, count: int, *, seconds: float = PATIENCE) -> list[EmailMessage]:
        """Return the messages once there are so many; fail when there are not after so many seconds."""
        with self.arrival:
            if not self.arrival.wait_for(lambda: len(self.deliveries) >= count, seconds):
                raise AssertionError(f"{len(self.deliveries)} of {count} messages came in {seconds:g} seconds.")
        return self.messages

    async def handle_RCPT(  # noqa: N802  the name is aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Refuse the addresses that shall be refused."""
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep the message."""
        assert isinstance(envelope.content, bytes)
        with self.arrival:
            self.deliveries.append(Delivery(envelope.mail_from or "", tuple(envelope.rcpt_tos), envelope.content))
            self.arrival.notify_all()
        return "250 Kept"


class _Door:
    """What aiosmtpd sees of a mailbox. At each connection it reads every attribute of what it is given, and reading a
    mailbox's `messages` parses all that ever came: the hundredth mail took a third of a second.
    """

    def __init__(self, mailbox: Mailbox) -> None:
        self.handle_RCPT, self.handle_DATA = mailbox.handle_RCPT, mailbox.handle_DATA


@contextlib.contextmanager
def mail_server(kind: type[Mailbox] = Mailbox) -> Iterator[Mailbox]:
    """Start an SMTP server in this process that keeps every message. Other processes reach it by `mailbox.url`."""
    mailbox = kind(free_port())
    controller = Controller(_Door(mailbox), hostname="127.0.0.1", port=mailbox.port)
    controller.start()
    try:
        yield mailbox
    finally:
        controller.stop()


@dataclass
class Mailboxes:
    """A running Dovecot. Every name is a user, with the same password, and has an empty INBOX at first."""

    port: int
    password: str = "open"

    def url(self, user: str, folder: str = "INBOX", port: int | None = None) -> str:
        """The MAIL_IN_IMAP_URL of one user's folder; `port` leads through something in between."""
        return f"imap://{user}:{self.password}@127.0.0.1:{port or self.port}/{folder}"

    def put(self, user: str, *raws: bytes, folder: str = "INBOX") -> None:
        """Put messages into a folder, unread."""
        with self._opened(user) as server:
            for raw in raws:
                verdict, said = server.append(folder, "", "", raw)
                assert verdict == "OK", said

    def flags(self, user: str, folder: str = "INBOX") -> list[str]:
        """The flags of each message of a folder, in order; an empty list also where there is no such folder."""
        with self._opened(user) as server:
            if server.select(folder, readonly=True)[0] != "OK":
                return []
            _verdict, lines = server.uid("FETCH", "1:*", "(FLAGS)")
            found = [line.decode() for line in lines if isinstance(line, bytes)]
            return [line.partition("FLAGS (")[2].partition(")")[0] for line in found]

    def mark(self, user: str, flags: str) -> None:
        """Mark every message of the INBOX, as a person's mail program would."""
        with self._opened(user) as server:
            server.select("INBOX")
            server.uid("STORE", "1:*", "+FLAGS", flags)

    def begin_anew(self, user: str) -> None:
        """Delete and make the folder "again", so that its UIDVALIDITY changes, and put the INBOX's messages there."""
        with self._opened(user) as server:
            server.delete("again")
            server.create("again")
            server.select("INBOX")
            server.uid("COPY", "1:*", "again")

    @contextlib.contextmanager
    def _opened(self, user: str) -> Iterator[imaplib.IMAP4]:
        server = imaplib.IMAP4("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            server.login(user, self.password)
            yield server
        finally:
            server.logout()


_DOVECOT = """
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = /dev/stderr
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = {uid}
last_valid_uid = {uid}
first_valid_gid = {gid}
mail_location = maildir:{folder}/mail/%u
mail_fsync = never
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u
}}
"""


@contextlib.contextmanager
def imap_server() -> Iterator[Mailboxes]:
    """Start Dovecot with its mailboxes in a new folder. It runs unprivileged, also when the tests run as root."""
    program = shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin:/usr/local/sbin")
    if program is None:
        raise NotInstalled("Dovecot (dovecot-imapd)")
    account = _unprivileged_account("dovecot")
    runs_as = account or pwd.getpwuid(os.geteuid())
    with _folder(account) as folder:
        mailboxes = Mailboxes(free_port())
        facts = {
            "folder": folder,
            "port": mailboxes.port,
            "password": mailboxes.password,
            "user": runs_as.pw_name,
            "group": grp.getgrgid(runs_as.pw_gid).gr_name,
            "uid": runs_as.pw_uid,
            "gid": runs_as.pw_gid,
        }
        settings = folder / "dovecot.conf"
        settings.write_text(_DOVECOT.format(**facts))
        settings.chmod(0o644)
        with running(
            "dovecot", [program, "-F", "-c", str(settings)], folder=folder, account=account,
            ready=lambda _server: _answers(mailboxes.port),
        ):  # fmt: skip
            yield mailboxes


# The EICAR test file, in two halves so that no scanner takes this file for it.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
_CLAMD = """
Foreground yes
TCPSocket {port}
TCPAddr 127.0.0.1
LocalSocket {folder}/clamd.sock
DatabaseDirectory {folder}/signatures
TemporaryDirectory {folder}
PidFile {folder}/clamd.pid
StreamMaxLength {most}
MaxThreads 2
ExitOnOOM yes
OfficialDatabaseOnly no
"""


@dataclass
class Scanner:
    """A running clamd, which knows one virus: the EICAR test file."""

    port: int
    socket: Path
    program: Running | None = None

    @property
    def address(self) -> str:
        """The CLAMD_ADDRESS that leads here."""
        return f"127.0.0.1:{self.port}"


@contextlib.contextmanager
def clamd(*, most: str = "1M") -> Iterator[Scanner]:
    """Start a ClamAV server with one signature of our own; `most`: the largest file it takes."""
    program = shutil.which("clamd") or shutil.which("clamd", path="/usr/sbin:/usr/local/sbin")
    if program is None:
        raise NotInstalled("ClamAV (clamav-daemon)")
    with _folder(None) as folder:
        signatures = folder / "signatures"
        signatures.mkdir()
        digest = hashlib.md5(EICAR, usedforsecurity=False).hexdigest()
        (signatures / "tests.hdb").write_text(f"{digest}:{len(EICAR)}:Eicar-Test-Signature\n")
        scanner = Scanner(free_port(), folder / "clamd.sock")
        settings = folder / "clamd.conf"
        settings.write_text(_CLAMD.format(folder=folder, port=scanner.port, most=most))
        with running(
            "clamd", [program, "--config-file", str(settings)], folder=folder,
            ready=lambda _server: scanner.socket.exists() and _answers(scanner.port),
        ) as scanner.program:  # fmt: skip
            yield scanner


@contextlib.contextmanager
def lmtp_listener(environment: Mapping[str, str]) -> Iterator[int]:
    """Start our own `serve_lmtp` under these settings and give its port."""
    port = free_port()
    with (
        _folder(None) as folder,
        running(
            "lmtp",
            [sys.executable, "manage.py", "serve_lmtp", "--listen", f"127.0.0.1:{port}"],
            folder=folder,
            environment={"PYTHONUNBUFFERED": "1", "READ_DOT_ENV": "False", **environment},
            ready=lambda listener: "Listening" in listener.log,
        ),
    ):
        yield port


@contextlib.contextmanager
def celery_worker(environment: Mapping[str, str], *options: str, name: str = "worker") -> Iterator[Running]:
    """Start a real worker under these settings (DATABASE_URL, REDIS_URL, DATA_DIR, ...) and wait until it listens."""
    # The same flags as in the Procfile, without which two workers of one machine talk to each other at start.
    flags = ["--loglevel", "info", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    with _celery("worker", name, [*flags, "--hostname", f"{name}@tests", *options], environment, " ready.") as worker:
        yield worker


@contextlib.contextmanager
def celery_beat(environment: Mapping[str, str], *options: str) -> Iterator[Running]:
    """Start the real timer under these settings and wait until it runs."""
    with _celery(
        "beat", "beat", ["--loglevel", "info", "--pidfile", "", *options], environment, "beat: Starting"
    ) as beat:
        yield beat


@contextlib.contextmanager
def _celery(
    command: str, name: str, options: list[str], environment: Mapping[str, str], sign: str
) -> Iterator[Running]:
    with (
        _folder(None) as folder,
        running(
            name,
            [sys.executable, "-m", "celery", "--app", "foia", command, *options],
            folder=folder,
            environment={"PYTHONUNBUFFERED": "1", "READ_DOT_ENV": "False", **environment},
            ready=lambda process: sign in process.log,
        ) as process,
    ):
        yield process


@contextlib.contextmanager
def served() -> Iterator[dict[str, str]]:
    """Start PostgreSQL and Redis, and give the environment that chooses them."""
    with postgresql() as database, redis() as broker:
        yield {"DAYLIGHT_TEST_SETTING": "served", "DATABASE_URL": database, "REDIS_URL": broker}


def database_address() -> str:
    """Return the DATABASE_URL of the database that Django has open: in tests, the tests' own."""
    from django.db import connection

    facts = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{facts['NAME']}"
    return f"postgres://{facts['USER']}:{facts['PASSWORD']}@{facts['HOST']}:{facts['PORT']}/{facts['NAME']}"


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _postgresql_program(name: str) -> str:
    """Find a server program of PostgreSQL: Debian keeps them off the PATH, one folder for each version."""
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: float(path.parts[-3]))
    found = str(versions[-1]) if versions else shutil.which(name)
    if found is None:
        raise NotInstalled("PostgreSQL's server")
    return found


def _unprivileged_account(name: str = "postgres") -> pwd.struct_passwd | None:
    """Return who shall run a server that refuses root: nobody else is needed when we are not root."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return pwd.getpwnam("nobody")


def _as_account(account: pwd.struct_passwd | None) -> dict[str, Any]:
    return {} if account is None else {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def _die_with_the_tests() -> list[str]:
    """Return the words before a command that let the kernel end it when the tests are killed (Linux only)."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "KILL"] if setpriv else []


@contextlib.contextmanager
def _folder(owner: pwd.struct_passwd | None) -> Iterator[Path]:
    # Under the system's folder, not pytest's: that one is closed to the account that runs PostgreSQL.
    with tempfile.TemporaryDirectory(prefix="daylight-") as name:
        if owner is not None:
            os.chown(name, owner.pw_uid, owner.pw_gid)
        yield Path(name)


def main(arguments: list[str]) -> int:
    """Run a command in the served setting and return how it ended."""
    if arguments[:1] != ["--"] or len(arguments) < 2:
        sys.stderr.write("Say what to run: python -m tests.servers -- COMMAND [ARGUMENT ...]\n")
        return 2
    with served() as environment:
        command = subprocess.Popen(arguments[1:], env={**os.environ, **environment})
        try:
            return command.wait()
        except KeyboardInterrupt:
            return command.wait()  # the command has had the same Ctrl-C and says itself how it ended


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
