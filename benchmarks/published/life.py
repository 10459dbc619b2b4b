"""Cases about customer histories and teams, and what stands for them where a package or a feature is missing."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from benchmarks.published.check import Check, Findings, NotExpressed, facts


def cdnow() -> Findings:
    """BG/NBD by the `statistics` extra, on the purchase summaries that its package carries."""
    case = facts("cdnow")
    title = "Fader, Hardie and Lee, CDNOW"
    if find_spec("lifetimes") is None:
        yield NotExpressed(title, "BG/NBD parameters", "needs the extra `statistics`, which is not installed here")
        return
    summary = import_module("lifetimes.datasets").load_cdnow_summary()
    yield Check(title, "customers", case["data"]["rows"], len(summary), 0)
    fitted = import_module("lifetimes").BetaGeoFitter().fit(summary["frequency"], summary["recency"], summary["T"])
    for name, expected in case["answers"][0]["published"].items():
        yield Check(title, name, expected, float(fitted.params_[name]), 0.001)


def staffing() -> Findings:
    """People, jobs and days."""
    yield NotExpressed(
        "CompuOpti, skilled staff to projects",
        "profit 65",
        "whole jobs with due dates, made of days of named people, each at one job a day: a roster, not a treatment "
        "of segments",
    )
