"""Route 53, moto's."""
