"""Preprocessing (数据预处理): steps with one law for whole and live use, windows, labels and augmentation."""
