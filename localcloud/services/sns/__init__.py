"""SNS, moto's."""
