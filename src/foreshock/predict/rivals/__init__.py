"""Rivals: simple predictors every network must beat, tuned on the same development split. Knows no networks."""
