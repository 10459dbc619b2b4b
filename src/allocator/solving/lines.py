"""Channels in the master: lines added where the plan lies, and ranges cut where a curve is not concave.

The program keeps each channel's answer between lines over the envelopes of its curve, so it is a
relaxation and its bound is valid:

    above     answer[c,t] <= a supporting line of the curve's concave envelope
    below     answer[c,t] >= a supporting line of the curve's convex envelope

Where a switch forces the stock to 0, a line is tilted to pass through the curve's value at stock 0 with the switch off:

    answer - intercept x use - slope x stock - curve(0) x (1 - use)     <= 0 above, >= 0 below

Where a solution lies off the curve, either a line is missing, and is added, or the curve bends away from its envelope
there; then the range is cut in two, each part with envelopes of its own and a binary, tilting its lines, that says
which part the stock is in.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from allocator.formulation.entries import ChannelCell
from allocator.formulation.instance import Floats, Ints
from allocator.formulation.ledger import Ledger
from allocator.solving.envelopes import Envelopes
from allocator.solving.master import Master

Bools = NDArray[np.bool_]

TOLERANCE = 1e-6
"""Distance from the curve, as a share of the channel's largest answer, that counts as on it."""
_EDGE = 1e-6
_UNUSED = 1e-7
"""Part of a switch that counts as off."""
_FIRST = (0.0, 0.1, 0.25, 0.5, 1.0)
"""Parts of its range at which a curve gets its first lines above."""
_PIECE = (0.0, 0.5, 1.0)
"""The same for a part that is cut off, above and below."""


@dataclass(slots=True)
class _Parts:
    """[K] The parts of the channels' ranges, numbered as their envelopes are: the channel, the columns of stock, answer
    and switch (-1 for none), the answer with the switch off, the row of the upper end (-1 for a whole range).

    A range that has been cut is no longer ``open``: its parts stand for it.
    """

    channel: Ints
    stock: Ints
    answer: Ints
    switch: Ints
    idle: Floats
    upper_row: Ints
    open: Bools

    def append(self, channel: Ints, stock: Ints, answer: Ints, switch: Ints, upper_row: Ints) -> None:
        """Add parts with a binary of their own."""
        count = len(channel)
        self.channel, self.stock = np.append(self.channel, channel), np.append(self.stock, stock)
        self.answer, self.switch = np.append(self.answer, answer), np.append(self.switch, switch)
        self.idle = np.append(self.idle, np.zeros(count))
        self.upper_row = np.append(self.upper_row, upper_row)
        self.open = np.append(self.open, np.ones(count, dtype=bool))


