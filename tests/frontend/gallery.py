"""The pages that the browser tests open: every component with plain, made-up content, rendered without a database."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from django import forms
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template import engines
from django.utils.datastructures import MultiValueDict

HERE = Path(__file__).parent
DOORS = [
    {"label": "File", "url": "/file/", "key": "file", "current": True},
    {"label": "Track", "url": "/track/", "key": "track", "current": False},
    {"label": "Review", "url": "/review/", "key": "review", "current": False},
]
PERSON = SimpleNamespace(is_authenticated=True, handle="heron")
NAMES = {
    "AK": "Alaska", "AL": "Alabama", "AR": "Arkansas", "AZ": "Arizona", "CA": "California", "CO": "Colorado",
    "CT": "Connecticut", "DC": "District of Columbia", "DE": "Delaware", "FL": "Florida", "GA": "Georgia",
    "HI": "Hawaii", "IA": "Iowa", "ID": "Idaho", "IL": "Illinois", "IN": "Indiana", "KS": "Kansas", "KY": "Kentucky",
    "LA": "Louisiana", "MA": "Massachusetts", "MD": "Maryland", "ME": "Maine", "MI": "Michigan", "MN": "Minnesota",
    "MO": "Missouri", "MS": "Mississippi", "MT": "Montana", "NC": "North Carolina", "ND": "North Dakota",
    "NE": "Nebraska", "NH": "New Hampshire", "NJ": "New Jersey", "NM": "New Mexico", "NV": "Nevada", "NY": "New York",
    "OH": "Ohio", "OK": "Oklahoma", "OR": "Oregon", "PA": "Pennsylvania", "RI": "Rhode Island",
    "SC": "South Carolina", "SD": "South Dakota", "TN": "Tennessee", "TX": "Texas", "US": "United States",
    "UT": "Utah", "VA": "Virginia", "VT": "Vermont", "WA": "Washington", "WI": "Wisconsin", "WV": "West Virginia",
    "WY": "Wyoming",
}  # fmt: skip
STATUSES = [
    ("neutral", "not asked yet"),
    ("action", "waiting for us"),
    ("soon", "due soon"),
    ("late", "late"),
    ("good", "records received"),
]


@dataclass(frozen=True)
class DescribedLabel:
    """A choice's short name that brings a sentence of its own."""

    name: str
    description: str

    def __str__(self) -> str:
        return self.name


class ManyFiles(forms.ClearableFileInput):
    """A file field that takes several files."""

    allow_multiple_selected = True
    limit_bytes = 1000


class FilesField(forms.FileField):
    """Several files, each cleaned as one."""

    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        return [super(FilesField, self).clean(file, initial) for file in data or [None]]


class EveryField(forms.Form):
    """One field of every kind that the field template draws."""

    name = forms.CharField(label="Who signs the letter", help_text="The name that the agency will see.")
    email = forms.EmailField(label="Reply address", required=False)
    why = forms.CharField(label="Note to the group", widget=forms.Textarea(attrs={"rows": 4}), required=False)
    state = forms.ChoiceField(label="State", choices=[("", "Choose a state"), ("MD", "Maryland"), ("DE", "Delaware")])
    agency = forms.ChoiceField(
        label="Agency",
        help_text="Type a part of the name.",
        choices=[("", ""), ("1", "State Police"), ("2", "Motor Vehicle Administration")],
        widget=forms.Select(attrs={"data-dl-combo": ""}),
    )
    since = forms.DateField(label="From", help_text="The first day the letter asks about.")
    happened_at = forms.DateTimeField(label="When it arrived", required=False)
    waiver = forms.BooleanField(label="Ask for a fee waiver", help_text="Most groups do.")
    kit = forms.ChoiceField(
        label="What to ask",
        widget=forms.RadioSelect,
        choices=[
            ("K1", DescribedLabel("Query statistics", "How often federal agencies asked for driver data.")),
            ("K2", DescribedLabel("Agreements", "Under which papers they may ask.")),
        ],
    )
    days = forms.MultipleChoiceField(
        label="Remind me", widget=forms.CheckboxSelectMultiple, choices=[("3", "3 days before"), ("1", "1 day before")]
    )
    files = FilesField(label="Files", help_text="Up to 200 MB each.")


@dataclass(frozen=True)
class PlainDeadline:
    """What the deadline component reads, whether it comes from a row or from the calculator."""

    kind: str = "determination"
    duty_of: str = "agency"
    citation: str = "Md. Gen. Prov. § 4-203(a)(1)"
    earliest: date | None = date(2026, 3, 9)
    latest: date | None = date(2026, 3, 9)
    certainty: str = "fixed"
    state: str = "running"
    duty: str = ""
    consequence: str = ""
    condition: str = ""
    body: str = ""
    trace: list[str] = field(
        default_factory=lambda: [
            "Received Friday, February 6, 2026.",
            "Thirty calendar days end on Sunday, March 8, 2026.",
            "A last day that is a Sunday or legal holiday moves to the next day that is not (Gen. Prov. § 1-302): "
            "Monday, March 9.",
        ]
    )


