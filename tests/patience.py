"""How long a test waits before it takes what it waits for as stuck. No measure of how quick a machine is."""

PATIENCE = 900.0
"""Seconds: what takes one on a free machine takes a minute on one with sixty times the work."""
