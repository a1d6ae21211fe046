"""A page of a mail as it may be shown, and what it wanted. Plain values: the process apart makes them (`safe_html`)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Link:
    """A link as words: what it was called, and where it leads. `says_otherwise`: its words name another site."""

    words: str
    target: str
    says_otherwise: bool


@dataclass(frozen=True, slots=True)
class SafePage:
    """The inside of a page that can be shown in a frame without rights. `not_loaded`: what it wanted from elsewhere."""

    body: str
    links: tuple[Link, ...]
    not_loaded: int
    pictures: int
    is_cut: bool
