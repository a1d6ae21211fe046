"""What a file holds beside what it shows, as reviewers read it: in plain words, with what to do next.

Only for those who review (`review.permissions`): the finding itself may be what an agency meant to keep back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import msgspec
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from requests_app.documents.models import Blob, Step
from requests_app.documents.readers.hidden import Hidden

LABELS: Final[dict[str, Promise]] = {
    "text_under_box": _("Text under a box"),
    "invisible_text": _("Text that cannot be seen"),
    "hidden_text": _("Text marked as hidden"),
    "tracked_change": _("Tracked changes"),
    "comment": _("Comments"),
    "note": _("Speaker's notes"),
    "hidden_slide": _("Hidden slides"),
    "hidden_sheet": _("Hidden sheets"),
    "hidden_rows": _("Hidden rows"),
    "hidden_columns": _("Hidden columns"),
    "layer": _("Layers that are switched off"),
    "revision": _("Earlier versions"),
    "metadata": _("Who and what made it"),
    "embedded_file": _("Files inside"),
    "external_link": _("Addresses it would fetch from"),
    "macro": _("Macros"),
    "active_content": _("What would act by itself"),
}

# Perhaps kept back on purpose, and badly: what to do is the same for all of these.
PERHAPS_WITHHELD: Final = frozenset({"text_under_box", "invisible_text", "hidden_text", "layer", "revision"})
PERHAPS_OVERLOOKED: Final = frozenset(
    {"tracked_change", "comment", "note", "hidden_slide", "hidden_sheet", "hidden_rows", "hidden_columns"}
)
DANGEROUS: Final = frozenset({"external_link", "macro", "active_content"})

GUIDANCE: Final[dict[str, Promise]] = {
    "withheld": _(
        "The agency may have meant to keep this back. Do not copy, quote, share or publish it, and do not look further "
        "than you must to say what it is. Tell the coordinator, who decides with a lawyer whether the law or a promise "
        "to the agency asks us to tell it, to return the file or to ask for another copy. Until then, treat what is "
        "underneath as withheld. A public record that was released on purpose is another matter: the coordinator can "
        "ask the agency which of the two it is."
    ),
    "overlooked": _(
        "Such things are often part of the record that was asked for, and sometimes left in by mistake. Read them as "
        "part of the file. Where they name private persons, or look as if nobody meant to send them, ask the "
        "coordinator before you quote them."
    ),
    "about": _(
        "It says who made the file, when and with what. That can be evidence. Names of staff and of private persons "
        "stay out of what we publish unless they matter to the finding."
    ),
    "inside": _("They are listed as documents of their own under this one. Read them there."),
    "dangerous": _(
        "Nothing of it runs here: pages are pictures. It would, on your own computer. Open the original only where "
        "such things are switched off, and never on a machine that holds anything private."
    ),
}


@dataclass(frozen=True)
class Group:
    """The findings of one kind. `all`: how many there were; of very many, only the first are kept."""

    kind: str
    all: int
    findings: tuple[Hidden, ...]

    @property
    def label(self) -> Promise:
        """What it is, in a few words."""
        return LABELS[self.kind]

    @property
    def guidance(self) -> Promise:
        """What an honest reader does next."""
        return GUIDANCE[guidance_for(self.kind)]


def guidance_for(kind: str) -> str:
    """Return which of GUIDANCE fits a kind of finding."""
    if kind in PERHAPS_WITHHELD:
        return "withheld"
    if kind in PERHAPS_OVERLOOKED:
        return "overlooked"
    if kind in DANGEROUS:
        return "dangerous"
    return "inside" if kind == "embedded_file" else "about"


def hidden_of(blob: Blob) -> list[Group]:
    """Return what is hidden in these bytes, by kind, the gravest first. Empty before anybody looked. One query."""
    result = Step.objects.filter(blob=blob, name="hidden").values_list("result", flat=True).first() or {}
    counts: dict[str, Any] = result.get("all", {})
    findings = msgspec.convert(result.get("hidden", []), list[Hidden])
    return [
        Group(kind, int(counts[kind]), tuple(one for one in findings if one.kind == kind))
        for kind in LABELS
        if counts.get(kind)
    ]
