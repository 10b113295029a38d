"""Models (CNN / RNN): torch definitions only, one readable file each. Knows nothing about data or training."""
