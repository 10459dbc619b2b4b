"""Terms of levers, resources, channels and programmes as arrays.

Shapes use S segments, T periods, L levers, R resources, C channels, G programmes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from allocator.domain.model import Levels, Model
from allocator.domain.resources import Fixed, Labour
from allocator.domain.selection import matches
from allocator.evaluation.arrays import Bools, Floats, Ints
from allocator.response.curves import CurveSet


@dataclass(frozen=True, slots=True)
class LeverArrays:
    """Terms of the levers; money, contacts and worth are per unit of effort."""

    names: tuple[str, ...]
    max: Floats
    levels: tuple[Floats | None, ...]
    """Allowed efforts, None for a continuous lever."""
    cost: Floats
    setup: Floats
    contacts: Floats
    customer_value: Floats
    reaches: Bools
    """[L,S]"""
    hours: Floats
    """[L,S,R] hours or units of each resource per unit of effort in a segment."""
    unserved: Bools
    """[L,S] whether a pool that the lever needs has no resource for the segment."""


@dataclass(frozen=True, slots=True)
class ResourceArrays:
    """Terms of the resources, [R]; zero where a resource has no such term."""

    names: tuple[str, ...]
    labour: Bools
    headcount: Floats
    hours: Floats
    wage: Floats
    hire_cost: Floats
    release_cost: Floats
    ramp: Floats
    """[R,J] productivity that a hire lacks in the j-th period of employment, as a share."""
    overtime_share: Floats
    overtime_cost: Floats
    partner_hours: Floats
    partner_cost: Floats
    quality: Floats
    capacity: Floats
    """[R,T] of fixed resources; 0 for labour."""
    unit_cost: Floats


@dataclass(frozen=True, slots=True)
class ChannelArrays:
    """Terms of the channels."""

    names: tuple[str, ...]
    min: Floats
    max: Floats
    fixed: Floats
    carryover: Floats
    curves: CurveSet
    into: Floats
    """[C,S]"""
    input_hours: Floats
    """[C,R] 1 at the resource whose hours or units the channel's spend is; all 0 for money."""
    money: Bools
    uses_at: Floats
    """[C,S,R] hours or units per new customer who arrives in a segment."""
    uses: Floats
    """[C,R] hours or units per new customer, over the segments they arrive in."""


@dataclass(frozen=True, slots=True)
class ProgrammeArrays:
    """Terms of the programmes."""

    names: tuple[str, ...]
    cost: Floats
    running: Floats
    lead: Ints
    boosts: Floats
    """[G,L]"""
    saves: Floats
    """[G,L]"""
    relevant: Bools
    """[G,L] whether the programme boosts or saves the lever."""
    adds: Floats
    """[G,R]"""
    unlocks_lever: Bools
    """[G,L]"""
    unlocks_channel: Bools
    """[G,C]"""


def lever_arrays(model: Model, resources: tuple[str, ...]) -> LeverArrays:
    """Terms of the levers, with the hours of their pools taken from the resources that serve each segment."""
    levers = list(model.levers.values())
    shape = (len(levers), len(model.segments))
    reaches = np.array([[matches(lever.where, s.tags) for s in model.segments] for lever in levers], dtype=bool)
    hours = np.zeros((*shape, len(resources)))
    unserved = np.zeros(shape, dtype=bool)
    for index, lever in enumerate(levers):
        for pool, amount in lever.uses.items():
            for position, segment in enumerate(model.segments):
                resource = model.serving(pool, segment.unit)
                if resource is None:
                    unserved[index, position] = amount > 0.0
                else:
                    hours[index, position, resources.index(resource)] += amount
    return LeverArrays(
        names=tuple(model.levers),
        max=np.array([lever.effort.max for lever in levers], dtype=float),
        levels=tuple(np.array(x.effort.levels) if isinstance(x.effort, Levels) else None for x in levers),
        cost=np.array([lever.cost for lever in levers], dtype=float),
        setup=np.array([lever.setup for lever in levers], dtype=float),
        contacts=np.array([lever.contacts for lever in levers], dtype=float),
        customer_value=np.array([lever.customer_value for lever in levers], dtype=float),
        reaches=reaches.reshape(shape),
        hours=hours,
        unserved=unserved,
    )


