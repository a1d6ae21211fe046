"""The forms of a campaign: its outline, who signs, what is left out and why, where a state differs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, cast

import msgspec
from django import forms
from django.utils.translation import gettext_lazy as _

from requests_app.agencies.models import AgencyRole
from requests_app.filing.campaign_queries import TableFilter
from requests_app.filing.campaigning import Planned, Standing, WhoMaySign, Willing, choices_for, may_be_given
from requests_app.filing.choices import DraftChoices
from requests_app.filing.forms.drafting import Described
from requests_app.filing.forms.letter_answers import LetterAnswersForm, shown_answers, to_cents, to_dollars
from requests_app.filing.models import Campaign, CampaignTarget, Delivery
from requests_app.filing.services.campaigns import Outline
from requests_app.kits.catalog import list_kits
from requests_app.kits.schema import Kit
from requests_app.people.models import Person
from requests_app.people.states import JURISDICTIONS

ANY: Final = ("", _("any"))
_ASKED_ROLES: Final = (
    AgencyRole.Kind.NLETS_CONTROL_POINT,
    AgencyRole.Kind.DMV,
    AgencyRole.Kind.GOVERNOR_RECORDS,
    AgencyRole.Kind.ATTORNEY_GENERAL,
)


def records_kits() -> list[Kit]:
    """Return the kits that a campaign can ask: every records kit, the group's own too."""
    return [kit for kit in list_kits() if kit.kind == "records"]


