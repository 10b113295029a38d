"""Associate: which picks belong to one earthquake. Knows no waveforms, no magnitudes and no final locations."""
