"""Foreign: networks that others trained, made into bundles. Knows no recordings and no training."""
