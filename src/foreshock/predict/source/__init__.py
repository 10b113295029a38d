"""Source: magnitude, distance and direction from one station. Knows no associations and no locations."""
