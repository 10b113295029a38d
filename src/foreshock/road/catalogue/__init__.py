"""From an archive of recordings to a catalogue of earthquakes, stage by stage, resumable."""
