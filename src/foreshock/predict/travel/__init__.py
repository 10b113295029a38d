"""Travel times of first arrivals through one-dimensional models. Knows no picks and no events."""
