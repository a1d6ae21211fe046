"""A claim in words, for screens: the value with its unit, and what it says of itself."""

from __future__ import annotations

from datetime import date

from django.utils import formats
from django.utils.translation import gettext as _

from requests_app.people.states import name_of
from requests_app.review.findings.checking import ANSWERS, FAN_OUT, GIVEN, GRAINS, LABELS, SENTENCES, Claim
from requests_app.review.findings.definitions import DIMENSIONS, Definition, words_for
from requests_app.review.models import Finding


def value_of(claim: Claim, definition: Definition) -> str:
    """Return the value as it is shown, with its unit; the reason where there is none."""
    if claim.answer != GIVEN:
        return str(ANSWERS[claim.answer])
    if claim.number is not None:
        plain = claim.number.normalize()
        whole = plain == plain.to_integral_value()
        places = 0 if whole else -int(plain.as_tuple().exponent)
        shown = formats.number_format(
            plain, decimal_pos=places, use_l10n=True, force_grouping=definition.unit != "year"
        )
        unit = words_for("count_unit", claim.unit).lower() if definition.asks_unit else definition.unit
        return shown if unit in {"", "year"} else f"{shown} {unit}"
    if definition.type == "enum":
        known = dict(definition.choices)
        return ", ".join(known.get(word, word) for word in claim.words)
    if definition.type == "date":
        return ", ".join(_date(word) for word in claim.words)
    return "\n".join(claim.words)


def lines_of(claim: Claim, definition: Definition) -> list[tuple[str, str, str]]:
    """Return the parts of a claim: the name that `differences` gives, a term and the words; what is not asked for is
    left out."""
    lines = [("value", definition.label, value_of(claim, definition))]
    said = [name for name in DIMENSIONS if name in definition.says]
    lines += [(name, str(LABELS[name]), words_for(name, getattr(claim, name))) for name in said]
    if "period" in definition.says:
        lines.append(("period", _("Time"), period_of(claim)))
    if definition.is_count:
        lines.append(("producer", _("Who counted"), words_for("producer", claim.producer)))
        lines.append(("fan_out", _("Messages to all states"), str(FAN_OUT.get(claim.fan_out, claim.fan_out))))
    return lines


def period_of(claim: Claim) -> str:
    """Return the time in words: a month by its name, else the first and the last day."""
    start, end = claim.starts_on, claim.ends_on
    if start is None or end is None:
        return ""
    if claim.grain == "month":
        return formats.date_format(start, "F Y")
    if claim.grain == "year" and start.month == 1:
        return str(start.year)
    if claim.grain == "day":
        return formats.date_format(start, "F j, Y")
    span = f"{formats.date_format(start, 'F j, Y')} – {formats.date_format(end, 'F j, Y')}"
    return span if claim.grain == "span" else f"{span} ({str(GRAINS[claim.grain]).lower()})"


def doubts_of(finding: Finding) -> list[str]:
    """Return the doubts with which it was kept, in words."""
    return [str(SENTENCES[code]) for code in finding.doubts if code in SENTENCES]


def state_name(code: str) -> str:
    """Return a state's abbreviation with its name."""
    return f"{code} · {name_of(code)}"


def _date(word: str) -> str:
    return formats.date_format(date.fromisoformat(word), "l, F j, Y")
