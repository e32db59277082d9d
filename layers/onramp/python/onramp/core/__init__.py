"""Decides. Pure functions over values: no AWS, clock, environment or log."""
