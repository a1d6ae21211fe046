"""A small DNS server on this machine: it knows a few TXT records, and can be silent."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.rrset


@contextmanager
def name_server(records: Mapping[str, list[str]]) -> Iterator[tuple[str, list[str]]]:
    """Run a server that knows these records; "silent." in a name is not answered. Gives its address, what was asked."""
    asked: list[str] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as here:
        here.bind(("127.0.0.1", 0))
        here.settimeout(0.2)
        done = threading.Event()

        def serve() -> None:
            while not done.is_set():
                try:
                    packet, whom = here.recvfrom(4096)
                except TimeoutError:
                    continue
                question = dns.message.from_wire(packet)
                name = question.question[0].name.to_text().rstrip(".")
                asked.append(name)
                if "silent" not in name:
                    here.sendto(_answer(question, name, records).to_wire(), whom)

        worker = threading.Thread(target=serve, daemon=True)
        worker.start()
        try:
            yield f"127.0.0.1:{here.getsockname()[1]}", asked
        finally:
            done.set()
            worker.join()


def _answer(question: dns.message.Message, name: str, records: Mapping[str, list[str]]) -> dns.message.Message:
    answer = dns.message.make_response(question)
    answer.flags |= dns.flags.RA
    if name in records:
        texts = [
            " ".join(f'"{text[start : start + 200]}"' for start in range(0, len(text), 200)) for text in records[name]
        ]
        answer.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", "TXT", *texts))
    else:
        answer.set_rcode(dns.rcode.NXDOMAIN)
    return answer
