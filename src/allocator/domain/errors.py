"""What can go wrong, told apart: the planner's mistakes, and our own failures."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

_BEGINNING = 3
"""Letters from which on a name may be the beginning of another."""
Path = tuple[str | int, ...]
"""Where a value stands in the input: keys, list positions (from 0) and column names, outermost first.

The first part names the document: ``("model", "levers", "visits", "uses", "field_sales")``,
``("scenario", "budgets", 0, "amount")``, ``("segments", 3, "margin")`` (row 3, counted from 0),
``("transitions", 7, "probability")``, ``("responses", 2, "half")``, ``("treated", ...)``,
``("shocks", ...)`` or ``("plan", ...)``.
"""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake in the input, in the planner's words.

    ``place`` is empty until the files layer, which knows files, fills it as ``file:line:column``.
    """

    path: Path
    message: str
    expected: str = ""
    close_match: str = ""
    place: str = ""

    def __str__(self) -> str:
        where = self.place or ".".join(str(part) for part in self.path)
        text = f"{where}: {self.message}" if where else self.message
        if self.expected:
            text += f"; expected {self.expected}"
        if self.close_match:
            text += f"; did you mean `{self.close_match}`?"
        return text


class AllocatorError(Exception):
    """Base of every error this package raises on purpose."""


class InvalidInput(AllocatorError):
    """The input is wrong. Carries all mistakes found, not only the first. Exit status 2."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        self.mistakes: tuple[Mistake, ...] = tuple(mistakes)
        super().__init__("\n".join(str(mistake) for mistake in self.mistakes))


@dataclass(frozen=True, slots=True)
class Clash:
    """One requirement that takes part in an infeasibility, and the smallest change that restores a plan.

    ``limit`` is today's limit, ``proposed`` the limit that would do, both in the requirement's own
    unit (money, heads, customers or a share); ``period`` is None where one limit spans all periods.
    """

    requirement: str
    path: Path
    limit: float
    proposed: float
    unit: str = ""
    period: int | None = None
    place: str = ""

    @property
    def change(self) -> float:
        """Signed size of the change, ``proposed - limit``."""
        return self.proposed - self.limit

    @property
    def advice(self) -> str:
        """The change as a sentence without its full stop, such as "raise budget `all` from 10 to 12 (+2)"."""
        if self.unit == "requirement":
            return f"drop that {self.requirement}"
        verb = "raise" if self.change > 0 else "lower"
        limit, proposed, change = (_amount(number, self.unit) for number in (self.limit, self.proposed, self.change))
        sign = "+" if self.change > 0 else ""
        return f"{verb} {self.requirement} from {limit} to {proposed} ({sign}{change})"


def _amount(number: float, unit: str) -> str:
    return f"{100.0 * number:.7g}%" if unit == "share" else f"{number:,.10g}"


class Infeasible(AllocatorError):
    """No plan meets all requirements. Exit status 3.

    ``clashes`` are the requirements that cannot hold together, each with the limit that would restore a
    plan if it alone gave way (NaN where it alone cannot); ``changes`` is the smallest set of changes, in
    percent of each limit, that together restore a plan.
    """

    def __init__(self, message: str, clashes: Sequence[Clash] = (), changes: Sequence[Clash] = ()) -> None:
        self.clashes: tuple[Clash, ...] = tuple(clashes)
        self.changes: tuple[Clash, ...] = tuple(changes)
        super().__init__(message)

    def placed(self, place: Callable[[Path], str]) -> Infeasible:
        """The same, citing file and line by means of ``place``."""
        clashes = [replace(clash, place=place(clash.path)) for clash in self.clashes]
        changes = [replace(change, place=place(change.path)) for change in self.changes]
        return Infeasible(str(self), clashes, changes)


class Unbounded(AllocatorError):
    """Customer equity can grow without limit: a price, cost or probability in the input cannot be
    right. Exit status 2."""


class Intractable(AllocatorError):
    """Numbers of the input differ too widely in size to be computed with. Exit status 2."""


class StoppedWithoutPlan(AllocatorError):
    """A limit on time or memory ended the run before any plan was found. Exit status 5."""


class InternalError(AllocatorError):
    """A failure of this program, never of the input; never reported as a result."""


@dataclass(slots=True)
class MistakeList:
    """Collects mistakes so that all are reported at once."""

    found: list[Mistake] = field(default_factory=list)

    def add(self, path: Path, message: str, *, expected: str = "", close_match: str = "") -> None:
        """Record one mistake at ``path``."""
        self.found.append(Mistake(path, message, expected, close_match))

    def unknown(self, path: Path, kind: str, name: str, known: Iterable[str], *, most: int = 8) -> None:
        """Record that ``name`` is no known ``kind``, with the close match and the first ``most`` among ``known``."""
        names = list(known)
        listed = f"one of: {', '.join(names[:most])}" + (", ..." if len(names) > most else "")
        expected = listed if names else f"none, for no {kind} is defined"
        self.add(path, f"unknown {kind} `{name}`", expected=expected, close_match=close(name, names))

    def raise_if_any(self) -> None:
        """Raise :class:`InvalidInput` if at least one mistake was recorded."""
        if self.found:
            raise InvalidInput(self.found)


def close(name: str, known: Iterable[str], *, likeness: float = 0.6) -> str:
    """Return the known name most like ``name``, whatever its case, or an empty string; ``likeness`` is from 0 to 1.

    The only one that begins as ``name`` does is meant, however much longer it is.
    """
    names = {each.casefold(): each for each in known}
    begun = [each for each in names if len(name) >= _BEGINNING and each.startswith(name.casefold())]
    if len(begun) == 1:
        return names[begun[0]]
    matches = difflib.get_close_matches(name.casefold(), names, n=1, cutoff=likeness)
    return names[matches[0]] if matches else ""
