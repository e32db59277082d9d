"""CloudWatch, moto's."""
