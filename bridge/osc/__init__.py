"""OSC on the wire: messages, pieces that fit a datagram, the loopback endpoint."""
