"""What a policy is: a way to plan, scenario in, plan out."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from allocator.domain.errors import AllocatorError
from allocator.domain.plan import Plan
from allocator.domain.scenario import Scenario


class NotApplicable(AllocatorError):
    """A policy needs something that the scenario does not have, such as a current plan or revenues."""


@runtime_checkable
class Policy(Protocol):
    """A rival of the optimum, or the optimum itself.

    A package of your own adds one through the entry point group ``allocator.policies``: a callable
    without arguments that returns an object like this.
    """

    @property
    def name(self) -> str:
        """Short name for commands and tables, such as ``top_tier_first``."""

    @property
    def title(self) -> str:
        """Name for people, such as "Top tier first"."""

    def plan(self, scenario: Scenario) -> Plan:
        """Plan for ``scenario``.

        Raises
        ------
        NotApplicable
            If the scenario lacks what the policy goes by.
        InvalidInput
            If the scenario itself is wrong.
        """
