"""What looks at built devices. It shares no code with what builds them."""
