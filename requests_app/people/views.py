"""Pages of the people room."""

from __future__ import annotations

from allauth.account.internal.flows.reauthentication import (
    raise_if_reauthentication_required,
    reauthenticate_by_password,
)
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from requests_app.people import permissions, queries, services
from requests_app.people.forms import AcceptForm, InviteForm, NewAddressForm, ProfileForm, RoleChoiceLabel, WayInForm
from requests_app.people.models import Person, Role, SignInLink
from requests_app.people.signed_in import signed_in

# --- coming in --------------------------------------------------------------------------------------------------------


@login_not_required
@never_cache
@sensitive_post_parameters("password", "password_again", "legal_name", "postal_address", "phone")
@require_http_methods(["GET", "POST"])
def accept(request: HttpRequest, token: str) -> HttpResponse:
    """Open the account that an invitation offers, and sign in."""
    link = services.open_link(token, SignInLink.Purpose.INVITATION, timezone.now())
    if link is None:
        return render(request, "people/link_closed.html", {"invitation": True}, status=410)
    form = AcceptForm(request.POST or None, email=link.email, initial={"time_zone": settings.ORGANISATION_TIME_ZONE})
    if form.is_valid():
        try:
            person = services.accept_invitation(
                token,
                profile=form.profile(),
                password=form.cleaned_data["password"],
                email=form.cleaned_data.get("email", ""),
                now=timezone.now(),
            )
        except services.LinkClosed:
            return render(request, "people/link_closed.html", {"invitation": True}, status=410)
        except services.HandleTaken as taken:
            form.add_error("handle", str(taken))
        except services.AlreadyHere as known:
            form.add_error(None, str(known))
        else:
            _sign_in(request, person)
            messages.success(request, _("Welcome. Your account is open."))
            return redirect("people:welcome")
    return render(request, "people/accept.html", {"form": form, "link": link})


@login_not_required
@never_cache
@sensitive_post_parameters("password", "password_again")
@require_http_methods(["GET", "POST"])
def way_in(request: HttpRequest, token: str) -> HttpResponse:
    """Set a new password by a one-time link."""
    link = services.open_link(token, SignInLink.Purpose.RECOVERY, timezone.now())
    if link is None or link.person is None or not link.person.is_active:
        return render(request, "people/link_closed.html", {"invitation": False}, status=410)
    form = WayInForm(request.POST or None, person=link.person)
    if form.is_valid():
        try:
            person = services.use_way_in(token, password=form.cleaned_data["password"], now=timezone.now())
        except services.LinkClosed:
            return render(request, "people/link_closed.html", {"invitation": False}, status=410)
        if is_mfa_enabled(person):
            # The link replaces the password, not the second factor: that is asked for as always.
            messages.success(request, _("Your new password is set. Sign in with it now."))
            return redirect("account_login")
        _sign_in(request, person)
        messages.success(request, _("Your new password is set, and you are signed in."))
        return redirect(settings.LOGIN_REDIRECT_URL)
    return render(request, "people/way_in.html", {"form": form, "link": link})


def _sign_in(request: HttpRequest, person: Person) -> None:
    login(request, person, backend=settings.AUTHENTICATION_BACKENDS[0])
    # They chose this password a second ago: the pages of the second factor need not ask for it again.
    reauthenticate_by_password(request)


@require_safe
def welcome(request: HttpRequest) -> HttpResponse:
    """Say what to do first, by role."""
    return render(
        request,
        "people/welcome.html",
        {"has_second_factor": is_mfa_enabled(request.user), "second_factor_required": settings.SECOND_FACTOR_REQUIRED},
    )


# --- oneself ----------------------------------------------------------------------------------------------------------


