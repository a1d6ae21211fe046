"""How long something takes when some of it has not happened yet. Pure.

A plain average of the answered requests flatters a slow agency: those that it has not answered are left out. Here a
request that still waits counts for every day on which it is known to have waited, and for no day after.

Sources:

- E. L. Kaplan and P. Meier, "Nonparametric Estimation from Incomplete Observations", Journal of the American
  Statistical Association 53 (1958), 457-481: the product-limit estimate of the share that still waits.
- M. Greenwood, "The Natural Duration of Cancer", Reports on Public Health and Medical Subjects 33 (1926): its variance.
- R. Brookmeyer and J. Crowley, "A Confidence Interval for the Median Survival Time", Biometrics 38 (1982), 29-41: the
  interval of the median, by turning the interval of the curve around. The curve's own interval is taken on the
  log(-log) scale, which keeps it between 0 and 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import exp, log, sqrt
from typing import Final

NORMAL_95: Final = 1.959963984540054  # the 97.5th percentile of the normal distribution: two sides of 95 percent

FEWEST_WATCHED: Final = 5  # as many as make a rate: a curve ends where fewer are watched


@dataclass(frozen=True, slots=True)
class Spell:
    """How many requests share one length: `ended` of them after `days` days, `open` were still waiting then."""

    days: int
    ended: int = 0
    open: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """The curve after one day on which something ended.

    `share`: how much still waits. `low` and `high`: its 95 percent interval; both are 0 when nothing waits any more.
    """

    days: int
    at_risk: int
    ended: int
    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Median:
    """After how many days half had ended; None: not yet reached, because the curve stays above one half.

    `low` and `high`: the 95 percent interval; None on a side that the data do not reach. `ended` of `known` had ended.
    """

    days: int | None
    low: int | None
    high: int | None
    ended: int
    known: int


def curve(spells: Iterable[Spell]) -> list[Step]:
    """Return the Kaplan-Meier curve, a step for each day on which something ended, in their order.

    What ends and what is last seen waiting on one day: the ending comes first (Kaplan and Meier's convention).
    """
    ended: dict[int, int] = {}
    left: dict[int, int] = {}
    for spell in spells:
        if spell.days < 0 or spell.ended < 0 or spell.open < 0:
            raise ValueError("a length and a count are never negative")
        ended[spell.days] = ended.get(spell.days, 0) + spell.ended
        left[spell.days] = left.get(spell.days, 0) + spell.ended + spell.open
    at_risk, share, greenwood = sum(left.values()), 1.0, 0.0
    steps: list[Step] = []
    for days in sorted(left):
        ends = ended[days]
        if ends:
            share *= (at_risk - ends) / at_risk
            if at_risk > ends:
                greenwood += ends / (at_risk * (at_risk - ends))
            else:
                share = 0.0
            low, high = _interval(share, greenwood)
            steps.append(Step(days, at_risk, ends, share, low, high))
        at_risk -= left[days]
    return steps


def _interval(share: float, greenwood: float) -> tuple[float, float]:
    """Return the 95 percent interval of a share on the log(-log) scale. `greenwood`: the sum of d / (n (n - d))."""
    if share <= 0.0:
        return 0.0, 0.0
    width = NORMAL_95 * sqrt(greenwood) / abs(log(share))
    return share ** exp(width), share ** exp(-width)


def median(spells: Iterable[Spell]) -> Median:
    """Return the median with its interval. Days are whole."""
    kept = list(spells)
    steps = curve(kept)
    half = 0.5 + 1e-12  # shares are products of fractions: one half may come out a hair above
    return Median(
        days=next((step.days for step in steps if step.share <= half), None),
        low=next((step.days for step in steps if step.low <= half), None),
        high=next((step.days for step in steps if step.high <= half), None),
        ended=sum(spell.ended for spell in kept),
        known=sum(spell.ended + spell.open for spell in kept),
    )


def known_until(spells: Iterable[Spell], watched: int) -> int | None:
    """Return the last day on which at least so many were watched, those that end on it included; None where never."""
    left = 0
    for spell in sorted(spells, key=lambda one: one.days, reverse=True):
        left += spell.ended + spell.open
        if left >= watched:
            return spell.days
    return None


def spells_of(ended: Mapping[int, int], still_open: Mapping[int, int]) -> list[Spell]:
    """Return spells from two counts by days."""
    return [Spell(days, ended.get(days, 0), still_open.get(days, 0)) for days in sorted({*ended, *still_open})]


def share_ended_by(steps: Iterable[Step], days: int) -> float:
    """Return how much had ended by the end of that day."""
    share = 1.0
    for step in steps:
        if step.days > days:
            break
        share = step.share
    return 1.0 - share
