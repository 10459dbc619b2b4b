"""All policies by name: our own, and those that other packages add."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import EntryPoint, entry_points

from allocator.domain.errors import AllocatorError, MistakeList
from allocator.policies.base import Policy
from allocator.policies.fixed import CurrentPlan, NoEffort
from allocator.policies.greedy import Greedy, Myopic
from allocator.policies.local_search import LocalSearch
from allocator.policies.optimum import Optimum, Solve
from allocator.policies.product_centric import ProductCentric
from allocator.policies.proportional import Uniform, by_customers, by_lifetime_value, by_margin, by_revenue
from allocator.policies.top_tier import TopTierFirst

GROUP = "allocator.policies"
"""Entry point group of policies from other packages: a callable without arguments that gives a policy."""


def all_policies(solve: Solve | None = None) -> tuple[Policy, ...]:
    """Every policy there is, the optimum last and only where ``solve`` is given.

    Raises
    ------
    AllocatorError
        If a policy of another package cannot be loaded, is no policy, or takes a name that is taken.
    """
    own: list[Policy] = [
        NoEffort(),
        CurrentPlan(),
        Uniform(),
        by_customers(),
        by_revenue(),
        by_margin(),
        by_lifetime_value(),
        TopTierFirst(),
        ProductCentric(),
        Myopic(),
        Greedy(),
        LocalSearch(start="current"),
        LocalSearch(start="uniform"),
    ]
    taken = {policy.name for policy in own} | {"optimum"}
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        policy = _loaded(entry)
        if policy.name in taken:
            raise AllocatorError(f"policy `{policy.name}` of entry point `{entry.name}` takes a name that is taken")
        taken.add(policy.name)
        own.append(policy)
    if solve is not None:
        own.append(Optimum(solve))
    return tuple(own)


def choose(names: Sequence[str], solve: Solve | None = None) -> tuple[Policy, ...]:
    """The policies with these names, in this order; all of them for an empty sequence.

    Raises
    ------
    InvalidInput
        If there is no policy of some name, with the close match and all names.
    """
    known = {policy.name: policy for policy in all_policies(solve)}
    mistakes = MistakeList()
    for name in names:
        if name not in known:
            mistakes.unknown(("policies", name), "policy", name, known, most=len(known))
    mistakes.raise_if_any()
    return tuple(known[name] for name in dict.fromkeys(names)) if names else tuple(known.values())


def _loaded(entry: EntryPoint) -> Policy:
    try:
        policy = entry.load()()
    except Exception as error:
        raise AllocatorError(f"policy `{entry.name}` ({entry.value}) cannot be loaded: {error}") from error
    if not isinstance(policy, Policy):
        raise AllocatorError(f"`{entry.name}` ({entry.value}) is no policy: it needs `name`, `title` and `plan`")
    return policy
