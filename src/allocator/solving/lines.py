"""Channels in the master: lines added where the plan lies, and ranges cut where a curve is not concave.

The program keeps each channel's answer between lines over the envelopes of its curve, so it is a
relaxation and its bound is valid. Where a solution lies off the curve, either a line is missing, and is
added, or the curve bends away from its envelope there; then the range is cut in two, each part with
envelopes of its own and a binary that says which part the stock is in.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy import sparse

from allocator.formulation.entries import ChannelCell
from allocator.formulation.envelope import Envelope, Line, Side
from allocator.formulation.instance import Floats
from allocator.formulation.ledger import Ledger
from allocator.solving.master import Master

TOLERANCE = 1e-6
"""Distance from the curve, as a share of the channel's largest answer, that counts as on it."""
_EDGE = 1e-6
_SIDES: tuple[tuple[Side, float], ...] = (("above", 1.0), ("below", -1.0))


@dataclass(slots=True)
class _Piece:
    """A part of a channel's range: columns of its binary, stock and answer, and the row of its upper end."""

    low: float
    high: float
    chosen: int
    stock: int
    answer: int
    upper_row: int
    envelope: Envelope


@dataclass(slots=True)
class _Channel:
    """A channel in a period: its columns, the units of stock and answer, and its pieces once it is cut."""

    cell: ChannelCell
    spend: int
    stock: int
    answer: int
    use: int | None
    stock_unit: float
    answer_unit: float
    idle: float
    """Answer at stock 0."""
    pieces: list[_Piece] = field(default_factory=list)
    links: tuple[int, int, int] = (-1, -1, -1)

    def at(self, value: Floats) -> tuple[float, float, float]:
        """Natural stock and answer, and how far the channel is in use (1 where it has no switch)."""
        use = 1.0 if self.use is None or not self.cell.switched else float(value[self.use])
        return float(value[self.stock]) * self.stock_unit, float(value[self.answer]) * self.answer_unit, use

    def curve(self, stock: float) -> float:
        """The exact answer."""
        return self.cell.envelope.value(stock)