@never_cache
@sensitive_post_parameters("legal_name", "postal_address", "phone")
@require_http_methods(["GET", "POST"])
def me(request: HttpRequest) -> HttpResponse:
    """Show and change what one says about oneself; lead to password and second factor."""
    person = signed_in(request)
    form = ProfileForm(request.POST or None, person=person)
    if form.is_valid():
        try:
            services.save_profile(person.pk, form.profile(), now=timezone.now())
        except services.HandleTaken as taken:
            form.add_error("handle", str(taken))
        else:
            messages.success(request, _("Saved."))
            return redirect("people:me")
    return render(
        request,
        "people/me.html",
        {
            "form": form,
            "person": person,
            "role_labels": [RoleChoiceLabel(Role(role)) for role in Role.values if role in person.roles],
            "factors": queries.second_factors(person),
            "new_address": queries.new_address_of(person, timezone.now()),
            "may_see_people": permissions.can_see_people(person),
            "crumbs": [(_("You"), "")],
        },
    )


@never_cache
@require_http_methods(["GET", "POST"])
def my_address(request: HttpRequest) -> HttpResponse:
    """Ask for another e-mail address. It counts once the link that is mailed to it was opened."""
    person = signed_in(request)
    form = NewAddressForm(request.POST or None, person=person)
    if form.is_valid():
        # Whoever finds a screen unlocked must not move the account to a mailbox of their own.
        raise_if_reauthentication_required(request, app="requests_app.people")
        try:
            services.ask_new_address(person.pk, form.cleaned_data["email"], now=timezone.now())
        except (services.AddressTaken, services.TooManyAddresses) as trouble:
            form.add_error("email", str(trouble))
        else:
            messages.success(request, _("The link is on its way to the new address. It works for one day."))
            return redirect("people:my-address")
    return render(
        request,
        "people/my_address.html",
        {
            "form": form,
            "person": person,
            "new_address": queries.new_address_of(person, timezone.now()),
            "crumbs": [(_("You"), reverse("people:me")), (_("E-mail address"), "")],
        },
    )


@require_POST
def withdraw_address(request: HttpRequest) -> HttpResponse:
    """Keep the present address: the link to the new one stops working."""
    if services.withdraw_new_address(signed_in(request).pk, now=timezone.now()):
        messages.success(request, _("Your address stays as it is. The link that was mailed opens nothing any more."))
    else:
        messages.info(request, _("No link was open. Your address stays as it is."))
    return redirect("people:my-address")


@never_cache
@require_http_methods(["GET", "POST"])
def confirm_address(request: HttpRequest, token: str) -> HttpResponse:
    """Take the new address, signed in as the person who asked. A look changes nothing: mail programs open links too."""
    person = signed_in(request)
    link = services.open_link(token, SignInLink.Purpose.NEW_ADDRESS, timezone.now())
    if link is None or link.person_id != person.pk:
        return render(request, "people/address_link_closed.html", {"person": person}, status=410)
    if request.method == "POST":
        try:
            services.use_new_address(token, by=person, now=timezone.now())
        except services.LinkClosed:
            return render(request, "people/address_link_closed.html", {"person": person}, status=410)
        except services.AddressTaken as taken:
            messages.error(request, str(taken))
            return redirect("people:my-address")
        messages.success(request, _("Your e-mail address is changed. Sign in with the new one from now on."))
        return redirect("people:me")
    crumbs = [(_("You"), reverse("people:me")), (_("E-mail address"), reverse("people:my-address"))]
    return render(request, "people/confirm_address.html", {"link": link, "person": person, "crumbs": crumbs})


# --- the others -------------------------------------------------------------------------------------------------------


@require_safe
def people_list(request: HttpRequest) -> HttpResponse:
    """Show who is here, and which invitations are open."""
    reader = signed_in(request)
    if not permissions.can_see_people(reader):
        raise PermissionDenied
    return render(
        request,
        "people/list.html",
        {
            "people": queries.people_for_list(),
            "invitations": queries.open_invitations(reader, timezone.now()),
            "may_manage": permissions.can_manage_people(reader),
            "crumbs": [(_("People"), "")],
        },
    )


