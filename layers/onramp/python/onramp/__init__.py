"""Lattice Onramp: join a service to a VPC Lattice network across accounts with one tag."""

__version__ = "0.2.0"
"""The one place: the command and every log line read it, and a test holds templates and changelog to it."""
