"""What keeps an annotation from being withdrawn: other parts of the room say so, such as a finding that rests on it."""

from __future__ import annotations

from collections.abc import Callable

from requests_app.review.models import Annotation

Guard = Callable[[Annotation], str]  # the reason as a whole sentence, or "" when it may go
_guards: dict[str, Guard] = {}


def register(name: str, guard: Guard) -> None:
    """Ask this guard before an annotation is withdrawn. A second call changes nothing."""
    _guards.setdefault(name, guard)


def reason_to_keep(annotation: Annotation) -> str:
    """Return why it must stay, or ""."""
    return next((reason for guard in _guards.values() if (reason := guard(annotation))), "")
