"""Which numbers clash: sets none of whose members can be spared, found by an elastic filter.

Numbers that the least change would move are held one after the other until no change of the others
restores a plan: the numbers held cannot hold together (Chinneck and Dravnieks 1991). Those that can be let
go again without restoring a plan are let go. Then the set found is let go as a whole, and the next one is
looked for, until a plan exists.
"""

from __future__ import annotations

from collections.abc import Collection

from allocator.solving.diagnosis.relaxation import Relaxation


def clashing(relaxation: Relaxation) -> list[list[int]]:
    """Disjoint sets of numbers (by position) that cannot hold together, each as small as can be.

    Raises
    ------
    OutOfTimeError
    """
    found: list[list[int]] = []
    while True:
        free = [number for group in found for number in group]
        held = _filter(relaxation, free)
        if not held:
            return found
        found.append(_irreducible(relaxation, held))


def _filter(relaxation: Relaxation, free: Collection[int]) -> list[int]:
    """Numbers that cannot hold together, ``free`` ones apart; empty where a plan exists."""
    held: list[int] = []
    while True:
        others = [number for number in range(len(relaxation.gives)) if number not in held and number not in free]
        moved = relaxation.moved(others, free)
        if moved is None:
            return held
        if not moved:
            return []
        held += moved


def _irreducible(relaxation: Relaxation, held: list[int]) -> list[int]:
    """``held`` without those that can be let go and still leave no plan."""
    needed = list(held)
    for number in held:
        fewer = [other for other in needed if other != number]
        if not relaxation.possible([n for n in range(len(relaxation.gives)) if n not in fewer]):
            needed = fewer
    return needed