class Lines:
    """The lines and cuts of all channels of a master program."""

    def __init__(self, ledger: Ledger, master: Master) -> None:
        self.master = master
        self.channels: list[_Channel] = []
        for cell in ledger.channels.values():
            channel = self._channel(cell)
            if channel is not None:
                self.channels.append(channel)

    def _channel(self, cell: ChannelCell) -> _Channel | None:
        program = self.master.program
        numbers = [program.column(variable) for variable in (cell.spend, cell.stock, cell.answer)]
        if any(number is None for number in numbers):
            return None
        spend, stock, answer = (int(number or 0) for number in numbers)
        use = program.column(cell.use) if cell.use is not None else None
        units = program.column_unit
        idle = cell.envelope.value(0.0)
        return _Channel(cell, spend, stock, answer, use, float(units[stock]), float(units[answer]), idle)

    # Measuring ----------------------------------------------------------------------------------------

    def off(self, value: Floats) -> float:
        """Largest distance of an answer from its curve, as a share of the channel's unit of answer."""
        return max((self._distance(channel, value) for channel in self.channels), default=0.0)

    @staticmethod
    def _distance(channel: _Channel, value: Floats) -> float:
        stock, answer, _ = channel.at(value)
        return abs(answer - channel.curve(stock)) / channel.answer_unit

    def exact(self, value: Floats) -> tuple[list[int], Floats]:
        """Columns to hold and where, so that spends stay and every answer is on its curve."""
        columns: list[int] = []
        held: list[float] = []
        stocks: dict[str, float] = {}
        for channel in self.channels:
            carryover = self.master.instance.channels[channel.cell.name].carryover
            spend = max(0.0, float(value[channel.spend]))
            natural = spend * float(self.master.program.column_unit[channel.spend])
            stocks[channel.cell.name] = natural + carryover * stocks.get(channel.cell.name, 0.0)
            columns += [channel.spend, channel.answer]
            held += [spend, channel.curve(stocks[channel.cell.name]) / channel.answer_unit]
        return columns, np.array(held)

    def ends(self, value: Floats, tolerance: float = TOLERANCE) -> list[tuple[int, float, float]]:
        """(spend column, lower and upper end of the stretch where the envelope is off the curve), scaled, for
        each channel that lies on such a stretch, the farthest off first: a good plan is at an end of it."""
        found = []
        for channel in self.channels:
            stock, answer, use = channel.at(value)
            distance = (answer - channel.curve(stock)) / channel.answer_unit
            if distance > tolerance and use > 0.5 and channel.stock == channel.spend and not channel.pieces:
                low, high = channel.cell.envelope.stretch(stock)
                found.append((-distance, channel.spend, low / channel.stock_unit, high / channel.stock_unit))
        return [(column, low, high) for _, column, low, high in sorted(found)]

    # Lines --------------------------------------------------------------------------------------------

    def refine(self, value: Floats, tolerance: float = TOLERANCE) -> int:
        """Add a line wherever a solution lies outside an envelope; returns how many were added."""
        rows: list[tuple[list[int], list[float], float, float]] = []
        for channel in self.channels:
            if channel.pieces:
                for piece in channel.pieces:
                    rows.extend(self._piece_lines(channel, piece, value, tolerance))
            else:
                rows.extend(self._whole_lines(channel, value, tolerance))
        self.master.add_rows(rows)
        return len(rows)

    def _whole_lines(
        self, channel: _Channel, value: Floats, tolerance: float
    ) -> list[tuple[list[int], list[float], float, float]]:
        stock, answer, use = channel.at(value)
        if use <= 1e-7:
            return []
        beyond = answer - use * channel.curve(stock / use) - (1.0 - use) * channel.idle
        if abs(beyond) <= tolerance * channel.answer_unit:
            return []
        side, sign = _SIDES[0 if beyond > 0.0 else 1]
        line = channel.cell.envelope.line(stock / use, side)
        allowed = use * line.at(stock / use) + (1.0 - use) * channel.idle
        if sign * (answer - allowed) <= tolerance * channel.answer_unit:
            return []
        return [self._row(channel, line, sign, channel.stock, channel.answer, None)]

    def _piece_lines(
        self, channel: _Channel, piece: _Piece, value: Floats, tolerance: float
    ) -> list[tuple[list[int], list[float], float, float]]:
        chosen = float(value[piece.chosen])
        if chosen <= 1e-7:
            return []
        stock, answer = float(value[piece.stock]) * channel.stock_unit, float(value[piece.answer]) * channel.answer_unit
        found = []
        for side, sign in _SIDES:
            line = piece.envelope.line(stock / chosen, side)
            if sign * (answer - chosen * line.at(stock / chosen)) > tolerance * channel.answer_unit:
                found.append(self._row(channel, line, sign, piece.stock, piece.answer, piece.chosen))
        return found

    @staticmethod
    def _row(
        channel: _Channel, line: Line, sign: float, stock: int, answer: int, chosen: int | None
    ) -> tuple[list[int], list[float], float, float]:
        """answer - slope x stock - intercept x (switch or 1) <= 0, or >= 0 below the curve."""
        unit = channel.answer_unit
        columns, values = [answer, stock], [1.0, -line.slope * channel.stock_unit / unit]
        right = line.intercept / unit
        if chosen is not None:
            columns.append(chosen)
            values.append(-right)
            right = 0.0
        elif channel.cell.switched and channel.use is not None:
            columns.append(channel.use)
            values.append((channel.idle - line.intercept) / unit)
            right = channel.idle / unit
        return columns, values, (-np.inf if sign > 0 else right), (right if sign > 0 else np.inf)

    # Cuts ---------------------------------------------------------------------------------------------

    def cut(self, value: Floats, tolerance: float = TOLERANCE, most: int = 25) -> int:
        """Cut the ranges of the channels farthest off their curves; returns how many were cut."""
        far = [(self._distance(channel, value), number) for number, channel in enumerate(self.channels)]
        chosen = sorted((entry for entry in far if entry[0] > tolerance), reverse=True)[:most]
        return sum(self._cut_at(self.channels[number], value) for _, number in chosen)

    def _cut_at(self, channel: _Channel, value: Floats) -> bool:
        stock, _, use = channel.at(value)
        if use <= 1e-7:
            return False
        if not channel.pieces:
            low, high = channel.cell.envelope.low, channel.cell.envelope.high
            if not self._inside(stock, low, high):
                return False
            self._open(channel)
            self._add_piece(channel, low, stock)
            self._add_piece(channel, stock, high)
            return True
        for piece in channel.pieces:
            if value[piece.chosen] > 0.5:
                if not self._inside(stock, piece.low, piece.high):
                    return False
                high, piece.high = piece.high, stock
                piece.envelope = Envelope(channel.cell.envelope.curve, piece.low, stock)
                self.master.solver.change(piece.upper_row, piece.chosen, -stock / channel.stock_unit)
                self._add_piece(channel, stock, high)
                return True
        return False

    @staticmethod
    def _inside(stock: float, low: float, high: float) -> bool:
        return low + _EDGE * (high - low) < stock < high - _EDGE * (high - low)

    def _open(self, channel: _Channel) -> None:
        """Rows that tie the channel to its pieces: one is chosen, stocks and answers add up."""
        switched = channel.cell.switched and channel.use is not None
        whole: tuple[list[int], list[float]] = ([], [])
        answer: tuple[list[int], list[float]] = ([channel.answer], [1.0])
        idle = channel.idle / channel.answer_unit
        if switched and channel.use is not None:
            whole = ([channel.use], [-1.0])
            answer = ([channel.answer, channel.use], [1.0, idle])
        side, offset = (0.0 if switched else 1.0), (idle if switched else 0.0)
        rows = [
            (*whole, side, side),
            ([channel.stock], [1.0], 0.0, 0.0),
            (*answer, offset, offset),
        ]
        first, second, third = self.master.add_rows(rows).tolist()
        channel.links = (first, second, third)

    def _add_piece(self, channel: _Channel, low: float, high: float) -> None:
        solver = self.master.solver
        entries = sparse.csc_array(
            (np.array([1.0, -1.0, -1.0]), (np.array(channel.links), np.arange(3))), shape=(solver.rows, 3)
        )
        lower, upper = np.array([0.0, 0.0, -np.inf]), np.array([1.0, np.inf, np.inf])
        chosen, stock, answer = solver.add_columns(entries, np.zeros(3), lower, upper).tolist()
        self.master.integer_columns = np.append(self.master.integer_columns, chosen)
        unit = channel.stock_unit
        rows = [
            ([stock, chosen], [1.0, -high / unit], -np.inf, 0.0),
            ([stock, chosen], [1.0, -low / unit], 0.0, np.inf),
        ]
        envelope = Envelope(channel.cell.envelope.curve, low, high)
        for side, sign in _SIDES:
            for point in (low, 0.5 * (low + high), high):
                rows.append(self._row(channel, envelope.line(point, side), sign, stock, answer, chosen))
        upper_row = int(self.master.add_rows(rows)[0])
        channel.pieces.append(_Piece(low, high, chosen, stock, answer, upper_row, envelope))
