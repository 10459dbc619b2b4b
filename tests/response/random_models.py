"""Random small businesses that use every kind of curve and effect, measured rows, periods and programmes."""

from __future__ import annotations

import numpy as np

from allocator.domain.curves import Adbudg, Curve, Exponential, Linear, Points
from allocator.domain.model import (
    Continuous,
    Levels,
    Lever,
    Model,
    Programme,
    Response,
    Segment,
    Transition,
    TreatedTransition,
)

MAX_EFFORT = 4.0


def random_curve(rng: np.random.Generator, *, size: float = 1.5) -> Curve:
    high = float(rng.normal(0.3, size))
    match rng.integers(5):
        case 0:
            return Adbudg(low=float(rng.normal(0, 0.1)), high=high, half=float(rng.uniform(0.2, 3)), shape=0.7)
        case 1 | 2:
            return Adbudg(high=high, half=float(rng.uniform(0.2, 3)), shape=float(rng.uniform(1.0, 6.0)))
        case 3:
            return Exponential(high=high, rate=float(rng.uniform(0.1, 3)))
        case _ if rng.random() < 0.5:
            return Linear(slope=high / 3)
    efforts = np.sort(rng.choice(np.arange(0, 17), 4, replace=False)) / 4.0
    return Points(efforts=tuple(efforts.tolist()), values=tuple(rng.normal(0.2, size, 4).tolist()))


def _row(rng: np.random.Generator, segments: int) -> dict[str, float]:
    reachable = rng.choice(segments, int(rng.integers(1, segments + 1)), replace=False)
    chances = rng.dirichlet(np.ones(len(reachable) + 1))
    chances = chances[:-1] if rng.random() < 0.7 else chances[:-1] / chances[:-1].sum()
    return {f"s{place}": float(min(1.0, chance)) for place, chance in zip(reachable, chances, strict=True)}


def _transitions(rng: np.random.Generator, segments: int) -> list[Transition]:
    rows = []
    for origin in range(segments):
        stated = [(None, _row(rng, segments))]
        if rng.random() < 0.3:
            stated.append((2, _row(rng, segments)))
        for period, row in stated:
            whole = {**dict.fromkeys(stated[0][1], 0.0), **row}
            rows += [
                Transition(**{"from": f"s{origin}", "to": to, "probability": chance, "period": period})
                for to, chance in whole.items()
            ]
    return rows


def _responses(rng: np.random.Generator, levers: int, segments: int) -> list[Response]:
    rows = []
    for lever in range(levers):
        for effect, chance in [("retention", 0.8), ("acquisition", 0.6), ("margin", 0.5), ("margin_add", 0.3)]:
            if rng.random() < chance:
                rows.append(Response(lever=f"l{lever}", effect=effect, curve=random_curve(rng)))
            if rng.random() < 0.3:
                rows.append(Response(lever=f"l{lever}", effect=effect, curve=random_curve(rng), segment="s0"))
        for to in range(segments):
            if rng.random() < 0.25:
                curve = random_curve(rng)
                rows.append(Response(lever=f"l{lever}", effect="migration", to=f"s{to}", curve=curve))
    return rows


def random_model(
    rng: np.random.Generator, *, levers: int = 3, segments: int = 4, discrete: float = 0.2, programmes: bool = True
) -> Model:
    """``discrete`` is the chance that a lever has levels."""
    efforts = [
        Levels(levels=(0, 1, 2.5)) if rng.random() < discrete else Continuous(max=MAX_EFFORT) for _ in range(levers)
    ]
    business = [
        Segment(
            segment=f"s{place}",
            customers=100.0,
            margin=float(rng.normal(5, 5)),
            owner="us" if rng.random() < 0.7 else "rival",
            tier="gold" if place % 2 else "silver",
            contacts_max=5.0 if rng.random() < 0.3 else None,
        )
        for place in range(segments)
    ]
    measured = [
        TreatedTransition(**{"lever": "l0", "effort": effort, "from": "s1", "to": to, "probability": chance})
        for effort in (1.0, 3.0)
        for to, chance in _row(rng, segments).items()
        if rng.random() < 0.9
    ]
    capabilities = {
        "boosting": Programme(function="sales", boosts={"l0": 1.5}, saves={"l0": 0.5, f"l{levers - 1}": 0.8}),
        "launch": Programme(function="sales", unlocks=(f"l{levers - 1}",)),
    }
    return Model(
        model="random",
        period="quarter",
        discount_rate=0.1,
        segments=tuple(business),
        transitions=tuple(_transitions(rng, segments)),
        treated=tuple(measured) if rng.random() < 0.5 else (),
        levers={
            f"l{place}": Lever(
                function="sales",
                effort=effort,
                contacts=float(place == 0) + 0.5,
                where={"tier": "gold"} if rng.random() < 0.2 else {},
            )
            for place, effort in enumerate(efforts)
        },
        responses=tuple(_responses(rng, levers, segments)),
        programmes=capabilities if programmes else {},
    )
