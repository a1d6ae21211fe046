"""The reminder policy in words, for its pages. Pure."""

from __future__ import annotations

from typing import Final

from django.utils.text import capfirst, get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from requests_app.tracking.reminders.policy import AGENCY, OURS, RECIPIENTS, Change, Rule, RuleMoment

DUTY_WORDS: Final = {
    (OURS, "appeal"): gettext_lazy("Our appeal"),
    (OURS, "court"): gettext_lazy("Our way to a court"),
    (OURS, "reply"): gettext_lazy("Our answer to the agency"),
    (AGENCY, "acknowledgment"): gettext_lazy("The agency's acknowledgment"),
    (AGENCY, "determination"): gettext_lazy("The agency's decision"),
    (AGENCY, "production"): gettext_lazy("The agency's records"),
    (AGENCY, "extension"): gettext_lazy("The agency's extended decision"),
    (AGENCY, "appeal"): gettext_lazy("The decision on our appeal"),
}
TO_WORDS: Final = {
    "assignee": gettext_lazy("whoever follows the request"),
    "filer": gettext_lazy("whoever filed it"),
    "delegate": gettext_lazy("whoever stands in for them"),
    "coordinators": gettext_lazy("all coordinators"),
}
CHANNEL_WORDS: Final = {
    "mail": gettext_lazy("by mail"),
    "digest": gettext_lazy("in the daily digest"),
    "in_app": gettext_lazy("only in the list of notices"),
}
WRONG_WORDS: Final = {
    "no-moment": gettext_lazy("A rule without any moment reminds nobody. Keep at least one."),
    "too-many": gettext_lazy("That is more moments than anybody reads. Keep at most twelve."),
    "twice": gettext_lazy("Two moments fall on the same day. Remove one of them, or give it another number of days."),
    "unknown": gettext_lazy("One of the choices is not known here. Choose from the list."),
    "nobody": gettext_lazy("A moment names nobody. Choose who is told, or remove the moment."),
    "days": gettext_lazy("The number of days is 1 to 60 before or after the date, and 0 on the date itself."),
    "escalation-days": gettext_lazy("The coordinators are told after 1 to 60 business days; empty is never."),
    "ours-unmailed": gettext_lazy(
        "Our own deadline must keep at least one mail before its date to whoever follows or filed the request. A "
        "missed one cannot be made good."
    ),
}


def when_words(moment: RuleMoment) -> str:
    """Return when a moment comes: 3 business days before."""
    if moment.when == "on":
        return _("on the date")
    if moment.key == "after":
        return _("the day after")
    if moment.when == "before":
        words = ngettext("%(days)s business day before", "%(days)s business days before", moment.days)
    else:
        words = ngettext("%(days)s business day after", "%(days)s business days after", moment.days)
    return words % {"days": moment.days}


def moment_words(moment: RuleMoment) -> str:
    """Return a moment as one line: when, by which way, to whom."""
    return _line([when_words(moment)], moment)


def _line(whens: list[str], moment: RuleMoment) -> str:
    to = [str(TO_WORDS[name]) for name in RECIPIENTS if name in moment.to]
    return _("%(when)s, %(way)s: %(to)s") % {
        "when": capfirst("; ".join(whens)),
        "way": CHANNEL_WORDS[moment.channel],
        "to": get_text_list(to, _("and")),
    }


def rule_words(rule: Rule) -> list[str]:
    """Return a rule in as few lines as it has different recipients and ways: 3 business days before, on the date, …"""
    together: dict[tuple[frozenset[str], str], list[RuleMoment]] = {}
    for moment in rule.moments:
        together.setdefault((moment.to, moment.channel), []).append(moment)
    return [_line([when_words(one) for one in moments], moments[0]) for moments in together.values()]


def escalation_words(rule: Rule) -> str:
    """Return after how long the coordinators are told that nobody reacts."""
    return days_words(rule.escalate_after_days)


def days_words(days: int | None) -> str:
    """Return a number of business days without reaction in words."""
    if days is None:
        return _("Never")
    return ngettext("After %(days)s business day", "After %(days)s business days", days) % {"days": days}


def change_words(change: Change) -> list[str]:
    """Return what is different in one rule, a line for each."""
    lines = [_("Removed: %(moment)s") % {"moment": moment_words(moment)} for moment in change.removed]
    lines += [_("Added: %(moment)s") % {"moment": moment_words(moment)} for moment in change.added]
    if change.escalation is not None:
        before, after = change.escalation
        facts = {"before": days_words(before), "after": days_words(after)}
        lines.append(_("Coordinators are told that nobody reacts: %(after)s (was: %(before)s)") % facts)
    return lines
