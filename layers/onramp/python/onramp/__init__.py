"""Lattice Onramp: join a service to a VPC Lattice network across accounts with one tag."""
