"""Which letter makes sense now: every later letter judged for one request on one day, the best first. Pure.

Each letter has one judge, in the file of its topic; `judging` says which. It says how well the letter fits and why, in
words for a volunteer:

- `now`: this is what the moment asks for. The first of these is the recommended letter.
- `possible`: it may be sent, and nothing is lost by waiting.
- `too_early`: what it speaks of has not happened yet.
- `not_here`: this law, or the end of the request, leaves no room for it.

A letter that accuses fits `now` only when a duty that surely applies has certainly been missed; where a law sets no
time at all, a polite question may be due, and the composed letter then says nothing of lateness.
"""

from requests_app.kits.situations.judging import offers, recommended
from requests_app.kits.situations.offer import Fit, Offer

__all__ = ["Fit", "Offer", "offers", "recommended"]
