"""Parameters of Systems Manager, moto's."""
