"""Evaluation (结果评估): predictions and truth in, scores with intervals and a report out. Knows no models."""
