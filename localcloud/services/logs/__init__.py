"""CloudWatch Logs, moto's."""
