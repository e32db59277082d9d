"""What the product costs: calls and transitions from replays, cold starts, the local cloud's pace, the package."""
