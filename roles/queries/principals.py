"""Who is meant by a line of text: a person, a group, or the manager of whoever asks."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from django.db.models import Q
from django.db.models.functions import Lower

from accounts.models import Group, User
from roles.terms import MANAGER, ApproverKind, Named

MANAGER_LINES = ("manager", "manager of whoever asks")
GROUP_MARK = "(group)"
EMAIL_IN = re.compile(r"[^\s<>()]+@[^\s<>()]+")
# How many unknown lines get suggestions, how many each, and how alike they have to be.
MOST_HELPED, MOST_SUGGESTED, ALIKE = 10, 3, 0.7
MOST_LOOKED_AT, LONGEST_COMPARED = 300, 60
# A name and an email are not longer; looking for an address in more would take a time nobody waits.
LONGEST_LINE = 400


@dataclass
class Meant:
    """Who is meant, and a sentence for each line that means nobody, or more than one."""

    named: set[Named] = field(default_factory=set)
    sentences: list[str] = field(default_factory=list)


def written(one: Named) -> str:
    """The line that means this person, group or manager, and nobody else."""
    if one.kind is ApproverKind.MANAGER:
        return MANAGER_LINES[0]
    return f"{one.name} {GROUP_MARK}" if one.kind is ApproverKind.GROUP else one.name


def read(lines: list[str], *, or_manager: bool = True) -> Meant:
    """Which approvers are meant by these lines; at most four queries, however many lines there are."""
    plain = [line for line in lines if line.casefold() not in MANAGER_LINES]
    meant = Meant({MANAGER} if len(plain) < len(lines) else set())
    for one in who(plain, or_manager=or_manager).values():
        if isinstance(one, str):
            meant.sentences.append(one)
        elif sentence := _unfit(one):
            meant.sentences.append(sentence)
        else:
            meant.named.add(_named(one))
    return meant


def who(lines: list[str], *, or_manager: bool = False) -> "dict[str, User | Group | str]":
    """For each line the person or group it means, or a sentence that says why it means nobody."""
    people, groups = _known_people(lines), _known_groups(lines)
    choices: dict[str, list[User | Group]] = {
        line: [*_people_of(people, line), *_groups_of(groups, line)] for line in lines
    }
    unknown = [line for line, found in choices.items() if not found]
    near = _near(unknown[:MOST_HELPED]) if unknown else []
    found: dict[str, User | Group | str] = {}
    for line, meant in choices.items():
        if not meant:
            found[line] = _sentence(line, near, or_manager=or_manager)
        elif len(meant) > 1:
            found[line] = f"“{line}” may be {_either(map(_shown, meant))}. Write which."
        else:
            found[line] = meant[0]
    return found


def _known_people(lines: list[str]) -> list[User]:
    emails = {email for line in lines if (email := _email(line))}
    known = User.objects.alias(lower=Lower("display_name"))
    return list(known.filter(Q(email__in=emails) | Q(display_name__in=lines) | Q(lower__in=_lower(lines))))


def _known_groups(lines: list[str]) -> list[Group]:
    names = [_group(line) for line in lines]
    known = Group.objects.alias(lower=Lower("name"))
    return list(known.filter(Q(name__in=names) | Q(lower__in=_lower(names))))


def _lower(names: Iterable[str]) -> set[str]:
    # Not every database knows the capitals of every script: asked for as well as, not instead of, the exact name.
    return {name.lower() for name in names}


def _email(line: str) -> str:
    found = EMAIL_IN.findall(line[-LONGEST_LINE:])
    return found[-1].lower() if found else ""


def _group(line: str) -> str:
    return line.removesuffix(GROUP_MARK).strip()


def _people_of(people: list[User], line: str) -> list[User]:
    """Whose email this is, else who is called so; those disabled only where nobody else is."""
    found = [user for user in people if user.email == _email(line)]
    found = found or [user for user in people if user.display_name.casefold() == line.casefold()]
    return [user for user in found if user.is_enabled] or found


def _groups_of(groups: list[Group], line: str) -> list[Group]:
    return [group for group in groups if group.name.casefold() == _group(line).casefold()]


def _unfit(one: User | Group) -> str:
    if isinstance(one, User) and not one.is_enabled:
        return f"{_shown(one)} is disabled. Name somebody else."
    if isinstance(one, User) and one.is_break_glass:
        return f"{_shown(one)} is a break-glass account. It never approves."
    return ""


def _named(one: User | Group) -> Named:
    return Named(ApproverKind.USER, one.email) if isinstance(one, User) else Named(ApproverKind.GROUP, one.name)


def _shown(one: User | Group) -> str:
    return f"{one.name} ({one.email})" if isinstance(one, User) else f"{one.name} {GROUP_MARK}"


def _either(words: Iterable[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} or {last}" if others else last


# --- suggestions


def _sentence(line: str, near: "list[User | Group]", *, or_manager: bool) -> str:
    likely = sorted(((_likeness(line, one), _shown(one), one) for one in near), key=lambda each: (-each[0], each[1]))
    shown = [words for likeness, words, _one in likely[:MOST_SUGGESTED] if likeness >= ALIKE]
    known = f"“{line[:LONGEST_COMPARED]}” is not known."
    if shown:
        return f"{known} Did you mean {_either(shown)}?"
    last = "a group's name, or manager" if or_manager else "or a group's name"
    return f"{known} Write an email, a full name, {last}."


def _near(lines: list[str]) -> list[User | Group]:
    """People and groups a word of whose name, or whose email, begins as a word of the lines does."""
    words = {word[:3] for line in lines for word in line.split()[:4]}
    person, group = Q(), Q()
    for word in words:
        person |= Q(display_name__icontains=word) | Q(email__istartswith=word[:2])
        group |= Q(name__icontains=word)
    people = User.objects.enabled().filter(person, is_break_glass=False)[:MOST_LOOKED_AT]
    return [*people, *Group.objects.filter(group)[:MOST_LOOKED_AT]]


def _likeness(line: str, one: User | Group) -> float:
    typed = _group(line)[:LONGEST_COMPARED].casefold()
    whole = [one.name, *([one.email] if isinstance(one, User) else [])]
    words = [*whole, *one.name.split(), *(word.partition("@")[0] for word in whole[1:])]
    return max(SequenceMatcher(None, typed, word.casefold()).ratio() for word in words)