class SharedAnswersForm(LetterAnswersForm):
    """The answers that letters share. What is left as it is stays with each kit."""

    words: Final = {
        "period_start": (_("Records from"), _("Empty: each kit’s own.")),
        "period_end": (_("Records through"), _("Empty: through the day on which the agency searches.")),
        "fee_limit": (
            _("Ask before any work that costs more than (dollars)"),
            _("For each letter. Empty: the letters name no limit, and ask for an estimate before any charge."),
        ),
        "extra_paragraph": (
            _("A paragraph of your own"),
            _("It stands in every letter. Do not write about people: letters may be published."),
        ),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, (label, help_text) in self.words.items():
            self.fields[name].label, self.fields[name].help_text = label, help_text

    def answers(self) -> dict[str, Any]:
        """Return the answers as `filing.choices.DraftChoices` has them, JSON-ready."""
        answers: dict[str, Any] = msgspec.to_builtins(self.said())
        return answers


class CampaignForm(SharedAnswersForm):
    """The outline: what, where, whom, and the shared answers."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("Such as “Spring 2027: who looks us up”."))
    purpose = forms.CharField(
        label=_("What it is for"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )
    kits = forms.MultipleChoiceField(
        label=_("What to ask"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one kit.")},
    )
    roles = forms.MultipleChoiceField(
        label=_("Whom to ask"),
        widget=forms.CheckboxSelectMultiple,
        choices=[(role.value, role.label) for role in _ASKED_ROLES],
        initial=[AgencyRole.Kind.NLETS_CONTROL_POINT.value, AgencyRole.Kind.DMV.value],
        help_text=_(
            "Of these, each kit asks those that may hold its records. The Nlets control point and the motor-vehicle "
            "agency are asked together, and each letter names the other. Every federal agency that queries is asked "
            "alone, in a row of its own: leave out in the table those that you do not want."
        ),
        error_messages={"required": _("Choose at least one kind of agency.")},
    )
    everywhere = forms.BooleanField(
        label=_("Every state, the District of Columbia and the federal government"), required=False
    )
    jurisdictions = forms.MultipleChoiceField(
        label=_("Or these"),
        widget=forms.CheckboxSelectMultiple,
        choices=list(JURISDICTIONS.items()),
        required=False,
    )
    budget = forms.DecimalField(
        label=_("Budget for fees (dollars)"),
        required=False,
        min_value=Decimal(0),
        max_value=Decimal(10_000_000),
        decimal_places=2,
        help_text=_("What agencies ask is held against it. Empty: none."),
    )

    outline_fields: Final = ("name", "purpose", "kits", "roles", "everywhere", "jurisdictions", "budget")

    def __init__(self, *args: Any, campaign: Campaign | None = None, **kwargs: Any) -> None:
        self.campaign = campaign
        if campaign is None:
            kwargs.setdefault("initial", shown_answers(DraftChoices()))
        else:
            kwargs.setdefault("initial", _shown(campaign))
        super().__init__(*args, **kwargs)
        kits = cast(forms.MultipleChoiceField, self.fields["kits"])
        kits.choices = [(kit.id, Described(kit.title, kit.plain)) for kit in records_kits()]

    @property
    def answer_fields(self) -> list[forms.BoundField]:
        """The shared answers: every one has a good answer already, so they are folded."""
        return [self[name] for name in self.fields if name not in self.outline_fields]

    @property
    def fold_has_errors(self) -> bool:
        """Open the fold when something in it must be put right."""
        return any(name in self.errors for name in self.fields if name not in self.outline_fields)

    def clean_name(self) -> str:
        """Two campaigns of one name would be taken for one another, at the shell too."""
        name = str(self.cleaned_data["name"]).strip()
        same = Campaign.objects.filter(name__iexact=name)
        if self.campaign is not None:
            same = same.exclude(pk=self.campaign.pk)
        if same.exists():
            raise forms.ValidationError(_("There is a campaign of that name already. Choose another name."))
        return name

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not cleaned.get("everywhere") and not cleaned.get("jurisdictions"):
            self.add_error("jurisdictions", _("Choose at least one state, or all of them above."))
        return cleaned

    def outline(self) -> Outline:
        """Return what was settled."""
        said = self.cleaned_data
        return Outline(
            name=said["name"],
            purpose=said["purpose"],
            kits=tuple(said["kits"]),
            jurisdictions=tuple(JURISDICTIONS) if said["everywhere"] else tuple(said["jurisdictions"]),
            roles=tuple(said["roles"]),
            choices=self.answers(),
            budget_cents=to_cents(said["budget"]),
        )


def _shown(campaign: Campaign) -> dict[str, Any]:
    codes = list(
        CampaignTarget.objects.filter(campaign=campaign).order_by().values_list("jurisdiction", flat=True).distinct()
    )
    return {
        **shown_answers(choices_for(campaign.choices, {})),
        "name": campaign.name,
        "purpose": campaign.purpose,
        "kits": campaign.kits,
        "roles": campaign.roles,
        "everywhere": len(codes) == len(JURISDICTIONS),
        "jurisdictions": codes,
        "budget": to_dollars(campaign.budget_cents),
    }


class TableFilterForm(forms.Form):
    """What the planning table shows. A value that means nothing is left out."""

    standing = forms.ChoiceField(label=_("Stands"), required=False, choices=[ANY, *Standing.choices])
    state = forms.ChoiceField(label=_("State"), required=False)
    kit = forms.ChoiceField(label=_("Kit"), required=False)
    way = forms.ChoiceField(label=_("How it goes"), required=False, choices=[ANY, *Delivery.choices])
    person = forms.ChoiceField(label=_("Signer"), required=False)

    def __init__(self, *args: Any, rows: Iterable[Planned], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = list(rows)
        states = dict.fromkeys(row.target.jurisdiction for row in found)
        kits = dict.fromkeys(row.target.kit_id for row in found)
        handles = sorted({row.target.assignee.handle for row in found if row.target.assignee})
        self._offer("state", [(code, f"{JURISDICTIONS.get(code, code)} ({code})") for code in states])
        self._offer("kit", [(kit.id, kit.title) for kit in records_kits() if kit.id in kits])
        self._offer("person", [("nobody", _("nobody yet")), *((handle, handle) for handle in handles)])

    def _offer(self, name: str, choices: Sequence[tuple[str, Any]]) -> None:
        cast(forms.ChoiceField, self.fields[name]).choices = [ANY, *choices]

    def table_filter(self) -> TableFilter:
        """Return what was chosen, as far as it means something."""
        self.is_valid()
        known = {name: str(self.cleaned_data.get(name, "")) for name in TableFilter.__dataclass_fields__}
        return TableFilter(**known)


class AssignForm(forms.Form):
    """Who signs what, with a proposal already chosen; each can be changed before it is applied."""

    def __init__(
        self,
        *args: Any,
        rows: Sequence[Planned],
        people: Sequence[Person],
        proposal: Mapping[int, int | None],
        willing: Mapping[str, Willing],
        **kw: Any,
    ) -> None:
        super().__init__(*args, **kw)
        self.rows, self.people = rows, {one.pk: one for one in people}
        for row in rows:
            target, state = row.target, willing[row.target.jurisdiction]
            able = [one for one in people if may_be_given(row.who_may_sign, target.jurisdiction, one, state)]
            choices = [("", _("nobody yet")), *((str(one.pk), _name(one, row, state)) for one in able)]
            proposed = proposal.get(target.pk)
            self.fields[f"person_{target.pk}"] = forms.ChoiceField(
                label=_("Who signs %(state)s, %(kit)s") % {"state": target.state_name, "kit": target.kit_title},
                choices=choices,
                required=False,
                initial=str(proposed) if proposed else "",
                error_messages={"invalid_choice": _("Choose somebody of the list: this law does not admit everybody.")},
            )

    @property
    def lines(self) -> list[dict[str, Any]]:
        """What the template shows of each target: its row, the field, and what a change would throw away."""
        return [
            {
                "row": row,
                "field": self[f"person_{row.target.pk}"],
                "closed": row.who_may_sign is WhoMaySign.RESIDENTS,
                "begun_by": row.target.draft.filer_id
                if row.target.draft is not None and row.target.draft.is_open
                else None,
            }
            for row in self.rows
        ]

    def chosen(self) -> dict[int, Person | None]:
        """Return target id -> person, None for nobody."""
        found: dict[int, Person | None] = {}
        for row in self.rows:
            said = self.cleaned_data[f"person_{row.target.pk}"]
            found[row.target.pk] = self.people[int(said)] if said else None
        return found


def _name(person: Person, row: Planned, willing: Willing) -> str:
    """Return a person as a choice. Only coordinators see this form: it says who offered to sign."""
    if person.home_state == row.target.jurisdiction:
        said = _("%(handle)s, lives there")
    elif person.pk in willing.offered:
        said = _("%(handle)s, offered to sign there")
    elif row.who_may_sign is WhoMaySign.RESIDENTS:
        said = _("%(handle)s writes it, a member signs")
    else:
        return person.handle
    return str(said % {"handle": person.handle})


class SkipForm(forms.Form):
    """Why targets are left out."""

    why = forms.CharField(
        label=_("Why?"),
        max_length=300,
        help_text=_("Such as “the state publishes these numbers”. It stands in the table and in the summary."),
    )


class ExceptionForm(SharedAnswersForm):
    """Where some targets differ from the campaign's shared answers."""

    residency_statement = forms.CharField(
        label=_("The sentence that states an exception"),
        required=False,
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_(
            "Only for a law that is open to residents, and only if an exception in it applies to the signer. It stands "
            "in the letter word for word, and somebody from elsewhere may then sign."
        ),
    )
    ask_again = forms.BooleanField(
        label=_("Ask agencies again that the group already asks for this kit"),
        required=False,
        help_text=_("A second letter costs goodwill and may be treated as a repeat."),
    )

    def answers(self) -> dict[str, Any]:
        """Return the answers, with the exception where one is stated."""
        found = super().answers()
        said = str(self.cleaned_data["residency_statement"]).strip()
        if said:
            found |= {"standing": "exception", "residency_statement": said}
        return found


__all__ = [
    "AssignForm",
    "CampaignForm",
    "ExceptionForm",
    "SkipForm",
    "TableFilterForm",
]
