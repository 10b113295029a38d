"""Shaking: ground-motion models, intensity, the wavefield path, forecasts at places. Knows no engine and no alert."""
