"""The wizard's forms: text into values, and what is wrong with them in sentences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django import forms
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from requests_app.agencies.contact_values import ContactValueError, parse_contact_value
from requests_app.agencies.models import Agency, ContactPoint
from requests_app.filing.choices import DraftChoices, address_demanded, asks_for_standing, conditions_to_ask
from requests_app.filing.forms.letter_answers import LetterAnswersForm, date_field, shown_answers
from requests_app.filing.models import Delivery
from requests_app.filing.services.drafting import Target
from requests_app.filing.signing import NO_AUTHORITY_YET, exception_of, exception_statement
from requests_app.kits.catalog import list_kits
from requests_app.kits.composer import available_items
from requests_app.kits.models import Clause
from requests_app.kits.schema import Kit
from requests_app.law.schema import StandingException, Statute
from requests_app.people.states import JURISDICTIONS

# A telephone reaches an office but carries no letter.
CARRIES_LETTERS: Final = frozenset(
    {
        ContactPoint.Channel.EMAIL,
        ContactPoint.Channel.PORTAL,
        ContactPoint.Channel.POST,
        ContactPoint.Channel.FAX,
    }
)


class Described(str):
    """The label of a choice, with a sentence under it (see components/field.html)."""

    __slots__ = ("description",)
    description: str

    def __new__(cls, label: object, description: object) -> Described:
        made = super().__new__(cls, str(label))
        made.description = str(description)
        return made


class StateForm(forms.Form):
    """Which state."""

    jurisdiction = forms.ChoiceField(label=_("State"), choices=list(JURISDICTIONS.items()))


class KitForm(forms.Form):
    """What to ask. Each kit in a sentence, and what usually comes back."""

    kit_id = forms.ChoiceField(label=_("What do you want to know?"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["kit_id"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  declared above; tells the type checker
        self.listed = list_kits()
        field.choices = [(kit.id, Described(kit.title, kit.plain)) for kit in self.listed]

    @property
    def kits(self) -> list[tuple[Any, Kit]]:
        """Each choice beside its kit, for the template."""
        return list(zip(self["kit_id"], self.listed, strict=True))


class WhomForm(forms.Form):
    """Which agencies, and by which way to each."""

    def __init__(
        self,
        *args: Any,
        custodians: Sequence[Agency],
        chosen: Mapping[int, str],
        email_allowed: bool | None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.custodians = custodians
        for agency in custodians:
            ways = ways_to(agency, email_allowed)
            self.fields[f"agency_{agency.pk}"] = forms.BooleanField(
                label=_("Ask %(agency)s") % {"agency": agency.short_name},
                required=False,
                initial=agency.pk in chosen,
            )
            self.fields[f"way_{agency.pk}"] = forms.ChoiceField(
                label=_("How to reach %(agency)s") % {"agency": agency.short_name},
                choices=[(value, label) for value, label, _contact in ways],
                widget=forms.RadioSelect,
                initial=chosen.get(agency.pk) or ways[0][0],
                error_messages={"required": _("Choose how the letter reaches this agency.")},
            )

    @property
    def rows(self) -> list[dict[str, Any]]:
        """What the template shows of each agency: the two fields and the facts."""
        return [
            {"agency": agency, "ask": self[f"agency_{agency.pk}"], "way": self[f"way_{agency.pk}"]}
            for agency in self.custodians
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        wanted = [agency for agency in self.custodians if cleaned.get(f"agency_{agency.pk}")]
        for agency in self.custodians:
            if agency not in wanted:
                # The way to an agency that is not asked is nobody's mistake.
                self.errors.pop(f"way_{agency.pk}", None)
        if not wanted:
            raise forms.ValidationError(_("Choose at least one agency to ask."))
        return cleaned

    def targets(self) -> list[Target]:
        """Return the agencies chosen, each with its way."""
        found = []
        for agency in self.custodians:
            if self.cleaned_data.get(f"agency_{agency.pk}"):
                delivery, _colon, contact = self.cleaned_data[f"way_{agency.pk}"].partition(":")
                found.append(Target(agency.pk, delivery, int(contact) if contact else None))
        return found


def ways_to(agency: Agency, email_allowed: bool | None) -> list[tuple[str, str, ContactPoint | None]]:
    """Return the ways a letter can reach an agency: value, label, and the contact point behind it.

    The agency needs its `current_contacts`. Where the law does not count an e-mail, e-mail addresses come last.
    """
    contacts: Iterable[ContactPoint] = agency.current_contacts  # type: ignore[attr-defined]
    ways = [contact for contact in contacts if contact.channel in CARRIES_LETTERS]
    if email_allowed is False:
        ways.sort(key=lambda contact: contact.channel == ContactPoint.Channel.EMAIL)
    listed: list[tuple[str, str, ContactPoint | None]] = []
    for contact in ways:
        state: object = contact.get_health_display()
        if contact.health == ContactPoint.Health.CONFIRMED and contact.confirmed_by and contact.confirmed_at:
            facts = {"handle": contact.confirmed_by.handle, "day": date_format(contact.confirmed_at, "F j, Y")}
            state = _("confirmed by %(handle)s, %(day)s") % facts
        elif contact.health == ContactPoint.Health.UNCONFIRMED and contact.may_be_used_unasked:
            state = _("from a good source")
        description = f"{contact.value.replace(chr(10), ', ')} ({state})"
        label = Described(Delivery(contact.channel).label, description)
        listed.append((f"{contact.channel}:{contact.pk}", label, contact))
    listed.append((Delivery.HAND.value, Described(Delivery.HAND.label, _("You bring the printed letter.")), None))
    return listed


class AddressForm(forms.Form):
    """One more address of an agency, as the filer found it."""

    channel = forms.ChoiceField(
        label=_("What did you find?"),
        choices=[(c.value, c.label) for c in ContactPoint.Channel if c in CARRIES_LETTERS],
    )
    value = forms.CharField(
        label=_("The address"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("An e-mail address, the web address of a portal, a fax number, or a postal address in lines."),
    )
    office_or_title = forms.CharField(
        label=_("Office or title"), max_length=200, required=False, help_text=_("Such as Records Custodian.")
    )
    where_seen = forms.CharField(
        label=_("Where did you see it?"),
        max_length=500,
        help_text=_("The web address of the page, or the letter or call that named it."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("channel") and cleaned.get("value"):
            try:
                cleaned["value"] = parse_contact_value(cleaned["channel"], cleaned["value"])
            except ContactValueError as trouble:
                self.add_error("value", str(trouble))
        return cleaned


class ConfirmAddressForm(forms.Form):
    """The filer says that an address is right, and where it was seen."""

    where_seen = forms.CharField(
        label=_("Where did you see this address?"),
        max_length=500,
        help_text=_("The web address of the agency’s page, or the letter or call that named it."),
    )
    is_right = forms.BooleanField(label=_("I looked it up and it is the agency’s address for records requests."))


class DetailsForm(LetterAnswersForm):
    """Who asks, for which period, up to which cost; the rest is folded.

    The fields depend on the law: where it does not matter where somebody lives, nobody is asked.
    """

    requester_name = forms.CharField(
        label=_("Your legal name"),
        max_length=120,
        help_text=_("It signs the letter and is stored sealed. Everywhere else you appear by your handle."),
    )
    postal_address = forms.CharField(label=_("Your postal address"), widget=forms.Textarea(attrs={"rows": 3}))
    phone = forms.CharField(label=_("Your telephone number"), max_length=40, required=False)
    standing = forms.ChoiceField(label=_("May you ask under this law?"), widget=forms.RadioSelect)
    exception_for = forms.CharField(
        label=_("If an exception applies: whom you ask for"),
        required=False,
        max_length=200,
        help_text=_("It fills the blank in the sentence of the exception."),
    )
    residency_statement = forms.CharField(
        label=_("The sentence that states your exception"),
        required=False,
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Only if an exception applies to you. It stands in the letter word for word."),
    )
    nonresident = forms.TypedChoiceField(
        label=_("Do you live in the state?"),
        required=False,
        widget=forms.RadioSelect,
        choices=[("", _("I would rather not say")), ("no", _("Yes")), ("yes", _("No"))],
        coerce=lambda answer: answer == "yes",
        empty_value=None,
        help_text=_("This law gives agencies other time limits for requesters from elsewhere."),
    )
    older_than_24_months = forms.TypedChoiceField(
        label=_("Are some of the records more than 24 months old?"),
        required=False,
        widget=forms.RadioSelect,
        choices=[("", _("I do not know")), ("yes", _("Yes")), ("no", _("No"))],
        coerce=lambda answer: answer == "yes",
        empty_value=None,
        help_text=_("This law gives agencies more time for older records."),
    )
    block_date = date_field(
        _("Day on which access was limited"),
        _("If it is known from a public source. The letter compares the time before with the time after."),
    )
    items = forms.MultipleChoiceField(label=_("What the letter asks for"), widget=forms.CheckboxSelectMultiple)
    clauses = forms.TypedMultipleChoiceField(
        label=_("Paragraphs of the group"), required=False, widget=forms.CheckboxSelectMultiple, coerce=int
    )

    field_order = (
        *("requester_name", "postal_address", "phone", "standing", "exception_for", "residency_statement"),
        *("nonresident", "older_than_24_months", "period_start", "period_end", "block_date", "fee_limit"),
        *("ask_fee_waiver", "items", "fmt", "include_definitions", "include_preservation", "extra_paragraph"),
        "clauses",
    )
    folded: Final = (
        *("items", "fmt", "ask_fee_waiver", "include_definitions", "include_preservation"),
        *("clauses", "extra_paragraph"),
    )

    def __init__(self, *args: Any, statute: Statute, kit: Kit, chosen: DraftChoices, **kwargs: Any) -> None:
        self.statute, self.kit, self.chosen = statute, kit, chosen
        kwargs.setdefault("initial", self._initial())
        super().__init__(*args, **kwargs)
        self._drop_what_does_not_matter()
        self._name_the_choices()
        self._offer_clauses()

    @property
    def main_fields(self) -> list[forms.BoundField]:
        """The fields that stand open, in order."""
        return [self[name] for name in self.fields if name not in self.folded]

    @property
    def folded_fields(self) -> list[forms.BoundField]:
        """The fields under the fold: every one has a good answer already."""
        return [self[name] for name in self.fields if name in self.folded]

    @property
    def fold_has_errors(self) -> bool:
        """Open the fold when something in it must be put right."""
        return any(name in self.errors for name in self.folded)

    def _initial(self) -> dict[str, Any]:
        chosen, kit = self.chosen, self.kit
        default_items = tuple(item.id for item in available_items(kit, self.statute.code) if item.default)
        return {
            "requester_name": chosen.requester_name,
            "postal_address": chosen.postal_address,
            "phone": chosen.phone,
            "standing": _standing_value(chosen),
            "exception_for": chosen.exception_for,
            "residency_statement": chosen.residency_statement,
            **{key: _yes_no(chosen.conditions.get(key)) for key in ("nonresident", "older_than_24_months")},
            **shown_answers(chosen),
            "period_start": chosen.period_start or kit.period.start,
            "block_date": chosen.block_date,
            "items": chosen.items if chosen.items is not None else default_items,
            "clauses": chosen.clauses,
        }

    @property
    def _in_own_words(self) -> bool:
        """An exception that somebody put into words of their own, such as in the plan of a campaign, is kept."""
        chosen = self.chosen
        return chosen.standing == "exception" and exception_of(self.statute, chosen.exception_id) is None

    @property
    def _closed(self) -> bool:
        return self.statute.requester.residents_only is True

    def _drop_what_does_not_matter(self) -> None:
        """Never ask for what neither the law nor the kit wants to know."""
        records = self.kit.kind == "records"
        wanted = {"requester_name", "extra_paragraph", "clauses"}
        if records and address_demanded(self.statute):
            wanted |= {"postal_address", "phone"}
        if records and asks_for_standing(self.statute):
            wanted |= {"standing"}
            if any(one.asks_for for one in self.statute.requester.exceptions):
                wanted |= {"exception_for"}
            if self._in_own_words:
                wanted |= {"residency_statement"}
        if records:
            wanted |= {*conditions_to_ask(self.statute), "fee_limit", "ask_fee_waiver", "items", "fmt"}
            wanted |= {"include_definitions", "include_preservation"}
        if self.kit.period.start is not None:
            wanted |= {"period_start", "period_end"}
        if self.kit.asks_block_date:  # the kit compares before and after
            wanted |= {"block_date"}
        for name in list(self.fields):
            if name not in wanted:
                del self.fields[name]

    def _offer_clauses(self) -> None:
        """Offer the group's paragraphs; one that is retired stays with the drafts that use it."""
        offered = list(Clause.objects.filter(Q(retired_at__isnull=True) | Q(pk__in=self.chosen.clauses)))
        field = self.fields["clauses"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  declared above; tells the type checker
        field.choices = [(clause.pk, Described(clause.title, clause.text)) for clause in offered]
        if not offered:
            del self.fields["clauses"]

    def _name_the_choices(self) -> None:
        for name in ("postal_address", "phone"):
            if name in self.fields:
                self.fields[name].help_text = _("%(state)s’s law asks for it. It is stored sealed.") % {
                    "state": self.statute.name
                }
        standing = self.fields.get("standing")
        if isinstance(standing, forms.ChoiceField):
            standing.choices = self._standings()
            standing.required = self._closed
            if self._closed and self.data.get(self.add_prefix("standing")) == "not_resident":
                # Somebody else signs, and brings a name and an address along.
                self.fields["requester_name"].required = False
                if "postal_address" in self.fields:
                    self.fields["postal_address"].required = False
        items = self.fields.get("items")
        if isinstance(items, forms.MultipleChoiceField):
            listed = available_items(self.kit, self.statute.code)
            items.choices = [(item.id, Described(item.hint, "")) for item in listed]

    def _standings(self) -> list[tuple[str, str]]:
        statute = self.statute
        said = statute.requester.residency_statement or _("I live in %(state)s.") % {"state": statute.name}
        yes = Described(_("Yes: the letter states it"), f"“{said}”")
        no = Described(_("No"), _("A member who may ask here signs it instead; you keep working on the request."))
        if not self._closed:
            unsaid = Described(_("I would rather not say"), _("Some agencies may then ask, or refuse."))
            return [("resident", yes), ("not_resident", no), ("", unsaid)]
        others = [(f"exception:{one.id}", _described(one)) for one in statute.requester.exceptions]
        if self._in_own_words:
            others.append(("exception", Described(_("An exception applies to me"), _("Write below which one."))))
        return [("resident", yes), *others, ("not_resident", no)]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        standing = cleaned.get("standing") or ""
        exception = exception_of(self.statute, standing.removeprefix("exception:"))
        if standing == "exception" and not cleaned.get("residency_statement"):
            self.add_error("residency_statement", _("Write the sentence that states your exception."))
        blank = exception is not None and exception.asks_for and not cleaned.get("exception_for")
        if exception is not None and blank and exception.authority is None:
            self.add_error(
                "exception_for", _("Fill the blank of the sentence: %(what)s.") % {"what": exception.asks_for}
            )
        return cleaned

    def choices(self) -> DraftChoices:
        """Return what holds after this step, as far as the answers can be read: wrong ones leave what was before."""
        said = self.cleaned_data
        kept = {name: getattr(self.chosen, name) for name in DraftChoices.__struct_fields__}
        kept |= self.said()
        for name in ("requester_name", "postal_address", "phone", "residency_statement", "block_date"):
            kept[name] = said.get(name, kept[name])
        if "standing" in self.fields:
            kept |= self._standing_said(said.get("exception_for", ""))
        if "clauses" in said:
            kept["clauses"] = tuple(said["clauses"])
        if "period_start" in said:
            kept["period_start"] = said["period_start"] if said["period_start"] != self.kit.period.start else None
        if "items" in said:
            kept["items"] = self._own_items(said["items"])
        answers = {key: said[key] for key in ("nonresident", "older_than_24_months") if said.get(key) is not None}
        kept["conditions"] = answers
        return DraftChoices(**kept)

    def _standing_said(self, for_whom: str) -> dict[str, str]:
        """Return how the requester meets the law, and the law book's sentence where an exception does it."""
        said = self.cleaned_data.get("standing") or self.data.get(self.add_prefix("standing"), "")
        exception = exception_of(self.statute, said.removeprefix("exception:"))
        if exception is not None and said.startswith("exception:"):
            if exception.authority is not None:
                # Nobody named: a member is asked to give it, and the paper then says who.
                for_whom = for_whom.strip() or NO_AUTHORITY_YET
            whole = bool(for_whom.strip()) or exception.asks_for is None
            return {
                "standing": "exception",
                "exception_id": exception.id,
                "exception_for": "" if for_whom == NO_AUTHORITY_YET else for_whom,
                "residency_statement": exception_statement(exception, for_whom) if whole else "",
            }
        known = said in ("resident", "not_resident") or (said == "exception" and self._in_own_words)
        found = {"standing": said if known else "", "exception_id": "", "exception_for": for_whom}
        return found if found["standing"] == "exception" else {**found, "residency_statement": ""}

    def _own_items(self, chosen: Sequence[str]) -> tuple[str, ...] | None:
        """Return the items where they differ from the kit's own selection, so that a newer kit brings its newer one."""
        listed = available_items(self.kit, self.statute.code)
        own = tuple(item.id for item in listed if item.id in chosen)
        return None if own == tuple(item.id for item in listed if item.default) else own


def _standing_value(chosen: DraftChoices) -> str:
    """Return the form's value of a standing: each exception of the law book is a choice of its own."""
    return (
        f"exception:{chosen.exception_id}"
        if chosen.standing == "exception" and chosen.exception_id
        else chosen.standing
    )


def _described(exception: StandingException) -> Described:
    """Return an exception as a choice: whom it is for, the sentence, where it stands, and what is not settled."""
    said = exception.statement.replace("{whom}", "…")
    words = [f"“{said}”", exception.citation + ".", exception.notes or ""]
    words += [_("Not settled: %(doubt)s") % {"doubt": doubt} for doubt in exception.doubts]
    who = exception.who[:1].upper() + exception.who[1:]
    return Described(who, " ".join(word for word in words if word))


def _yes_no(answer: bool | None) -> str:
    return {True: "yes", False: "no", None: ""}[answer]


__all__ = [
    "AddressForm",
    "ConfirmAddressForm",
    "Described",
    "DetailsForm",
    "KitForm",
    "StateForm",
    "WhomForm",
    "ways_to",
]
