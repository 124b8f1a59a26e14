"""Administrators made on the console, and what is done about the accounts for emergencies."""

from django.db import transaction

from accounts.act import Act
from accounts.log import about
from accounts.models import EmergencyUse, User
from accounts.operations import people
from audit.log import record
from kernel.powers import Power
from kernel.refusal import Refusal, Refused, refuse_if_any
from roles.email import alarms
from roles.email import grants as email
from roles.events import AssignmentMade, BreakGlassAlarmed, BreakGlassMade, BreakGlassNoted
from roles.log import about_grant
from roles.models import Assignment, Role
from roles.operations import catalogue
from roles.powers import GLOBAL_ADMINISTRATOR
from roles.queries import emergency
from roles.queries.access import lacks

LONGEST_NOTE = 2000
ONLY_ON_THE_CONSOLE = Refusal("console", "Only a command on the console can do this: see the README.")


@transaction.atomic
def make(act: Act, *, address: str, name: str, is_break_glass: bool = False) -> tuple[User, str]:
    """A permanently active Global Administrator. Returns the person and the secret of their invitation.

    A break-glass account is never eligible and never approves, and each of its sign-ins alarms all administrators.
    """
    refuse_if_any([ONLY_ON_THE_CONSOLE] if act.actor else [])
    catalogue.load(act)
    user, secret = people.invite(act, address=address, name=name, is_break_glass=is_break_glass)
    if is_break_glass:
        record(act, BreakGlassMade(), about=about(user))
    because = "Break-glass account" if is_break_glass else "First administrator"
    _appoint(act, user, because=f"{because}, made on the console")
    if is_break_glass:
        alarms.break_glass_made(act, user)
    return user, secret


def _appoint(act: Act, user: User, *, because: str) -> None:
    """Global Administrator for good, whatever the role's settings say: it has to help where nobody is left who could
    change them."""
    role = Role.objects.select_related("resource", "policy").get(template_id=GLOBAL_ADMINISTRATOR)
    assignment = Assignment.objects.create(
        role=role,
        scope=role.resource,
        user=user,
        start_at=act.at,
        made_at=act.at,
        start_told_at=act.at,
        justification=because,
    )
    record(act, AssignmentMade(start_at=act.at, end_at=None, because=because), about=about_grant(assignment))
    email.assigned(act, assignment)


@transaction.atomic
def alarm(act: Act, use_id: int) -> None:
    """Tell all administrators at once that a break-glass account signed in; once, whoever notices first."""
    if not EmergencyUse.objects.filter(pk=use_id, alarmed_at=None).update(alarmed_at=act.at):
        return
    use = EmergencyUse.objects.select_related("user").get(pk=use_id)
    record(act, BreakGlassAlarmed(signed_in_at=use.signed_in_at), about=about(use.user))
    alarms.break_glass_used(act, use)


@transaction.atomic
def note(act: Act, use: EmergencyUse, *, purpose: str, text: str) -> None:
    """Say afterwards what a sign-in of a break-glass account was. Said once, by somebody else."""
    refuse_if_any(lacks(act, Power.PEOPLE_MANAGE), _unfit_note(act, use, purpose, text))
    noted = EmergencyUse.objects.filter(pk=use.pk, noted_at=None).update(
        purpose=purpose, note=text.strip(), noted_at=act.at, noted_by=act.person
    )
    if not noted:
        use.refresh_from_db()
        name = use.noted_by.name if use.noted_by else "Somebody"
        raise Refused(Refusal("noted", f"{name} has said what this was already."))
    event = BreakGlassNoted(signed_in_at=use.signed_in_at, purpose=purpose, because=text.strip())
    record(act, event, about=about(use.user))


def _unfit_note(act: Act, use: EmergencyUse, purpose: str, text: str) -> list[Refusal]:
    refusals = []
    if act.person.pk == use.user_id:
        refusals.append(Refusal("oneself", "Another administrator has to say what this was, not the account itself."))
    if purpose not in EmergencyUse.Purpose.values:
        refusals.append(Refusal("purpose", "Choose what it was.", "purpose"))
    if not text.strip():
        refusals.append(Refusal("note", "Say what happened, who signed in, and what was done.", "note"))
    if len(text) > LONGEST_NOTE:
        refusals.append(Refusal("note_long", f"Use at most {LONGEST_NOTE} characters.", "note"))
    return refusals


@transaction.atomic
def remind_of_drills(act: Act) -> None:
    """Remind the administrators of break-glass accounts that were not tested in time; once in each 90 days."""
    for account in emergency.accounts(act.at):
        if account.is_overdue:
            alarms.break_glass_untested(act, account.user, due_at=account.due_at, round_=account.rounds(act.at))
