"""Music as values: notes, clips, grids, scales, drum kits and MIDI files."""
