"""Resources, and the levers and channels that use them."""

from __future__ import annotations

from allocator.domain.checks.known import Known, check_name
from allocator.domain.checks.movement import TOLERANCE
from allocator.domain.curves import Adbudg, Curve, Exponential, Linear, Points
from allocator.domain.errors import MistakeList, Path

MONEY = "money"
"""The input of a channel that is no pool."""


def check_resources(known: Known, found: MistakeList) -> None:
    """No two resources of a pool serve the same unit, and none is taken for money."""
    model = known.model
    seen: dict[tuple[str, str], str] = {}
    for name, resource in model.resources.items():
        pool = model.pool_of(name)
        if pool == MONEY:
            path: Path = ("model", "resources", name)
            found.add(path, "a pool cannot be called `money`, which is a channel's cash", expected="another name")
        first = seen.setdefault((pool, resource.unit), name)
        if first != name:
            where = f"in the unit `{resource.unit}`" if resource.unit else "without a unit"
            message = f"`{name}` and `{first}` are both {where} in the pool `{pool}`"
            found.add(("model", "resources", name), message, expected="different units or pools")


def check_resource_units(known: Known, found: MistakeList) -> None:
    """A resource serves a unit that some segment lies in."""
    for name, resource in known.model.resources.items():
        if resource.unit:
            known.check_where(found, ("model", "resources", name), {"unit": (resource.unit,)})


def check_levers(known: Known, found: MistakeList) -> None:
    """Levers reach somebody, and all they reach can be served."""
    for name, lever in known.model.levers.items():
        path: Path = ("model", "levers", name)
        known.check_where(found, (*path, "where"), lever.where)
        segments = {segment.name: segment.unit for segment in known.selected(lever.where)}
        for pool, hours in lever.uses.items():
            if hours > 0.0:
                _check_served(known, found, (*path, "uses", pool), pool, segments)
            else:
                check_name(found, (*path, "uses", pool), "pool", pool, known.pools)


def check_channels(known: Known, found: MistakeList) -> None:
    """Channels draw on pools that exist and lead into segments that exist."""
    model = known.model
    for name, channel in model.channels.items():
        path: Path = ("model", "channels", name)
        known.check_where(found, (*path, "where"), channel.where)
        if channel.input != MONEY and check_name(
            found, (*path, "input"), "pool", channel.input, {MONEY: None, **known.pools}
        ):
            unit = model.channel_unit(name)
            if channel.input not in known.misplaced and model.serving(channel.input, unit) is None:
                where = f"the unit `{unit}`" if unit else "a channel without a unit"
                found.add((*path, "input"), f"no resource of the pool `{channel.input}` serves {where}")
        for segment in channel.into:
            known.check_segment(found, (*path, "into", segment), segment)
        total = sum(channel.into.values())
        if total > 1.0 + TOLERANCE:
            found.add((*path, "into"), f"the shares of `into` add up to {total:.10g}", expected="at most 1")
        arrivals = {name: known.segments[name].unit for name in channel.into if name in known.segments}
        for pool in channel.uses:
            _check_served(known, found, (*path, "uses", pool), pool, arrivals)
        if _lowest(channel.response) < 0.0:
            found.add((*path, "response"), "`response` goes below 0", expected="0 or more new customers")


def _check_served(known: Known, found: MistakeList, path: Path, pool: str, segments: dict[str, str]) -> None:
    """The pool exists and serves each of ``segments`` (name -> unit), as far as the units of its resources exist."""
    if not check_name(found, path, "pool", pool, known.pools) or pool in known.misplaced:
        return
    served = {unit: known.model.serving(pool, unit) is not None for unit in set(segments.values())}
    unserved = [name for name, unit in segments.items() if not served[unit]]
    if unserved:
        listed = ", ".join(f"`{name}`" for name in unserved[:5]) + (", ..." if len(unserved) > 5 else "")
        found.add(path, f"no resource of the pool `{pool}` serves {listed}", expected="a resource for their units")


def _lowest(curve: Curve) -> float:
    """The lowest value of a curve over all efforts from 0 (for a falling line, its slope)."""
    match curve:
        case Adbudg():
            return min(curve.low, curve.high)
        case Exponential():
            return min(curve.high, 0.0)
        case Linear():
            return min(curve.slope, 0.0)
        case Points():
            return min(curve.values)