def resource_arrays(model: Model, horizon: int) -> ResourceArrays:
    """Terms of the resources."""
    resources = list(model.resources.values())
    labour = [r if isinstance(r, Labour) else None for r in resources]
    fixed = [r if isinstance(r, Fixed) else None for r in resources]
    hire = [r.hire if r else None for r in labour]
    release = [r.release if r else None for r in labour]
    overtime = [r.overtime if r else None for r in labour]
    partner = [r.partner if r else None for r in labour]
    longest = max((len(h.ramp) for h in hire if h), default=0)
    ramp = np.zeros((len(resources), longest))
    capacity = np.zeros((len(resources), horizon))
    for index, (terms, stock) in enumerate(zip(hire, fixed, strict=True)):
        if terms:
            ramp[index, : len(terms.ramp)] = 1.0 - np.array(terms.ramp)
        if stock:
            given = stock.capacity
            capacity[index] = given[:horizon] if isinstance(given, tuple) else given
    return ResourceArrays(
        names=tuple(model.resources),
        labour=np.array([r is not None for r in labour], dtype=bool),
        headcount=np.array([r.headcount if r else 0 for r in labour], dtype=float),
        hours=np.array([r.hours if r else 0.0 for r in labour], dtype=float),
        wage=np.array([r.wage if r else 0.0 for r in labour], dtype=float),
        hire_cost=np.array([h.cost if h else 0.0 for h in hire], dtype=float),
        release_cost=np.array([r.cost if r else 0.0 for r in release], dtype=float),
        ramp=ramp,
        overtime_share=np.array([o.share if o else 0.0 for o in overtime], dtype=float),
        overtime_cost=np.array([o.cost if o else 0.0 for o in overtime], dtype=float),
        partner_hours=np.array([p.hours if p else 0.0 for p in partner], dtype=float),
        partner_cost=np.array([p.cost if p else 0.0 for p in partner], dtype=float),
        quality=np.array([p.quality if p else 1.0 for p in partner], dtype=float),
        capacity=capacity,
        unit_cost=np.array([f.cost if f else 0.0 for f in fixed], dtype=float),
    )


def channel_arrays(model: Model, segment_index: Mapping[str, int], resources: tuple[str, ...]) -> ChannelArrays:
    """Terms of the channels, of a model that has been checked."""
    channels = list(model.channels.values())
    into = np.zeros((len(channels), len(segment_index)))
    input_hours = np.zeros((len(channels), len(resources)))
    uses_at = np.zeros((*into.shape, len(resources)))
    for index, (name, channel) in enumerate(model.channels.items()):
        if channel.input != "money":
            source = model.serving(channel.input, model.channel_unit(name))
            assert source is not None, "checked with the input"
            input_hours[index, resources.index(source)] = 1.0
        for segment, share in channel.into.items():
            position = segment_index[segment]
            into[index, position] = share
            for pool, amount in channel.uses.items():
                served_by = model.serving(pool, model.segments[position].unit)
                assert served_by is not None, "checked with the input"
                uses_at[index, position, resources.index(served_by)] += amount
    return ChannelArrays(
        names=tuple(model.channels),
        min=np.array([channel.spend.min for channel in channels], dtype=float),
        max=np.array([channel.spend.max for channel in channels], dtype=float),
        fixed=np.array([channel.spend.fixed for channel in channels], dtype=float),
        carryover=np.array([channel.carryover for channel in channels], dtype=float),
        curves=CurveSet([channel.response for channel in channels]),
        into=into,
        input_hours=input_hours,
        money=np.array([channel.input == "money" for channel in channels], dtype=bool),
        uses_at=uses_at,
        uses=np.einsum("cs,csr->cr", into, uses_at),
    )


def programme_arrays(
    model: Model, levers: tuple[str, ...], resources: tuple[str, ...], channels: tuple[str, ...]
) -> ProgrammeArrays:
    """Terms of the programmes."""
    programmes = list(model.programmes.values())

    def factors(tables: list[Mapping[str, float]], names: tuple[str, ...], default: float) -> Floats:
        rows = [[table.get(name, default) for name in names] for table in tables]
        return np.array(rows, dtype=float).reshape(len(programmes), len(names))

    def unlocks(names: tuple[str, ...]) -> Bools:
        rows = [[name in programme.unlocks for name in names] for programme in programmes]
        return np.array(rows, dtype=bool).reshape(len(programmes), len(names))

    relevant = [[name in p.boosts or name in p.saves for name in levers] for p in programmes]
    return ProgrammeArrays(
        names=tuple(model.programmes),
        cost=np.array([programme.cost for programme in programmes], dtype=float),
        running=np.array([programme.running for programme in programmes], dtype=float),
        lead=np.array([programme.lead for programme in programmes], dtype=np.int64),
        boosts=factors([programme.boosts for programme in programmes], levers, 1.0),
        saves=factors([programme.saves for programme in programmes], levers, 1.0),
        relevant=np.array(relevant, dtype=bool).reshape(len(programmes), len(levers)),
        adds=factors([programme.adds for programme in programmes], resources, 0.0),
        unlocks_lever=unlocks(levers),
        unlocks_channel=unlocks(channels),
    )
