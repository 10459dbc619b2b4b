"""Planning by product: effort follows current sales, whoever the customers are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocator.domain.plan import Plan
from allocator.domain.scenario import Scenario
from allocator.evaluation.arrays import Floats
from allocator.policies.mechanics import Period, Setting, best_plan

COLUMNS = ("product", "product_line")
"""Columns of segments.csv that name a product line."""


def current_sales(setting: Setting) -> Floats:
    """[S] sales of our segments per period today: customers x revenue, or x margin where no revenue is given."""
    sales = [
        segment.customers * (segment.margin if segment.revenue is None else segment.revenue) if segment.ours else 0.0
        for segment in setting.instance.model.segments
    ]
    return np.asarray(np.maximum(np.array(sales), 0.0))


@dataclass(frozen=True, slots=True)
class BySales:
    """Shares by today's sales, fixed for the whole horizon.

    A product line is the segments with one value of the column `product` or `product_line`; without such a
    column each function (sales, service, marketing) is a line of its own, selling to all whom its levers
    reach. A line's effort is in proportion to its sales and goes evenly to its customers of today; channels
    share in proportion to the sales of their function.
    """

    setting: Setting

    def allot(self, period: Period) -> None:
        """Raise all items in step until hours or money run out."""
        period.fill(np.concatenate([self._lever_rates().ravel(), self._channel_rates()]))

    def _lever_rates(self) -> Floats:
        """[L,S] effort per customer, relative to the line's largest."""
        setting, sales = self.setting, current_sales(self.setting)
        customers = np.where(setting.instance.ours, setting.instance.customers, 0.0)
        lines = self._lines()
        rates = np.zeros((setting.levers, setting.segments))
        for lever, reached in enumerate(setting.instance.levers.reaches):
            for line in np.unique(lines[lever]):
                members = (lines[lever] == line) & reached
                crowd = float(customers[members].sum())
                rates[lever, members] = float(sales[members].sum()) / crowd if crowd else 0.0
        rates *= customers[None, :] > 0.0
        largest = float(rates.max(initial=0.0))
        return rates / largest if largest else rates

    def _lines(self) -> Floats:
        """[L,S] number of the product line that a segment belongs to, as a lever's function sees it."""
        setting = self.setting
        for column in COLUMNS:
            tags = [segment.extra.get(column, "") for segment in setting.instance.model.segments]
            if any(tags):
                known = sorted(set(tags))
                return np.tile([float(known.index(tag)) for tag in tags], (setting.levers, 1))
        return np.zeros((setting.levers, setting.segments))

    def _channel_rates(self) -> Floats:
        """[C] sales that the levers of the channel's function reach; all sales where it has no lever."""
        setting, sales = self.setting, current_sales(self.setting)
        model = setting.instance.model
        functions = np.array([lever.function for lever in model.levers.values()])
        rates = np.ones(setting.channels)
        for position, channel in enumerate(model.channels.values()):
            reached = setting.instance.levers.reaches[functions == channel.function].any(axis=0)
            if reached.any() and sales.sum() > 0.0:
                rates[position] = float(sales[reached].sum() / sales.sum())
        return rates


@dataclass(frozen=True, slots=True)
class ProductCentric:
    """The old view: money and people go where sales are made today."""

    name: str = "product_centric"
    title: str = "By current product sales"

    def plan(self, scenario: Scenario) -> Plan:
        """Plan in proportion to current sales."""
        return best_plan(scenario, BySales)
