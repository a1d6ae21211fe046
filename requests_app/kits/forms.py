"""Forms of the kits room: a kit in plain words, paragraphs, the letterhead, a signature."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from requests_app.agencies.models import AgencyRole
from requests_app.kits.catalog import objections, shared_blocks
from requests_app.kits.dress import Picture
from requests_app.kits.models import Clause, Letterhead
from requests_app.kits.pictures import NotAPicture, read_picture

_NOTHING_SAID: Final = _("None")


def _long(rows: int = 3) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


def _line(label: Any, help_text: Any = "", *, required: bool = True, limit: int = 300) -> forms.CharField:
    return forms.CharField(label=label, help_text=help_text, required=required, max_length=limit)


def _text(label: Any, help_text: Any = "", *, required: bool = True, rows: int = 3) -> forms.CharField:
    return forms.CharField(label=label, help_text=help_text, required=required, max_length=6_000, widget=_long(rows))


class PictureField(forms.FileField):
    """An uploaded PNG or JPEG, looked at and drawn anew."""

    def clean(self, data: Any, initial: Any = None) -> Picture | None:
        upload = super().clean(data, initial)
        if not isinstance(upload, UploadedFile):
            return None
        try:
            return read_picture(upload.read(), alt="")
        except NotAPicture as trouble:
            raise forms.ValidationError(str(trouble), code="not_a_picture") from trouble


class LetterheadForm(forms.Form):
    """What stands at the head of every letter."""

    name = _line(_("Name of the group"), limit=120)
    lines = forms.CharField(
        label=_("Lines under the name"),
        required=False,
        max_length=400,
        widget=_long(),
        help_text=_("Address, telephone, website: one to a line, at most six."),
    )
    logo = PictureField(
        label=_("Logo"), required=False, help_text=_("PNG or JPEG, at most 2 MB. It prints up to 3 inches wide.")
    )
    remove_logo = forms.BooleanField(label=_("Print without a logo"), required=False)

    def __init__(self, *args: Any, present: Letterhead | None, group: str = "", **kwargs: Any) -> None:
        kwargs.setdefault(
            "initial", {"name": present.name if present else group, "lines": present.lines if present else ""}
        )
        super().__init__(*args, **kwargs)
        if present is None or present.logo is None:
            del self.fields["remove_logo"]

    def clean_lines(self) -> str:
        lines = [" ".join(line.split()) for line in self.cleaned_data["lines"].splitlines()]
        lines = [line for line in lines if line]
        if len(lines) > 6:
            raise forms.ValidationError(_("These are more than six lines. Take some out: the letter needs the room."))
        return "\n".join(lines)


class SignatureForm(forms.Form):
    """A signature as a picture."""

    picture = PictureField(
        label=_("Picture of your signature"),
        help_text=_("PNG or JPEG, at most 2 MB: dark ink on white paper, cut close around the name."),
    )


class ClauseForm(forms.Form):
    """A paragraph of the group's own. `seen_revision`: which wording stood there when the form was opened."""

    title = _line(_("Name"), _("How filers find it, such as “Who we are”. It does not stand in the letter."), limit=80)
    text = forms.CharField(
        label=_("Paragraph"),
        max_length=4_000,
        widget=_long(6),
        help_text=_("Stands in the letter word for word. A blank line starts another paragraph. Nothing about people."),
        error_messages={"max_length": _("This is longer than 4,000 signs. Shorten it: agencies read whole letters.")},
    )
    seen_revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0, required=False, initial=0)

    def __init__(self, *args: Any, clause: Clause | None, **kwargs: Any) -> None:
        if clause is not None:
            said = {"title": clause.title, "text": clause.text, "seen_revision": clause.revision}
            kwargs.setdefault("initial", said)
        super().__init__(*args, **kwargs)
        self.clause = clause

    def clean_title(self) -> str:
        title: str = " ".join(self.cleaned_data["title"].split())
        others = Clause.objects.filter(title=title)
        if self.clause is not None:
            others = others.exclude(pk=self.clause.pk)
        if others.exists():
            raise forms.ValidationError(
                _("The group has a paragraph of this name, perhaps off the list. Choose another.")
            )
        return title


class KitFileForm(forms.Form):
    """A kit as a file."""

    file = forms.FileField(label=_("Kit file"), help_text=_("A .json file that Daylight made. Nothing is written yet."))


