"""The Max for Live devices: their sources, what builds them, and the built files."""
