"""Rules of thumb and the optimum on every example scenario, on shocks that no policy saw."""
