"""Protocol 1: typed messages, their addresses, and the way to and from OSC."""
