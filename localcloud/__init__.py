"""An AWS on this machine: several accounts, ordinary boto3 clients, simulated time, every call on record."""
