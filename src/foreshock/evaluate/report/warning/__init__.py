"""Warning: pages about a run of a warning engine and about its scores. Knows runs, truth and scores, no engine."""