class Lines:
    """The lines and cuts of all channels of a master program: arrays [C] are by ``channels``."""

    def __init__(self, ledger: Ledger, master: Master) -> None:
        self.master = master
        program = master.program
        self.channels: list[ChannelCell] = []
        columns: list[tuple[int, int, int, int]] = []
        for cell in ledger.channels.values():
            spend, stock, answer = map(program.column, (cell.spend, cell.stock, cell.answer))
            if spend is not None and stock is not None and answer is not None:
                use = program.column(cell.use) if cell.switched else None
                self.channels.append(cell)
                columns.append((spend, stock, answer, -1 if use is None else use))
        self.spend, self._stock, self.answer, self.use = np.array(columns, dtype=np.int64).reshape(-1, 4).T
        self.spend_unit = program.column_unit[self.spend]
        self._stock_unit, self.answer_unit = program.column_unit[self._stock], program.column_unit[self.answer]
        every = np.arange(len(self.channels))
        low, high = (np.array([getattr(cell, end) for cell in self.channels], dtype=float) for end in ("low", "high"))
        self.envelopes = Envelopes([cell.curve for cell in self.channels], every, low, high)
        self._idle = self.envelopes.values(every, np.zeros(len(every)))
        none, opened = np.full(len(every), -1), np.ones(len(every), dtype=bool)
        self._parts = _Parts(every, self._stock, self.answer, self.use, self._idle, none, opened)
        self._links = np.full((len(every), 3), -1)
        """[C, 3] Rows that tie a channel that has been cut to its parts."""
        self._carried = self._carryovers()
        self._begun = False

    def begin(self) -> None:
        """Add the first lines, if there are none yet."""
        if not self._begun:
            self._begun = True
            self._draw(np.arange(len(self.channels)), _FIRST, 1.0)

    def _carryovers(self) -> list[tuple[int, int, float]]:
        """(channel, the same a period before, what is carried over), in the order of periods."""
        instance, place = self.master.instance, {(cell.name, cell.period): n for n, cell in enumerate(self.channels)}
        found = []
        for number, cell in enumerate(self.channels):
            carryover, before = instance.channels[cell.name].carryover, place.get((cell.name, cell.period - 1))
            if carryover and before is not None:
                found.append((number, before, carryover))
        return found

    @property
    def plain(self) -> bool:
        """Whether every channel answers its spend alone, over its whole range."""
        return bool((self._stock == self.spend).all() and self._parts.open.all())

    # Measuring ----------------------------------------------------------------------------------------

    def _off(self, value: Floats) -> Floats:
        """[C] How far above its curve each answer is, as a share of its unit; below is negative."""
        stock, answer = value[self._stock] * self._stock_unit, value[self.answer]
        return np.asarray(answer - self.envelopes.values(np.arange(len(stock)), stock) / self.answer_unit)

    def off(self, value: Floats) -> float:
        """Largest distance of an answer from its curve, as a share of the channel's unit of answer."""
        return float(np.abs(self._off(value)).max(initial=0.0)) if self.channels else 0.0

    def exact(self, value: Floats) -> tuple[Ints, Floats]:
        """Columns to hold and where, so that spends stay and every answer is on its curve."""
        spend = np.maximum(0.0, value[self.spend])
        stock = spend * self.spend_unit
        for number, before, carryover in self._carried:
            stock[number] += carryover * stock[before]
        answer = self.envelopes.values(np.arange(len(stock)), stock) / self.answer_unit
        return np.concatenate([self.spend, self.answer]), np.concatenate([spend, answer])

    def ends(self, value: Floats, tolerance: float = TOLERANCE) -> list[tuple[int, float, float]]:
        """(spend column, lower and upper end of the stretch where the envelope is off the curve), scaled, for
        each channel that lies on such a stretch, the farthest off first: a good plan is at an end of it."""
        if not self.channels:
            return []
        distance, use = self._off(value), np.where(self.use >= 0, value[self.use], 1.0)
        whole = self._parts.open[: len(distance)] & (self._stock == self.spend)
        far = np.flatnonzero((distance > tolerance) & (use > 0.5) & whole)
        far = far[np.argsort(-distance[far], kind="stable")]
        unit = self._stock_unit[far]
        low, high = self.envelopes.stretches(far, value[self._stock[far]] * unit)
        return list(zip(self.spend[far].tolist(), (low / unit).tolist(), (high / unit).tolist(), strict=True))

    # Lines --------------------------------------------------------------------------------------------

    def refine(self, value: Floats, tolerance: float = TOLERANCE) -> int:
        """Add a line wherever a solution lies outside an envelope; returns how many were added."""
        if not self.channels:
            return 0
        parts, numbers = self._parts, np.flatnonzero(self._parts.open)
        share = np.where(parts.switch[numbers] >= 0, value[parts.switch[numbers]], 1.0)
        numbers, share = numbers[share > _UNUSED], share[share > _UNUSED]
        channel = parts.channel[numbers]
        stock, answer = value[parts.stock[numbers]], value[parts.answer[numbers]] * self.answer_unit[channel]
        stock, rest = stock * self._stock_unit[channel], (1.0 - share) * parts.idle[numbers]
        beyond = answer - share * self.envelopes.values(numbers, stock / share) - rest
        allowed = tolerance * self.answer_unit[channel]
        far = np.abs(beyond) > allowed
        numbers, side, at = numbers[far], np.where(beyond[far] > 0.0, 1.0, -1.0), stock[far] / share[far]
        intercept, slope = self.envelopes.lines(numbers, at, side)
        outside = side * (answer[far] - share[far] * intercept - slope * stock[far] - rest[far]) > allowed[far]
        self._add(numbers[outside], intercept[outside], slope[outside], side[outside])
        return int(outside.sum())

    def tangents(self, chosen: Ints, stock: Floats) -> int:
        """Add lines that touch the curves of channels at stocks [K], whether or not the curves are below them; returns
        the first of their rows, which are to be deleted."""
        first = self.master.solver.rows
        self._add(chosen, *self.envelopes.tangents(chosen, stock), np.ones(len(chosen)))
        return first

    def _draw(self, numbers: Ints, shares: tuple[float, ...], side: float) -> None:
        """Add lines at parts of the ranges; on a straight stretch one is enough."""
        low, high = self.envelopes.low[numbers], self.envelopes.high[numbers]
        several = np.repeat(numbers, len(shares))
        stock = (low[:, None] + (high - low)[:, None] * np.array(shares)).ravel()
        sides = np.full(len(several), side)
        intercept, slope = self.envelopes.lines(several, stock, sides)
        same = (np.diff(several) == 0) & (np.diff(slope) == 0.0) & (np.diff(intercept) == 0.0)
        fresh = np.concatenate([[True], ~same])[: len(several)]
        self._add(several[fresh], intercept[fresh], slope[fresh], sides[fresh])

    def _add(self, numbers: Ints, intercept: Floats, slope: Floats, side: Floats) -> None:
        """Add lines as rows: answer - slope x stock - (intercept - idle) x switch <= idle, or >= below the curve."""
        parts, channel = self._parts, self._parts.channel[numbers]
        unit, switch, idle = self.answer_unit[channel], parts.switch[numbers], parts.idle[numbers]
        switched = switch >= 0
        columns = np.column_stack([parts.answer[numbers], parts.stock[numbers], np.maximum(switch, 0)])
        tilt = np.where(switched, (idle - intercept) / unit, 0.0)
        values = np.column_stack([np.ones(len(numbers)), -slope * self._stock_unit[channel] / unit, tilt])
        right = np.where(switched, idle, intercept) / unit
        lower, upper = np.where(side > 0.0, -np.inf, right), np.where(side > 0.0, right, np.inf)
        self._rows(columns, values, lower, upper)

    def _rows(self, columns: Ints, values: Floats, lower: Floats, upper: Floats) -> Ints:
        """Append scaled rows of the same length, columns with a coefficient of 0 left out; returns their numbers."""
        there, count = values != 0.0, len(columns)
        starts = np.concatenate([[0], np.cumsum(there.sum(axis=1))])
        shape = (count, self.master.solver.columns)
        return self.master.solver.add_rows(
            sparse.csr_array((values[there], columns[there], starts), shape=shape), lower, upper
        )

    # Cuts ---------------------------------------------------------------------------------------------

    def cut(self, value: Floats, tolerance: float = TOLERANCE, most: int = 25) -> int:
        """Cut the ranges of the channels farthest off their curves; returns how many were cut."""
        if not self.channels:
            return 0
        distance, use = np.abs(self._off(value)), np.where(self.use >= 0, value[self.use], 1.0)
        far = np.argsort(-distance, kind="stable")[:most]
        far = far[(distance[far] > tolerance) & (use[far] > _UNUSED)]
        numbers = np.array([self._part(channel, value) for channel in far.tolist()], dtype=np.int64)
        stock = value[self._stock[far]] * self._stock_unit[far]
        low, high = self.envelopes.low[numbers], self.envelopes.high[numbers]
        edge = _EDGE * (high - low)
        inside = (numbers >= 0) & (low + edge < stock) & (stock < high - edge)
        far, numbers, stock, low, high = far[inside], numbers[inside], stock[inside], low[inside], high[inside]
        whole = self._parts.upper_row[numbers] < 0
        self._open(far[whole])
        self._shorten(numbers[~whole], stock[~whole])
        channels = np.concatenate([far[whole], far])
        self._add_parts(channels, np.concatenate([low[whole], stock]), np.concatenate([stock[whole], high]))
        return len(far)

    def _part(self, channel: int, value: Floats) -> int:
        """The part of a channel's range that a solution chooses; -1 for none."""
        parts = self._parts
        numbers = np.flatnonzero(parts.open & (parts.channel == channel))
        chosen = numbers[(parts.upper_row[numbers] < 0) | (value[parts.switch[numbers]] > 0.5)]
        return int(chosen[0]) if len(chosen) else -1

    def _open(self, channels: Ints) -> None:
        """Rows that tie channels to their parts: one is chosen, stocks and answers add up."""
        count, use = len(channels), self.use[channels]
        switched, none, zeros = use >= 0, np.zeros(len(channels), dtype=np.int64), np.zeros(len(channels))
        use, idle = np.maximum(use, 0), np.where(switched, self._idle[channels] / self.answer_unit[channels], 0.0)
        self._parts.open[channels] = False
        # The rows of all channels: which part, the stock, the answer.
        columns = np.column_stack(
            [np.concatenate([use, self._stock[channels], self.answer[channels]]), np.concatenate([none, none, use])]
        )
        ones = np.ones(count)
        values = np.column_stack(
            [np.concatenate([np.where(switched, -1.0, 0.0), ones, ones]), np.concatenate([zeros, zeros, idle])]
        )
        side = np.concatenate([np.where(switched, 0.0, 1.0), zeros, idle])
        self._links[channels] = self._rows(columns, values, side, side).reshape(3, -1).T

    def _shorten(self, numbers: Ints, high: Floats) -> None:
        """Let parts end sooner; what lies beyond is to be a part of its own."""
        self.envelopes.end(numbers, high)
        units = self._stock_unit[self._parts.channel[numbers]]
        for number, end in zip(numbers.tolist(), (high / units).tolist(), strict=True):
            self.master.solver.change(int(self._parts.upper_row[number]), int(self._parts.switch[number]), -end)

    def _add_parts(self, channels: Ints, low: Floats, high: Floats) -> None:
        """Append parts of ranges, each with its binary, stock, answer and first lines."""
        solver, count = self.master.solver, len(channels)
        entries = (np.tile([1.0, -1.0, -1.0], count), (self._links[channels].ravel(), np.arange(3 * count)))
        lower, upper = np.tile([0.0, 0.0, -np.inf], count), np.tile([1.0, np.inf, np.inf], count)
        block = sparse.csc_array(entries, shape=(solver.rows, 3 * count))
        added = solver.add_columns(block, np.zeros(3 * count), lower, upper)
        chosen, stock, answer = added.reshape(-1, 3).T
        self.master.integer_columns = np.append(self.master.integer_columns, chosen)
        columns, ones = np.column_stack([stock, chosen]), np.ones(count)
        unit, free = self._stock_unit[channels], np.full(count, np.inf)
        upper_row = self._rows(columns, np.column_stack([ones, -high / unit]), -free, np.zeros(count))
        self._rows(columns, np.column_stack([ones, -low / unit]), np.zeros(count), free)
        numbers = self.envelopes.append(channels, low, high)
        self._parts.append(channels, stock, answer, chosen, upper_row)
        for side in (1.0, -1.0):
            self._draw(numbers, _PIECE, side)
