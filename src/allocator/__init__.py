"""Customer-portfolio resource allocation to a proven gap."""
