"""What a coordinator decides about one message: each act is a button or a form of the page of the message."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from requests_app.correspondence import tasks
from requests_app.correspondence.incoming import queries, settling
from requests_app.correspondence.incoming.forms import (
    AssignForm,
    BlockForm,
    DeferForm,
    MoveForm,
    PlaceForm,
    ProposeForm,
    SeenForm,
    SetAsideForm,
)
from requests_app.correspondence.incoming.models import IncomingMessage
from requests_app.correspondence.incoming.views import agencies_of, message_page, running_of, to_settle, today
from requests_app.people.signed_in import signed_in

Act = Callable[[HttpRequest, int], HttpResponse]
FormOf = Callable[[HttpRequest, IncomingMessage], SeenForm]
# An act with the message's number, what the form said, and who saw what (`seen`, `by`, `now`).
Do = Callable[[int, Mapping[str, Any], Mapping[str, Any]], object]

# After these, files of the message may have to become documents: a worker is woken, so that nobody waits for the beat.
_FILES_FOLLOW: Final = frozenset({"accept", "place", "move", "undo"})


def _acting(name: str, said: str | Promise, form_of: FormOf, do: Do, meaning: str) -> Act:
    """Return the view that does one act and shows the message as it then is; its form again where that lacks words."""

    def act(request: HttpRequest, pk: int) -> HttpResponse:
        found = to_settle(request, pk)
        form = form_of(request, found)
        if not form.is_valid():
            return message_page(request, found, {name: form}, status=422)
        seen = {"seen": form.cleaned_data["seen"], "by": signed_in(request), "now": timezone.now()}
        try:
            do(found.pk, form.cleaned_data, seen)
        except settling.NotSettled as trouble:
            messages.error(request, str(trouble))
        else:
            messages.success(request, str(said))
            if name in _FILES_FOLLOW:
                tasks.nudge(tasks.keep_mail_files)
        return redirect("correspondence:message", found.pk)

    act.__name__, act.__doc__ = name, meaning
    return require_POST(act)


def _seen(request: HttpRequest, found: IncomingMessage) -> SeenForm:
    return SeenForm(request.POST)


accept = _acting(
    "accept",
    _("Filed with its request. Its files become documents within some minutes."),
    _seen,
    lambda pk, said, seen: settling.accept(pk, **seen),
    "File a message where the program had guessed.",
)
place = _acting(
    "place",
    _("Filed. Its files become documents within some minutes."),
    lambda request, found: PlaceForm(request.POST),
    lambda pk, said, seen: settling.place(pk, [one.pk for one in said["references"]], **seen),
    "Put a message with one request or several.",
)
move = _acting(
    "move",
    _("Moved. Both requests say so; documents made of its files stay on the old one, too."),
    lambda request, found: MoveForm(request.POST, placements=running_of(queries.placements_of(found))),
    lambda pk, said, seen: settling.move(
        pk, from_request=int(said["leaves"]), to_request=said["to"][0].pk, why=said["why"], **seen
    ),
    "Move a message from one request to another.",
)
set_aside = _acting(
    "set_aside",
    _("Set aside. It is listed there, and can be brought back at any time."),
    lambda request, found: SetAsideForm(request.POST),
    lambda pk, said, seen: settling.set_aside(pk, why=said["why"], **seen),
    "Take a message out of what waits, with the reason.",
)
block = _acting(
    "block",
    _("Set aside, and so will be what else comes from there. The rule is listed under “Senders set aside”."),
    lambda request, found: BlockForm(request.POST),
    lambda pk, said, seen: settling.block(pk, kind=said["kind"], why=said["why"], **seen),
    "Set a message aside, and from now on what comes from its sender.",
)
bring_back = _acting(
    "bring_back",
    _("It waits for a coordinator again."),
    _seen,
    lambda pk, said, seen: settling.bring_back(pk, **seen),
    "Lay a message before a coordinator again.",
)
defer = _acting(
    "defer",
    _("It rests until that day, and then waits again by itself."),
    lambda request, found: DeferForm(request.POST, today=today()),
    lambda pk, said, seen: settling.defer(pk, until=said["until"], **seen),
    "Let a message rest until a day.",
)
assign = _acting(
    "assign",
    _("Noted."),
    lambda request, found: AssignForm(request.POST, people=queries.coordinators()),
    lambda pk, said, seen: settling.assign(pk, to=said["to"], **seen),
    "Say who sees to a message.",
)
undo = _acting(
    "undo",
    _("Undone. Documents that were made of its files meanwhile stay."),
    _seen,
    lambda pk, said, seen: settling.undo(pk, **seen),
    "Undo the last act on a message.",
)
propose = _acting(
    "propose",
    _("Proposed. A coordinator looks it up before it is used; letters go where they went before."),
    lambda request, found: ProposeForm(request.POST, agencies=agencies_of(running_of(queries.placements_of(found)))),
    lambda pk, said, seen: settling.propose_contact(
        pk, agency_id=int(said["agency"]), address=said["address"], by=seen["by"], now=seen["now"]
    ),
    "Propose an address as a contact of the agency.",
)
