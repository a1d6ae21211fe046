"""What forms ask about an agency's answer: the fee and its lines, or the refusal and its grounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django import forms
from django.forms.widgets import Widget
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from requests_app.filing.forms.drafting import Described
from requests_app.filing.lifecycle import EventKind
from requests_app.kits import objecting
from requests_app.kits.catalog import objections
from requests_app.law.schema import Statute

LARGEST_CENTS: Final = 1_000_000_000  # ten million dollars: more is a slip of the keyboard
MOST_PAGES: Final = 10_000_000  # more is a slip of the keyboard
LONGEST_WORDS: Final = 40_000  # characters of an agency's letter, pasted
ROWS: Final = 3
MOST_ROWS: Final = 60
_PARTS: Final = ("what", "hours", "rate", "amount")
REFUSALS: Final = frozenset({EventKind.DENIED, EventKind.NO_RECORDS, EventKind.PRODUCED_PART})
# Buttons that do not record: they show the form again with more on it.
MORE_ROWS, SUGGEST = "more_rows", "suggest"


# --- the lines of an estimate -----------------------------------------------------------------------------------------


class FeeLinesInput(Widget):
    """Rows of what, hours or copies, rate and amount; each a plain input, so that it works without a script."""

    template_name = "filing/fee_lines.html"
    use_fieldset = True

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> list[dict[str, str]]:
        rows = []
        for number in range(MOST_ROWS):
            if f"{name}-{number}-what" not in data:
                break
            rows.append({part: str(data.get(f"{name}-{number}-{part}", "")).strip() for part in _PARTS})
        return rows

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return f"{name}-0-what" not in data

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        filled = [row for row in value or [] if any(row.values())]
        blank = max(1, ROWS - len(filled))
        rows = [*filled, *(dict.fromkeys(_PARTS, "") for _row in range(blank))]
        context["rows"] = list(enumerate(rows[:MOST_ROWS]))
        context["more_rows"] = MORE_ROWS
        return context


class FeeLinesField(forms.Field):
    """The lines of an estimate. Empty rows do not count. Gives dicts of `what`, `amount_cents`, `hours`, `rate_cents`.

    An amount may be left out where hours and rate give it.
    """

    widget = FeeLinesInput

    def to_python(self, value: Any) -> list[dict[str, Any]]:
        rows = [row for row in value or [] if any(row.values())]
        lines, troubles = [], []
        for number, row in enumerate(rows, start=1):
            try:
                lines.append(_line(row, number))
            except forms.ValidationError as trouble:
                troubles += trouble.error_list
        if troubles:
            raise forms.ValidationError(troubles)
        return lines

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool([row for row in data or [] if any(row.values())])


def _line(row: Mapping[str, str], number: int) -> dict[str, Any]:
    if not row["what"]:
        raise forms.ValidationError(
            _("Line %(number)d: say what it is for, such as “search” or “copies”."), params={"number": number}
        )
    hours = _number(row["hours"], number, _now("hours or copies"))
    rate = _number(row["rate"], number, _now("rate"), cents=True)
    amount = _number(row["amount"], number, _now("amount"), cents=True)
    if amount is None and hours is not None and rate is not None:
        amount = (hours * rate).quantize(Decimal(1))
    if amount is None:
        raise forms.ValidationError(
            _("Line %(number)d: give the amount, or both the number and the rate."), params={"number": number}
        )
    line: dict[str, Any] = {"what": row["what"][:200], "amount_cents": int(amount)}
    if hours is not None:
        line["hours"] = float(hours)
    if rate is not None:
        line["rate_cents"] = int(rate)
    return line


def _number(text: str, line: int, what: str, *, cents: bool = False) -> Decimal | None:
    if not text:
        return None
    try:
        number = Decimal(text.replace("$", "").replace(",", "").strip())
    except InvalidOperation:
        number = Decimal("NaN")
    value = number * 100 if cents else number
    if not value.is_finite() or value < 0 or value > LARGEST_CENTS:
        raise forms.ValidationError(
            _("Line %(number)d: the %(what)s “%(text)s” is not a number that an estimate can have."),
            params={"number": line, "what": what, "text": text[:40]},
        )
    if cents and value != value.quantize(Decimal(1)):
        raise forms.ValidationError(
            _("Line %(number)d: the %(what)s “%(text)s” has parts of a cent. Round it."),
            params={"number": line, "what": what, "text": text[:40]},
        )
    return value


def rows_of(lines: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Return stored lines as the rows that show them."""
    return [
        {
            "what": str(line["what"]),
            "hours": "" if line.get("hours") is None else f"{line['hours']:g}",
            "rate": "" if line.get("rate_cents") is None else f"{line['rate_cents'] / 100:.2f}",
            "amount": f"{line['amount_cents'] / 100:.2f}",
        }
        for line in lines
    ]


def lines_field() -> FeeLinesField:
    """Return the field for the lines of an estimate."""
    return FeeLinesField(
        label=_("How the agency comes to it"),
        required=False,
        help_text=_("One row for each line of its estimate. Leave what it does not say empty."),
    )


