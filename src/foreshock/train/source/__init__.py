"""Source: from catalogued recordings and the synthetic source to a bundle that sizes and places. Knows no tests."""
