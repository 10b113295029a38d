"""Training (训练): examples in, a bundle out."""