def deposit_field() -> forms.DecimalField:
    """Return the field for what the agency wants before it starts."""
    return money_field(_("Deposit it asks for first, in dollars"), _("Only if it wants money before it starts."))


def money_field(label: Any, help_text: Any = "", *, required: bool = False) -> forms.DecimalField:
    """Return a field for a sum in dollars."""
    return forms.DecimalField(
        label=label,
        help_text=help_text,
        required=required,
        min_value=Decimal(0),
        max_value=Decimal(LARGEST_CENTS // 100),
        decimal_places=2,
    )


def fee_details(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return the details of an estimate: sum, lines, deposit. The lines give the sum where none is named."""
    details: dict[str, Any] = {}
    lines = said.get("lines") or []
    amount = said.get("amount")
    if amount is not None:
        details["amount_cents"] = int(amount * 100)
    elif lines:
        details["amount_cents"] = sum(line["amount_cents"] for line in lines)
    if lines:
        details["lines"] = lines
    if said.get("deposit") is not None:
        details["deposit_cents"] = int(said["deposit"] * 100)
    return details


# --- the grounds of a refusal -----------------------------------------------------------------------------------------


def words_field() -> forms.CharField:
    """Return the field for the agency's own words."""
    return forms.CharField(
        label=_("What the agency wrote"),
        required=False,
        max_length=LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("Paste its letter or e-mail. Only people who work on this request can read it."),
    )


def number_field() -> forms.CharField:
    """Return the field for the agency's own number of the request."""
    return forms.CharField(
        label=_("The agency’s own number for the request"),
        required=False,
        max_length=100,
        help_text=_("Later letters quote it."),
    )


def pages_field() -> forms.IntegerField:
    """Return the field for how many pages came."""
    return forms.IntegerField(
        label=_("How many pages came"),
        required=False,
        min_value=1,
        max_value=MOST_PAGES,
        help_text=_("As you count them; a sheet of a spreadsheet is a page. Leave it empty if nobody counted."),
    )


def refusal_fields(statute: Statute, words: str = "") -> dict[str, forms.Field]:
    """Return the fields about the grounds of a refusal. `words`: the agency's, to suggest grounds from.

    A suggestion stands under its choice with the words that it was made from; it is never ticked by itself.
    """
    hints = suggested(words, statute)
    grounds: list[tuple[str, Any]] = []
    for one in objections().values():
        label = f"{one.objection} ({one.id})"
        grounds.append((one.id, Described(label, hints[one.id]) if one.id in hints else label))
    sections: dict[str, Any] = {}
    for exemption in statute.likely_exemptions:
        label = f"{exemption.label} ({exemption.citation})"
        hint = hints.get(exemption.citation)
        sections.setdefault(exemption.citation, Described(label, hint) if hint else label)
    return {
        "objections": forms.MultipleChoiceField(
            label=_("What it objects"), required=False, choices=grounds, widget=forms.CheckboxSelectMultiple
        ),
        "exemptions": forms.MultipleChoiceField(
            label=_("Exemptions it names"),
            required=False,
            choices=list(sections.items()),
            widget=forms.CheckboxSelectMultiple,
            help_text=_("Those that agencies in this state often name for such records."),
        ),
        "other_exemptions": forms.CharField(
            label=_("Other sections it names"),
            required=False,
            max_length=2000,
            widget=forms.Textarea(attrs={"rows": 2}),
            help_text=_("As it writes them, one on each line."),
        ),
    }


def suggested(words: str, statute: Statute) -> dict[str, str]:
    """Return why each ground is suggested, by its id or citation, from the agency's own words."""
    if not words.strip():
        return {}
    return {
        one.id: _now("Suggested: they wrote “%(words)s”.") % {"words": "”, “".join(one.matched[:4])}
        for one in objecting.suggest(words[:LONGEST_WORDS], statute)
    }


def refusal_details(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return the details of a refusal: objections by id, exemptions as the law book or the agency writes them."""
    others = [" ".join(line.split()) for line in str(said.get("other_exemptions") or "").splitlines()]
    exemptions = list(dict.fromkeys([*(said.get("exemptions") or []), *(line for line in others if line)]))
    details: dict[str, Any] = {}
    if said.get("objections"):
        details["objections"] = list(said["objections"])
    if exemptions:
        details["exemptions"] = exemptions
    return details


def refusal_initial(details: Mapping[str, Any], statute: Statute) -> dict[str, Any]:
    """Return the initial values that show the grounds of a refusal as they were recorded."""
    listed = {exemption.citation for exemption in statute.likely_exemptions}
    named = [str(one) for one in details.get("exemptions", [])]
    return {
        "objections": details.get("objections", []),
        "exemptions": [one for one in named if one in listed],
        "other_exemptions": "\n".join(one for one in named if one not in listed),
    }


def typed_so_far(form: forms.BaseForm, data: Mapping[str, Any], files: Any) -> dict[str, Any]:
    """Return what stands in a posted form, for showing it again unjudged: nothing typed is lost."""
    return {
        name: field.widget.value_from_datadict(data, files, form.add_prefix(name))
        for name, field in form.fields.items()
        if not isinstance(field, forms.FileField)
    }
