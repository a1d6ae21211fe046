"""What a letter wears on paper beyond its words: the group's logo and the requester's signature. Plain values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Picture:
    """An image that was checked and written anew (see `pictures`): PNG, its size in pixels, and what it shows."""

    png: bytes
    width: int
    height: int
    alt: str

    def fitted(self, width: float, height: float) -> tuple[float, float]:
        """Return its size within a box, in the unit of the box, never stretched."""
        scale = min(width / self.width, height / self.height)
        return self.width * scale, self.height * scale


@dataclass(frozen=True, kw_only=True)
class Dress:
    """The pictures of one letter. Both may be missing: then the letter is words alone."""

    logo: Picture | None = None
    signature: Picture | None = None


PLAIN = Dress()
