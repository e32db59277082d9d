"""A fleet past what this machine could emulate: the product's own core and the templates' limits, on models of AWS."""
