"""How fast and how large: the engine beside bare HiGHS, each contender in its own process."""