@require_http_methods(["GET", "POST"])
def invite(request: HttpRequest) -> HttpResponse:
    """Invite somebody by e-mail."""
    reader = signed_in(request)
    offered = [role for role in Role if permissions.can_invite(reader, [role])]
    if not offered:
        raise PermissionDenied
    form = InviteForm(request.POST or None, roles=offered)
    if form.is_valid():
        roles = form.cleaned_data["roles"]
        if not permissions.can_invite(reader, roles):
            raise PermissionDenied
        try:
            services.invite(email=form.cleaned_data["email"], roles=roles, by=reader, now=timezone.now())
        except services.AlreadyHere as known:
            form.add_error("email", str(known))
        else:
            messages.success(request, _("The invitation is on its way. It works for 14 days."))
            return redirect("people:list")
    crumbs = [(_("People"), reverse("people:list")), (_("Invite somebody"), "")]
    return render(request, "people/invite.html", {"form": form, "crumbs": crumbs})


@require_POST
def withdraw_invitation(request: HttpRequest, pk: int) -> HttpResponse:
    """Close an invitation that nobody used yet."""
    reader = signed_in(request)
    if not permissions.can_see_people(reader):
        raise PermissionDenied
    link = get_object_or_404(SignInLink, pk=pk, purpose=SignInLink.Purpose.INVITATION)
    if not permissions.can_withdraw_invitation(reader, link.roles):
        raise PermissionDenied
    if services.withdraw_invitation(link.pk, by=reader, now=timezone.now()):
        messages.success(request, _("The invitation is withdrawn. Its link opens nothing any more."))
    else:
        messages.info(request, _("The invitation was used or withdrawn already. Nothing was changed."))
    return redirect("people:list")


@require_safe
def person_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one person's roles and what happened to their account."""
    person = _managed(request, pk)
    held = person.roles
    return render(
        request,
        "people/person.html",
        {
            "person": person,
            "roles": [(role, RoleChoiceLabel(role), role.value in held) for role in Role],
            "audit": queries.audit_of(person)[: queries.PAGE],
            "factors": queries.second_factors(person),
            "is_me": person.pk == request.user.pk,
            "crumbs": [(_("People"), reverse("people:list")), (person.handle, "")],
        },
    )


@require_POST
def grant(request: HttpRequest, pk: int, role: str) -> HttpResponse:
    """Give a person a role."""
    person = _managed(request, pk)
    services.grant_role(person.pk, role, by=signed_in(request), now=timezone.now())
    messages.success(
        request, _("%(handle)s has the role %(role)s now.") % {"handle": person.handle, "role": Role(role).label}
    )
    return redirect("people:person", pk=pk)


@require_POST
def revoke(request: HttpRequest, pk: int, role: str) -> HttpResponse:
    """Take a role from a person."""
    person = _managed(request, pk)
    try:
        services.revoke_role(person.pk, role, by=signed_in(request), now=timezone.now())
    except services.LastAdministrator as last:
        messages.error(request, str(last))
    else:
        messages.success(
            request,
            _("%(handle)s no longer has the role %(role)s.") % {"handle": person.handle, "role": Role(role).label},
        )
    if person.pk == request.user.pk and role == Role.ADMINISTRATOR:
        return redirect("people:me")
    return redirect("people:person", pk=pk)


@require_POST
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Close a person's account."""
    person = _managed(request, pk)
    try:
        services.close_account(person.pk, by=signed_in(request), now=timezone.now())
    except services.LastAdministrator as last:
        messages.error(request, str(last))
    else:
        messages.success(
            request,
            _(
                "The account is closed. What this person did stays under their handle. What they still have can be "
                "handed over below."
            ),
        )
    return redirect("people:person", pk=pk)


@require_POST
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a closed account again."""
    person = _managed(request, pk)
    services.reopen_account(person.pk, by=signed_in(request), now=timezone.now())
    messages.success(request, _("The account is open again, with the roles it had."))
    return redirect("people:person", pk=pk)


def _managed(request: HttpRequest, pk: int) -> Person:
    """Return the person to manage. Whether they exist is said to administrators only."""
    if not permissions.can_manage_people(signed_in(request)):
        raise PermissionDenied
    return get_object_or_404(Person, pk=pk)
