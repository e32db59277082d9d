"""S3, moto's."""
