"""KMS, moto's."""
