"""Certificate Manager, moto's."""
