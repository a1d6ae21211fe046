"""What a file holds beside what it shows, in words for reviewers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from requests_app.documents.models import Blob, Step

WORDS: Final[Mapping[str, Promise]] = {
    "text_under_box": _("Words under a drawn box"),
    "invisible_text": _("Words that cannot be seen"),
    "hidden_text": _("Words that the writer marked as hidden"),
    "tracked_change": _("Changes with tracking on"),
    "comment": _("Comments"),
    "note": _("A speaker's notes"),
    "hidden_slide": _("Hidden slides"),
    "hidden_sheet": _("Hidden sheets"),
    "hidden_rows": _("Hidden rows"),
    "hidden_columns": _("Hidden columns"),
    "layer": _("Layers that are switched off"),
    "revision": _("Earlier versions still in the file"),
    "metadata": _("Names of people and firms"),
    "embedded_file": _("Files inside the file"),
    "external_link": _("Addresses from which the file would fetch something"),
    "macro": _("Macros: small programs"),
    "active_content": _("Scripts and actions that run on opening"),
}


@dataclass(frozen=True)
class Finding:
    """Where one thing is, with its beginning."""

    where: str
    sample: str
    page: int


@dataclass(frozen=True)
class Findings:
    """All things of one kind."""

    words: str
    found: tuple[Finding, ...]


def hidden_in(blob: Blob) -> list[Findings]:
    """Return what the step `hidden` found, kind by kind. One query."""
    step = Step.objects.filter(blob=blob, name="hidden", state=Step.State.DONE).first()
    by_kind: dict[str, list[Finding]] = {}
    for each in _list_of(step.result if step else {}):
        finding = Finding(str(each.get("where", "")), str(each.get("sample", "")), int(each.get("page", 0)))
        by_kind.setdefault(str(each.get("kind", "")), []).append(finding)
    return [Findings(str(WORDS[kind]), tuple(found)) for kind, found in by_kind.items() if kind in WORDS]


def _list_of(result: dict[str, Any]) -> list[dict[str, Any]]:
    return [each for each in result.get("found", []) if isinstance(each, dict)]
