"""The same letter to another address or by another way: only its head changes, no word of what it says. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from requests_app.kits.composer import DELIVERY
from requests_app.kits.letters import DeliveryMethod, Letter


def readdressed(
    letter: Letter, method: DeliveryMethod, *, name: str, email: str = "", post: Sequence[str] = ()
) -> Letter:
    """Return the letter with the line that says how it goes and, for post, the lines of the new address.

    `name`: whom it goes to, as the letter names them; that line and what stands above it (the office) stay. `email`:
    where it goes by e-mail. `post`: the lines of a postal address.
    """
    way = DELIVERY[method]
    return replace(
        letter,
        delivery=f"{way} to {email}" if method == "email" and email else way,
        recipient=_with_address(letter.recipient, name, post) if method == "post" and post else letter.recipient,
    )


def _with_address(recipient: Sequence[str], name: str, post: Sequence[str]) -> tuple[str, ...]:
    if tuple(recipient[-len(post) :]) == tuple(post):
        return tuple(recipient)
    heading = recipient[: recipient.index(name) + 1] if name in recipient else (name,)
    return (*heading, *(line for line in post if line != name))
