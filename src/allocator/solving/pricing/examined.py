"""What is known of boxes of effort while they are looked at."""

from __future__ import annotations

from dataclasses import dataclass, fields

from allocator.response.arrays import BoolArray, FloatArray, IntArray
from allocator.solving.pricing.boxes import BoxSet


@dataclass(slots=True)
class Examined:
    """What is known of K boxes under examination.

    slope_low, slope_high: [K, L] range of the gradient of the smooth part; steep: where it is infinite.
    toll: [K] charge per contact; tight: [K] whether contacts_max cuts into the box.
    centre, loss: [K, L] point of the mean-value bound and what each lever adds to it.
    variant: [K] programmes used at that point; open_loss: [K, G] what each undecided programme adds.
    rest: [K] steps, needs, constant and rounding; doubt: [K, L] by how much undecided steps of a lever swing.
    lever, place: [K] along which lever, and at which effort, boxes are best cut; -1 where that is not known.
    """

    boxes: BoxSet
    slope_low: FloatArray
    slope_high: FloatArray
    toll: FloatArray
    tight: BoolArray
    centre: FloatArray
    loss: FloatArray
    variant: IntArray
    open_loss: FloatArray
    rest: FloatArray
    doubt: FloatArray
    steep: BoolArray
    lever: IntArray
    place: FloatArray

    def take(self, rows: BoolArray) -> Examined:
        """Only the given boxes."""
        arrays = (getattr(self, part.name)[rows] for part in fields(self) if part.name != "boxes")
        return Examined(self.boxes.take(rows), *arrays)
