"""What a shock set looks like, for the planner's eye."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from allocator.uncertainty.shocks import Array, ShockSet


def describe(shocks: ShockSet) -> pd.DataFrame:
    """One row per group of segments: what its factors are like over scenarios and periods.

    Columns: ``group``; ``segments`` (how many); ``mean``, ``standard_deviation``, ``lowest``, ``highest``
    of the factor; ``volatility`` (standard deviation of its logarithm); ``correlation`` (of its logarithm
    with the other groups', on average); ``autocorrelation`` (of its logarithm from period to period; missing
    where factors are persistent). Logarithmic figures are missing where a factor is 0 or nothing varies.
    A rare event that hits part of a group shows in the segments it hits, so a group is described by the
    mean of its segments' factors.
    """
    labels, factor = _by_group(shocks)
    logarithm = np.log(factor, out=np.full_like(factor, np.nan), where=factor > 0.0)
    between = _correlations(logarithm, shocks.probability)
    return pd.DataFrame(
        {
            "group": labels,
            "segments": [shocks.groups.count(label) for label in labels],
            "mean": _mean(factor, shocks.probability),
            "standard_deviation": _deviation(factor, shocks.probability),
            "volatility": _deviation(logarithm, shocks.probability),
            "lowest": factor.min(axis=(0, 2)),
            "highest": factor.max(axis=(0, 2)),
            "correlation": [_mean_of_others(row, position) for position, row in enumerate(between)],
            "autocorrelation": _autocorrelation(logarithm, shocks),
        }
    )


def staying(shocks: ShockSet) -> ShockSet | None:
    """The factors on the odds of staying in the place of those on margins, to be described like these: of the
    segments that they touch, over periods 1..T. None where they touch none."""
    touched = np.flatnonzero((shocks.odds != 1.0).any(axis=(0, 2)))
    if not len(touched):
        return None
    return replace(
        shocks,
        factor=shocks.odds[:, touched],
        keep_factor=None,
        segments=tuple(shocks.segments[place] for place in touched),
        groups=tuple(shocks.groups[place] for place in touched),
    )


def correlations(shocks: ShockSet) -> pd.DataFrame:
    """Correlation between the logarithms of the groups' factors, in one period and averaged over periods.

    Rows and columns are groups; missing where a factor is 0 or does not vary.
    """
    labels, factor = _by_group(shocks)
    logarithm = np.log(factor, out=np.full_like(factor, np.nan), where=factor > 0.0)
    return pd.DataFrame(_correlations(logarithm, shocks.probability), index=labels, columns=labels)


def histogram(shocks: ShockSet, bins: int = 30) -> pd.DataFrame:
    """Plain data of a histogram of each group's factor over scenarios and periods.

    Columns: ``group``, ``low``, ``high`` (ends of the bin, the same for all groups), ``probability``.
    """
    labels, factor = _by_group(shocks)
    ends = np.histogram_bin_edges(factor, bins=bins)
    weights = np.repeat(shocks.probability, factor.shape[2]) / factor.shape[2]
    frames = []
    for position, label in enumerate(labels):
        probability, _ = np.histogram(factor[:, position].ravel(), bins=ends, weights=weights)
        frames.append(pd.DataFrame({"group": label, "low": ends[:-1], "high": ends[1:], "probability": probability}))
    return pd.concat(frames, ignore_index=True)


def as_table(shocks: ShockSet) -> pd.DataFrame:
    """The shocks as a table that `risk: {shocks: ...}` reads: ``scenario,probability,segment[,period],factor``,
    and `keep_factor` where the odds of staying vary.

    There is a row for every segment, and for every period to T+1 where the factors vary over the periods.
    """
    factor = shocks.factor[:, :, :1] if shocks.persistent else shocks.factor
    scenarios, segments, periods = factor.shape
    columns = {
        "scenario": np.repeat(np.array(shocks.names, dtype=object), segments * periods),
        "probability": np.repeat(shocks.probability, segments * periods),
        "segment": np.tile(np.repeat(np.array(shocks.segments, dtype=object), periods), scenarios),
        "period": np.tile(np.arange(1, periods + 1), scenarios * segments),
        "factor": factor.ravel(),
    }
    if shocks.keep_factor is not None:
        columns["keep_factor"] = _odds_column(shocks, periods)
    if shocks.persistent:
        del columns["period"]
    return pd.DataFrame(columns)


def _odds_column(shocks: ShockSet, periods: int) -> Array:
    """Factors on the odds of staying, missing where they change nothing and after the horizon."""
    scenarios, segments, moves = shocks.odds.shape
    column = np.full((scenarios, segments, periods), np.nan)
    column[:, :, :moves] = shocks.odds[:, :, :periods]
    return np.where(column == 1.0, np.nan, column).ravel()


def _by_group(shocks: ShockSet) -> tuple[list[str], Array]:
    """Group labels and the mean factor of each group's segments, [W, G, T+1] ([W, G, 1] if persistent)."""
    labels = list(dict.fromkeys(shocks.groups))
    varying = shocks.factor[:, :, :1] if shocks.persistent else shocks.factor
    members = [[position for position, group in enumerate(shocks.groups) if group == label] for label in labels]
    return labels, np.stack([varying[:, positions, :].mean(axis=1) for positions in members], axis=1)


def _mean(values: Array, probability: Array) -> Array:
    return np.asarray(np.einsum("w,wgt->gt", probability, values).mean(axis=1))


def _deviation(values: Array, probability: Array) -> Array:
    centred = values - np.einsum("w,wgt->gt", probability, values)
    return np.sqrt(_mean(centred**2, probability))


def _correlations(logarithm: Array, probability: Array) -> Array:
    centred = logarithm - np.einsum("w,wgt->gt", probability, logarithm)
    covariance = np.einsum("w,wgt,wht->tgh", probability, centred, centred)
    deviation = np.sqrt(np.einsum("tgg->tg", covariance))
    scale = deviation[:, :, None] * deviation[:, None, :]
    ratio = np.divide(covariance, scale, out=np.full_like(covariance, np.nan), where=scale > 1e-18)
    return np.asarray(ratio.mean(axis=0))


def _mean_of_others(row: Array, position: int) -> float:
    others = np.delete(row, position)
    return float(others.mean()) if len(others) else float("nan")


def _autocorrelation(logarithm: Array, shocks: ShockSet) -> Array:
    missing = np.full(logarithm.shape[1], np.nan)
    if shocks.persistent or logarithm.shape[2] < 2:
        return missing
    centred = logarithm - np.einsum("w,wgt->gt", shocks.probability, logarithm)
    product = _mean(centred[:, :, 1:] * centred[:, :, :-1], shocks.probability)
    variance = _mean(centred**2, shocks.probability)
    return np.asarray(np.divide(product, variance, out=missing, where=variance > 1e-18))
