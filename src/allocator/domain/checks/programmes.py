"""Programmes: every name they state exists."""

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
