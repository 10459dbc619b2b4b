"""What a planner would use today, on the same S-curve problems, each in its own environment and process."""
