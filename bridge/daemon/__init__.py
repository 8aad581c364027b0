"""The running bridge: who asked for what, when it is played, and how it is answered."""
