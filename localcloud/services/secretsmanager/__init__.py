"""Secrets Manager: moto answers; here stands what IAM and a secret's own policy are asked."""
