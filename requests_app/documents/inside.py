"""What stands in a file and what does not come out of it, in words for the page of a document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from requests_app.documents import locks, passwords
from requests_app.documents.forms import PasswordForm, UnlockForm
from requests_app.documents.models import Document, Step
from requests_app.documents.permissions import can_steer_reading, can_unlock
from requests_app.people.models import Person

SHOWN: Final = 200  # members on the page of the file they came in

# Why a member of an archive or mail is no document.
LEFT_OUT: Final[dict[str, Promise]] = {
    "password": _("locked with a password"),
    "damaged": _("damaged"),
    "too_large": _("larger than one file may be"),
    "too_many": _("beyond the number of files that may come out of one file"),
    "too_deep": _("in too many archives, one in the other"),
    "unsupported": _("packed in a form that nothing here can open"),
    "link": _("only a link to another file, which is not followed"),
    "device": _("no file but a device of a computer"),
    "empty": _("empty"),
}
# Why a file that was read is not shown as pages, or not wholly.
NOT_CONVERTED: Final[dict[str, Promise]] = {
    "missing_program": _(
        "LibreOffice is not installed here, so this file has no pages to look at. It is kept as it came, and its words "
        "can be searched where they are listed below. An administrator can install it and have the file read again."
    ),
    "other": _(
        "This file could not be turned into pages. It is kept as it came, and its words can be searched as far as they "
        "could be taken out. Download a copy to see it as it was made."
    ),
}
UNSCANNED: Final = _(
    "The virus scanner did not look at all of this file, because it is larger than the scanner takes. "
    "Be careful with a copy."
)


@dataclass(frozen=True)
class LeftOut:
    """A member that is no document, and why."""

    path: str
    why: str


@dataclass(frozen=True)
class Inside:
    """What the page of a document says about its inside."""

    members: list[Document]
    more: int
    left_out: list[LeftOut]
    left_out_more: int
    remarks: list[str]
    recording: dict[str, object]


def inside_of(document: Document) -> Inside:
    """Return what came out of a document, what did not and why. At most three queries."""
    results = dict(Step.objects.filter(blob=document.blob_id).values_list("name", "result"))
    unpacked = results.get("unpack", {})
    members = list(document.members.select_related("blob").order_by("inner_path")[: SHOWN + 1])
    more = document.members.count() - SHOWN if len(members) > SHOWN else 0
    named = [
        LeftOut(each["path"], str(LEFT_OUT.get(each["why"], each["why"]))) for each in unpacked.get("left_out", [])
    ]
    return Inside(
        members=members[:SHOWN],
        more=more,
        left_out=named,
        left_out_more=max(0, int(unpacked.get("left_out_all", 0)) - len(named)),
        remarks=_remarks(results),
        recording=results.get("convert", {}).get("recording", {}),
    )


def _remarks(results: dict[str, dict[str, object]]) -> list[str]:
    said = []
    converted, scanned = results.get("convert", {}), results.get("scan", {})
    if why := converted.get("why"):
        said.append(str(NOT_CONVERTED.get(str(why), NOT_CONVERTED["other"])))
    if scanned.get("unscanned"):
        said.append(str(UNSCANNED))
    return said


def guard_context(person: Person, document: Document) -> dict[str, object]:
    """Return what `documents/_guard.html` and `documents/_inside.html` need, beside `document`."""
    asks = can_steer_reading(person, document.request) and passwords.needs_password(document.blob)
    return {
        "why_locked": locks.why_locked(document.blob),
        "unlock_form": UnlockForm() if document.blob.is_locked and can_unlock(person) else None,
        "password_form": PasswordForm() if asks else None,
        "inside": inside_of(document),
    }
