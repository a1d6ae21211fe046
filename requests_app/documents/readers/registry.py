"""Readers that live in rooms above, by their dotted names: this room may not import them."""

from __future__ import annotations

_names: dict[str, str] = {}


def register_mail_reader(name: str) -> None:
    """Name the generator function that reads one mail: `(path, MailOrder, output) -> Iterator[MailItem]`."""
    _names["mail"] = name


def mail_reader() -> str:
    """Return the name of the mail reader; empty where none is installed."""
    return _names.get("mail", "")
