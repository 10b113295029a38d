"""Features (特征提取): amplitude, frequency, period and shape of a waveform, each with formula, unit and source."""
