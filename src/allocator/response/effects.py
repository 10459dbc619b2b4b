"""Response rows resolved per segment: what each lever adds to log-weights and margin."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from allocator.domain.curves import Curve, Points
from allocator.domain.model import Effect, Model, Response
from allocator.response.arrays import BoolArray, FloatArray, IntArray
from allocator.response.curves import CurveSet
from allocator.response.selection import Matcher


@dataclass(frozen=True, slots=True)
class Action:
    """One curve per segment of one lever, and what it acts on.

    lever: index of the lever whose effort the curve reads.
    present: [S] whether the segment has such a curve.
    curves: indexed by segment.
    knots: [S] interior kinks of `points` curves.
    """

    lever: int
    present: BoolArray
    curves: CurveSet
    knots: tuple[tuple[float, ...], ...]

    def repeated(self, times: int) -> Action:
        """The same for so many copies of the segments, one after another."""
        return Action(self.lever, np.tile(self.present, times), self.curves.repeated(times), self.knots * times)


@dataclass(frozen=True, slots=True)
class Migration:
    """An action on the log-weight of one destination: column ``position`` [S] of the segment's destinations."""

    action: Action
    position: IntArray


@dataclass(frozen=True, slots=True)
class Effects:
    """All actions of a model.

    loyalty: shift every destination of ours (`retention` where the origin is ours, else `acquisition`).
    own: [S, D] 1.0 for destinations of ours.
    """

    loyalty: tuple[Action, ...]
    migrations: tuple[Migration, ...]
    margins: tuple[Action, ...]
    margin_adds: tuple[Action, ...]
    own: FloatArray

    @property
    def actions(self) -> tuple[Action, ...]:
        """Every action, migrations included."""
        return (*self.loyalty, *(move.action for move in self.migrations), *self.margins, *self.margin_adds)

    def repeated(self, times: int) -> Effects:
        """The same for so many copies of the segments, one after another."""

        def again(actions: tuple[Action, ...]) -> tuple[Action, ...]:
            return tuple(action.repeated(times) for action in actions)

        moves = (Migration(m.action.repeated(times), np.tile(m.position, times)) for m in self.migrations)
        return Effects(
            loyalty=again(self.loyalty),
            migrations=tuple(moves),
            margins=again(self.margins),
            margin_adds=again(self.margin_adds),
            own=np.tile(self.own, (times, 1)),
        )


def resolve(model: Model, reaches: BoolArray, destinations: IntArray) -> Effects:
    """Resolve which response row applies to each lever, effect and segment.

    A `to` that the segment cannot reach has no effect, as a probability of 0 stays 0.
    """
    place = {segment.name: index for index, segment in enumerate(model.segments)}
    ours = np.array([segment.ours for segment in model.segments])
    rows: dict[tuple[int, Effect, str], list[Response]] = defaultdict(list)
    levers = {name: index for index, name in enumerate(model.levers)}
    for response in model.responses:
        rows[levers[response.lever], response.effect, response.to].append(response)
    found: dict[tuple[int, Effect], dict[int, Curve]] = defaultdict(dict)
    moves: dict[tuple[int, int], list[tuple[int, Curve]]] = defaultdict(list)
    matcher = Matcher(model.segments)
    for (lever, effect, to), group in rows.items():
        for index, curve in matcher.most_specific(group).items():
            if not reaches[lever, index]:
                continue
            if effect == "migration":
                position = np.flatnonzero(destinations[index] == place[to])
                if position.size:
                    moves[lever, index].append((int(position[0]), curve))
            elif effect in ("margin", "margin_add") or (effect == "retention") == bool(ours[index]):
                found[lever, effect][index] = curve
    return _effects(found, moves, ours, destinations)


def _effects(
    found: dict[tuple[int, Effect], dict[int, Curve]],
    moves: dict[tuple[int, int], list[tuple[int, Curve]]],
    ours: BoolArray,
    destinations: IntArray,
) -> Effects:
    size = len(ours)

    def actions(*effects: Effect) -> tuple[Action, ...]:
        """One for each lever: no segment has more than one of the effects."""
        together: dict[int, dict[int, Curve]] = defaultdict(dict)
        for (lever, effect), chosen in found.items():
            if effect in effects:
                together[lever] |= chosen
        return tuple(_action(lever, chosen, size) for lever, chosen in together.items())

    return Effects(
        loyalty=actions("retention", "acquisition"),
        migrations=_migrations(moves, size),
        margins=actions("margin"),
        margin_adds=actions("margin_add"),
        own=np.where(destinations >= 0, ours[destinations], False).astype(float),
    )


def _action(lever: int, chosen: dict[int, Curve], size: int) -> Action:
    present = np.zeros(size, dtype=bool)
    present[list(chosen)] = True
    curves = [chosen.get(index) for index in range(size)]
    knots = tuple(curve.efforts if isinstance(curve, Points) else () for curve in curves)
    return Action(lever, present, CurveSet(curves), knots)


def _migrations(moves: dict[tuple[int, int], list[tuple[int, Curve]]], size: int) -> tuple[Migration, ...]:
    """The first destination that a lever moves each segment's customers to, then the second, and so on."""
    layers: dict[tuple[int, int], dict[int, tuple[int, Curve]]] = defaultdict(dict)
    for (lever, index), targets in moves.items():
        for layer, target in enumerate(targets):
            layers[lever, layer][index] = target
    found = []
    for (lever, _), chosen in layers.items():
        position = np.zeros(size, dtype=np.int64)
        position[list(chosen)] = [column for column, _ in chosen.values()]
        found.append(Migration(_action(lever, {index: curve for index, (_, curve) in chosen.items()}, size), position))
    return tuple(found)
