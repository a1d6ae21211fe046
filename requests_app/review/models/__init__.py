"""Tables of the review room."""

from requests_app.review.models.annotations import Annotation, AnnotationChange, Label, Reply
from requests_app.review.models.findings import Contradiction, Finding, FindingChange, Reading
from requests_app.review.models.notes import PageNote

__all__ = [
    "Annotation",
    "AnnotationChange",
    "Contradiction",
    "Finding",
    "FindingChange",
    "Label",
    "PageNote",
    "Reading",
    "Reply",
]