class CopyForm(forms.Form):
    """From which kit a new one starts."""

    start_from = forms.ChoiceField(label=_("Start from"))

    def __init__(self, *args: Any, kits: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["start_from"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  declared above
        field.choices = [("", _("An empty kit")), *kits]
        field.required = False


# --- a kit ------------------------------------------------------------------------------------------------------------


class OwnKitForm(forms.Form):
    """A kit but for its items, its findings and its sources. Its fields are those of `schema.Kit`."""

    title = _line(_("Name of the kit"), _("As filers see it, such as “Nlets query statistics”."), limit=80)
    plain = _text(_("In one sentence: what it asks"), rows=2)
    learn = _text(_("What you learn"), rows=2)
    typical_refusal = _text(_("How agencies often refuse"), rows=2)
    length = _line(_("How long the letter is"), _("Such as “about two pages”."), limit=60)
    kind = forms.ChoiceField(
        label=_("What kind of letter"),
        choices=[
            ("records", _("A records request")),
            ("officials", _("A letter to an official, without legal demands")),
        ],
    )
    holder_roles = forms.MultipleChoiceField(
        label=_("Who holds the records"), widget=forms.CheckboxSelectMultiple, choices=AgencyRole.Kind.choices
    )
    subject = _line(_("Subject of the letter"), limit=120)
    purpose = _text(_("What the records are for, in one sentence"), rows=2)
    aim = _text(_("What the letter says first, to a state"), _("Whole sentences: “I ask …”."))
    federal_aim = _text(_("The same to a federal agency"))
    things = _line(_("The records in two or three words, many"), _("Such as “the counts”."), limit=60)
    thing = _line(_("The same, pointing at them"), _("Such as “these counts”."), limit=60)
    why = _text(_("Why these records are public"))
    format = _text(_("In which form they should come"), _("Without a full stop at the end."), rows=2)
    first_installment = _text(_("What would do as a first part"), required=False, rows=2)
    contact_person = _line(_("Whom the agency should ask inside"), _("Such as “the person who runs the report”."))
    period_start = forms.DateField(
        label=_("Usual first day of the period"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Empty: the kit has no period. A records request needs one."),
    )
    period_meaning = forms.ChoiceField(
        label=_("What lies in the period"),
        choices=[
            ("transactions", _("What happened then")),
            ("in_force", _("What was in force then")),
            ("records", _("Records made then")),
            ("none", _("No period")),
        ],
    )
    period_first_slice = _line(_("A tight range to offer first"), required=False, limit=120)
    period_note = _line(_("A note on the period, for filers"), required=False)
    definitions = forms.MultipleChoiceField(
        label=_("Words that the letter explains"), required=False, widget=forms.CheckboxSelectMultiple
    )
    exclusions = forms.ChoiceField(label=_("What the letter says it does not want"))
    extra_exclusion = _text(_("And also not"), _("A whole sentence."), required=False, rows=2)
    preservation = forms.ChoiceField(label=_("What the letter asks to preserve"))
    search_terms = _text(_("Search terms"), _("One to a line."))
    objections = forms.MultipleChoiceField(
        label=_("Objections that this kit meets"), required=False, widget=forms.CheckboxSelectMultiple
    )
    offers_ladder = forms.BooleanField(label=_("Offer to narrow step by step"), required=False)
    tips = _text(_("Tips for the filer"), _("One to a line."), required=False)
    follow_ups = _text(_("Further questions"), _("One to a line. Letters to officials ask them."), required=False)
    call_sheet = _text(_("Steps for a telephone call"), _("One to a line."), required=False)

    LISTS: Final = ("search_terms", "tips", "follow_ups", "call_sheet")
    GROUPS: Final = (
        (_("How filers see it"), ("title", "plain", "learn", "typical_refusal", "length")),
        (_("Whom it asks, and what for"), ("kind", "holder_roles", "subject", "purpose", "aim", "federal_aim")),
        (_("Its words in the letter"), ("things", "thing", "why", "format", "first_installment", "contact_person")),
        (_("The period"), ("period_start", "period_meaning", "period_first_slice", "period_note")),
        (
            _("Shared paragraphs"),
            (
                "definitions",
                "exclusions",
                "extra_exclusion",
                "preservation",
                "search_terms",
                "objections",
                "offers_ladder",
            ),
        ),
        (_("For filers and callers"), ("tips", "follow_ups", "call_sheet")),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        blocks = shared_blocks()
        chosen: dict[str, list[tuple[str, str]]] = {
            "definitions": [(name, _first_words(block.text)) for name, block in blocks.definitions.items()],
            "exclusions": [(name, _first_words(block.text)) for name, block in blocks.exclusions.items()],
            "preservation": [
                ("none", str(_NOTHING_SAID)),
                *((name, _first_words(block.text)) for name, block in blocks.preservation.items()),
            ],
            "objections": [(each.id, f"{each.id}: {each.objection}") for each in objections().values()],
        }
        for name, choices in chosen.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101  declared above
            field.choices = choices

    def groups(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """Return the fields under headings."""
        return [(heading, [self[name] for name in names]) for heading, names in self.GROUPS]

    def fields_of_kit(self) -> dict[str, Any]:
        """Return the fields as the data of a `schema.Kit`, but for the three lists."""
        said = dict(self.cleaned_data)
        start = said.pop("period_start")
        period = {
            "start": start.isoformat() if start else None,
            "meaning": said.pop("period_meaning"),
            "first_slice": said.pop("period_first_slice"),
            "note": said.pop("period_note"),
        }
        for name in self.LISTS:
            said[name] = [" ".join(line.split()) for line in said[name].splitlines() if line.strip()]
        return {**said, "period": period, "extra_exclusion": said["extra_exclusion"] or None}


class ItemForm(forms.Form):
    """One thing that the kit asks for."""

    hint = _line(_("What it is, for the filer"), _("A few words, such as “Reports that exist already”."), limit=120)
    text = _text(_("What the letter says"), _("You may write {state_name}, {switch_name}, {block_date} and the like."))
    federal = _text(_("The same to a federal agency"), _("Empty: not asked there."), required=False)
    id = forms.SlugField(
        label=_("Short name"),
        required=False,
        max_length=40,
        help_text=_("Other items refer to it as {ref:short-name}. Left empty, it is made from the first line."),
    )
    needs = _line(_("Only together with"), _("Short names of other items, with commas."), required=False)
    begin_with = forms.BooleanField(label=_("Ask the agency to begin with it"), required=False)
    default = forms.BooleanField(label=_("Chosen unless the filer says otherwise"), required=False, initial=True)

    def data_of(self) -> dict[str, Any]:
        """Return the item as data."""
        said = self.cleaned_data
        return {
            "id": said["id"] or re.sub(r"[^a-z0-9]+", "-", said["hint"].lower()).strip("-")[:40] or "item",
            "text": said["text"],
            "hint": said["hint"],
            "federal": said["federal"] or None,
            "begin_with": said["begin_with"],
            "default": said["default"],
            "needs": [name.strip() for name in said["needs"].split(",") if name.strip()],
        }


class FindingFieldForm(forms.Form):
    """One value that a reviewer takes from the answer."""

    name = forms.SlugField(label=_("Name"), max_length=60, help_text=_("Letters, digits and _."))
    type = forms.ChoiceField(
        label=_("What it is"),
        choices=[
            ("integer", _("A whole number")),
            ("decimal", _("A number")),
            ("text", _("Words")),
            ("date", _("A day")),
            ("enum", _("One of a list")),
        ],
    )
    unit = _line(_("Unit"), _("A number needs one, such as “transactions”."), required=False, limit=60)
    values = _line(_("The list"), _("With commas; or choose a shared list below."), required=False)
    enumeration = forms.ChoiceField(label=_("Shared list"), required=False)
    derived = forms.BooleanField(label=_("Worked out, not read"), required=False)
    many = forms.BooleanField(label=_("May stand there several times"), required=False)
    note = _line(_("Note"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["enumeration"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  declared above
        field.choices = [("", _NOTHING_SAID), *((name, name) for name in shared_blocks().enumerations)]

    def data_of(self) -> dict[str, Any]:
        """Return the value's description as data."""
        said = self.cleaned_data
        return {
            **said,
            "unit": said["unit"] or None,
            "values": [value.strip() for value in said["values"].split(",") if value.strip()],
            "enumeration": said["enumeration"] or None,
            "note": said["note"] or None,
        }


class SourceForm(forms.Form):
    """One fact that the kit rests on."""

    text = _text(_("The fact"), rows=2)
    mark = forms.ChoiceField(
        label=_("How sure"),
        choices=[
            ("P", _("From a primary document")),
            ("S", _("Reported")),
            ("I", _("Our inference")),
            ("U", _("Not confirmed")),
        ],
    )
    url = forms.URLField(label=_("Where it is said"), required=False, max_length=500, assume_scheme="https")
    as_of = _line(_("As of"), _("YYYY, YYYY-MM or YYYY-MM-DD."), required=False, limit=10)
    in_letter = forms.BooleanField(label=_("A letter may say it"), required=False)

    def data_of(self) -> dict[str, Any]:
        """Return the fact as data."""
        said = self.cleaned_data
        return {**said, "url": said["url"] or None, "as_of": said["as_of"] or None}


ItemForms = forms.formset_factory(ItemForm, extra=1, can_delete=True, max_num=60, absolute_max=60)
FindingForms = forms.formset_factory(FindingFieldForm, extra=1, can_delete=True, max_num=40, absolute_max=40)
SourceForms = forms.formset_factory(SourceForm, extra=1, can_delete=True, max_num=40, absolute_max=40)


def initial_of(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return what `OwnKitForm` shows of a kit's data."""
    period = content["period"]
    return {
        **{name: content[name] for name in OwnKitForm.base_fields if name in content},
        **{name: "\n".join(content[name]) for name in OwnKitForm.LISTS},
        **{f"period_{name}": period[name] for name in ("start", "meaning", "first_slice", "note")},
    }


def rows_of(content: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Return what the three lists of a kit's form show."""
    items = [{**item, "needs": ", ".join(item["needs"])} for item in content["items"]]
    findings = [{**each, "values": ", ".join(each["values"])} for each in content["findings"]]
    return {"items": items, "findings": findings, "sources": list(content["sources"])}


def _first_words(text: str) -> str:
    plain = re.sub(r"\{(\w+)\}", "…", text)
    return plain if len(plain) < 110 else f"{plain[:110].rsplit(' ', 1)[0]} …"
