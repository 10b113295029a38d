"""Picker: from recordings and the synthetic source to a bundle that picks P and S. Knows no recordings to come."""
