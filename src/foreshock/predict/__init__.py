"""Prediction (预测): bundles and simple rivals through one door, without torch."""
