"""One script a peer. They run in the peers' own environments, so they import nothing of this repository."""
