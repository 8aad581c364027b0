"""Where the models come from; apart from the program, and never packaged with it."""
