"""Customers period by period, within capacity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocator.domain.errors import InternalError
from allocator.evaluation.arrays import Bools, Floats, sums
from allocator.evaluation.channels import ChannelFlow
from allocator.evaluation.instance import Instance
from allocator.evaluation.treatments import Treatments

FITS = 1e-6
"""Relative overuse of a capacity that still counts as fitting (numerical dust of a solver)."""
DUST_HOURS = 1e-9


@dataclass(frozen=True, slots=True)
class Flow:
    """Where the customers are and who is treated."""

    customers: Floats
    """[S,T+1] at the start of each period, the last being the end of the horizon."""
    acquired: Floats
    """[S,T+1] of these, customers who came to us in the period before: from other owners or by channels."""
    share: Floats
    """[K] share of the cell that each treatment gets, after scaling."""
    served: Floats
    """[K] customers that each treatment gets."""
    rest: Floats
    """[S,T] share of the cell that gets no effort."""
    used: Floats
    """[R,T] hours or units."""
    scaled: tuple[str, ...]


def follow(instance: Instance, treatments: Treatments, channels: ChannelFlow, most: Floats, repair: bool) -> Flow:
    """Let customers flow through the treatments.

    ``most`` [R,T] is the capacity. With ``repair``, treatments and channels that use a resource beyond it
    are scaled to what fits, and the share taken from a treatment gets no effort; ``channels`` is changed
    accordingly.
    """
    segments, periods = len(instance.segments), instance.horizon
    customers, acquired = np.zeros((segments, periods + 1)), np.zeros((segments, periods + 1))
    customers[:, 0] = instance.customers
    share, served = treatments.share.copy(), np.zeros_like(treatments.share)
    rest, used = np.ones((segments, periods)), np.zeros((len(instance.resources.names), periods))
    scaled: list[str] = []
    for t in range(periods):
        here = treatments.of(t)
        present = customers[treatments.segment[here], t]
        if repair:
            crew = _Crew(treatments.hours[here], share[here], present, channels, t)
            scaled += _fit(instance, crew, most[:, t])
        served[here] = share[here] * present
        used[:, t] = served[here] @ treatments.hours[here] + channels.hours(t)
        rest[:, t] = np.maximum(1.0 - sums(treatments.segment[here], share[here], segments), 0.0)
        arrive, ours = _move(instance, treatments, t, served[here], rest[:, t] * customers[:, t])
        new = channels.new[:, t] @ instance.channels.into
        customers[:, t + 1] = arrive + new
        acquired[:, t + 1] = np.where(instance.ours, ours + new, 0.0)
    return Flow(customers, acquired, share, served, rest, used, tuple(scaled))


def _move(instance: Instance, treatments: Treatments, t: int, served: Floats, idle: Floats) -> tuple[Floats, Floats]:
    """Customers in each segment one period later, and those of them who come from other owners, [S] each."""
    here, size = treatments.of(t), len(instance.segments) + 1
    origin = np.concatenate([treatments.segment[here], np.arange(size - 1)])
    movers = np.concatenate([served, idle])
    probability = np.concatenate([treatments.probability[here], instance.baseline.probability[t]])
    moved = movers[:, None] * probability
    destinations = instance.destinations[origin]
    arrive = sums(destinations.ravel(), moved.ravel(), size)[:-1]
    foreign = ~instance.ours[origin]
    won = sums(destinations[foreign].ravel(), moved[foreign].ravel(), size)[:-1]
    return arrive, won


def over(used: Floats, most: Floats) -> Bools:
    """Whether capacity is exceeded by more than numerical dust."""
    return np.asarray(used > np.maximum(most, 0.0) * (1.0 + FITS) + DUST_HOURS, dtype=bool)


@dataclass(frozen=True, slots=True)
class _Crew:
    """All that uses resources in one period; ``share`` and ``channels`` are changed in place."""

    hours: Floats
    """[K,R] per customer."""
    share: Floats
    """[K]"""
    present: Floats
    """[K] customers of the treatment's segment."""
    channels: ChannelFlow
    period: int

    def used(self) -> Floats:
        """[R] hours or units."""
        return np.asarray((self.share * self.present) @ self.hours + self.channels.hours(self.period), dtype=float)

    def cut(self, resource: int, factor: float) -> None:
        """Scale what uses a resource."""
        self.share[self.hours[:, resource] > 0.0] *= factor
        self.channels.scale(resource, self.period, factor)


def _fit(instance: Instance, crew: _Crew, most: Floats) -> list[str]:
    """Scale the use of resources in one period until nothing is over-used, and say what was done.

    The worst overuse is cured first: what is then taken from one resource often frees another, and no
    treatment is cut more than needed. Each pass cures one resource for good, because later passes only
    take away; a few more are allowed for channels whose curve falls with the stock.
    """
    asked = crew.used()
    scaled: dict[int, float] = {}
    for _ in range(4 * len(most) + 1):
        used = crew.used()
        worst = _worst(used, most)
        if worst is None:
            return [_sentence(instance, r, crew.period, (asked[r], most[r], factor)) for r, factor in scaled.items()]
        factor = max(float(most[worst]), 0.0) / float(used[worst])
        crew.cut(worst, factor)
        scaled[worst] = scaled.get(worst, 1.0) * factor
    raise InternalError(f"scaling to capacity did not end in period {crew.period + 1}")


def _worst(used: Floats, most: Floats) -> int | None:
    exceeded = over(used, most)
    if not exceeded.any():
        return None
    ratio = np.where(exceeded, used / np.maximum(most, 1e-300), 0.0)
    return int(ratio.argmax())


def _sentence(instance: Instance, resource: int, period: int, figures: tuple[float, float, float]) -> str:
    """``figures``: hours asked for, hours there, factor."""
    asked, most, factor = figures
    name = instance.resources.names[resource]
    return (
        f"`{name}` in period {period + 1}: the plan asks for {asked:,.6g} and {max(most, 0.0):,.6g} are there; "
        f"what uses it was scaled to {factor:.1%}"
    )