DEADLINES = [
    PlainDeadline(duty="Decide, and say why if the answer is no."),
    PlainDeadline(earliest=date(2026, 3, 6), certainty="disputed"),
    PlainDeadline(state="missed", consequence="Silence counts as a denial."),
    PlainDeadline(state="met", kind="acknowledgment"),
    PlainDeadline(state="paused", earliest=None, latest=None, trace=["The clock stopped on Monday, February 9, 2026."]),
    PlainDeadline(state="superseded"),
    PlainDeadline(kind="appeal", duty_of="requester", earliest=date(2026, 4, 6), latest=date(2026, 4, 8),
                  certainty="conditional", condition="the agency stays silent", body="State Compliance Board"),
]  # fmt: skip


def a_form(kind: str) -> EveryField:
    """Return the form empty, filled wrongly, or filled rightly."""
    if kind == "empty":
        return EveryField()
    if kind == "wrong":
        return EveryField({"name": "", "email": "not an address", "kit": "K9"})
    answers = {
        "name": "Jane Example", "state": "MD", "agency": "1", "since": "2026-02-06", "happened_at": "2026-02-06T14:10",
        "waiver": "on", "kit": "K1", "days": ["3"],
    }  # fmt: skip
    data = MultiValueDict({key: value if isinstance(value, list) else [value] for key, value in answers.items()})
    return EveryField(data, MultiValueDict({"files": [SimpleUploadedFile("reply.txt", b"words")]}))


def context(form: str = "empty") -> dict[str, Any]:
    """Return what the gallery shows."""
    codes = sorted(NAMES, key=NAMES.__getitem__)
    return {
        "user": PERSON,
        "request": SimpleNamespace(path="/file/"),
        "doors": DOORS,
        "unread_notices": 3,
        "csrf_token": "token",
        "messages": [Message(constants.SUCCESS, "Saved. You can come back to this draft at any time.")],
        "crumbs": [("Track", "/track/"), ("Maryland", "/states/MD/"), ("MD-2026-0007", "")],
        "steps": [("State", "/1/"), ("What", "/2/"), ("Whom", "/3/"), ("Details", ""), ("Preview", "")],
        "deadlines": DEADLINES,
        "facts": [("Agency", "Maryland State Police"), ("Our reference", "MD-2026-0007"), ("Their number", "")],
        "jurisdictions": [
            {"code": code, "name": NAMES[code], "url": f"/states/{code}/", "tone": STATUSES[place % 5][0],
             "status": STATUSES[place % 5][1], "current": code == "MD"}
            for place, code in enumerate(codes)
        ],
        "legend": [(tone, words, 10) for tone, words in STATUSES],
        "rows": [
            {"reference": "MD-2026-0007", "agency": "Maryland State Police", "next": "Send the overdue letter",
             "why": "The decision was due on Monday, March 9.", "label": "Late", "tone": "late"},
            {"reference": "DE-2026-0002", "agency": "Delaware Department of Safety and Homeland Security",
             "next": "Answer the fee estimate by Friday, March 13", "why": "The clock stands still.",
             "label": "Soon", "tone": "soon"},
        ],
        "compare": [("Maryland", "30 calendar days", "30 days"), ("Delaware", "15 business days", "60 days")],
        "day": date(2026, 2, 6),
        "until": datetime(2126, 2, 6, 14, 10, tzinfo=UTC),
        "files": [
            {"name": "response-final-(2).xlsx", "url": "/documents/1/", "size": 183_000, "kind": "Spreadsheet",
             "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
             "received_on": date(2026, 3, 2), "download_url": "/documents/1/download/"},
            {"name": "cover letter.pdf", "url": "", "size": 12_000},
        ],
        "work": [
            {"label": "Stored and hashed", "state": "done"},
            {"label": "Read", "state": "running", "note": "page 3 of 12"},
            {"label": "Indexed", "state": "waiting"},
            {"label": "Thumbnails", "state": "failed", "note": "Page 7 is damaged; the others are fine."},
        ],
        "letter": (HERE / "letter.txt").read_text(),
        "form": a_form(form),
    }  # fmt: skip


def gallery_page(form: str = "empty") -> str:
    """Return the whole gallery as one page."""
    source = (HERE / "templates" / "gallery.html").read_text()
    return engines["django"].from_string(source).render(context(form))


def plain_page(body: str, **more: Any) -> str:
    """Return a page of the shell with `body`, for a stranger."""
    source = (
        '{% extends "base.html" %}{% block heading %}A page{% endblock %}{% block content %}' + body + "{% endblock %}"
    )
    values = {"user": AnonymousUser(), "request": SimpleNamespace(path="/"), "csrf_token": "token", **more}
    return engines["django"].from_string(source).render(values)


def template_page(name: str, **more: Any) -> str:
    """Return the page of one shipped template, for a stranger."""
    values = {"user": AnonymousUser(), "request": SimpleNamespace(path="/"), "csrf_token": "token", **more}
    return engines["django"].get_template(name).render(values)
