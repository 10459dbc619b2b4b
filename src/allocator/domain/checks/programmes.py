"""Programmes: every name they state exists, and each could start."""

from __future__ import annotations

from allocator.domain.checks.known import Known, check_name, check_names
from allocator.domain.errors import MistakeList, Path


def check_programmes(known: Known, found: MistakeList) -> None:
    """Names of programmes, levers, channels and resources; none refers to itself."""
    model = known.model
    unlockable = [*model.levers, *model.channels]
    for name, programme in model.programmes.items():
        path: Path = ("model", "programmes", name)
        others = [other for other in model.programmes if other != name]
        for key, names in (("requires", programme.requires), ("excludes", programme.excludes)):
            for index, other in enumerate(names):
                if other == name:
                    found.add((*path, key, index), f"`{name}` {key} itself", expected="another programme")
                else:
                    check_name(found, (*path, key, index), "programme", other, others)
        check_names(found, (*path, "unlocks"), "lever or channel", programme.unlocks, unlockable)
        for key, kind, stated, known_names in (
            ("boosts", "lever", programme.boosts, model.levers),
            ("saves", "lever", programme.saves, model.levers),
            ("adds", "resource", programme.adds, model.resources),
        ):
            for stated_name in stated:
                if stated_name not in known_names:
                    found.unknown((*path, key, stated_name), kind, stated_name, known_names)
    _check_requirements(known, found)


def _check_requirements(known: Known, found: MistakeList) -> None:
    """No programme excludes what it requires, or waits for itself: without lead times a circle may start at once."""
    programmes = known.model.programmes
    waiting = {name: _required(name, known) for name in programmes}
    told: set[str] = set()
    for name, programme in programmes.items():
        path: Path = ("model", "programmes", name, "requires")
        for index, other in enumerate(programme.requires):
            if other in programme.excludes or (other in programmes and name in programmes[other].excludes):
                found.add((*path, index), f"`{name}` requires `{other}` and excludes it", expected="one of the two")
        circle = {other for other in waiting[name] if name in waiting[other]}
        if len(circle) > 1 and not circle & told and any(programmes[each].lead for each in circle):
            members = ", ".join(f"`{each}`" for each in programmes if each in circle)
            found.add(path, f"none of {members} can ever start, for each waits for the others")
            told |= circle


def _required(name: str, known: Known) -> set[str]:
    """All that must work before a programme starts, step by step; itself where it waits for itself."""
    required: set[str] = set()
    ahead = [name]
    while ahead:
        programme = known.model.programmes.get(ahead.pop())
        fresh = set(programme.requires if programme else ()) - required
        required |= fresh
        ahead += fresh
    return required & known.model.programmes.keys()
