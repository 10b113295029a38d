"""Pick: when phases arrive on a waveform. Knows no data sets and no evaluation."""
