"""From a scenario to a linear program: features write rows on accounts that are linear in the treatments."""

import pyomo.core  # noqa: F401  (before scipy, see below)
from pyomo.common.dependencies import DeferredImportCallbackFinder

# Pyomo answers the first import of scipy in a process by importing scipy.stats and all that it needs, half a
# second for what is never used here. Pyomo's own use of scipy still finds all of it.
getattr(DeferredImportCallbackFinder, "_callbacks", {}).pop("scipy", None)
