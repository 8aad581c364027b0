"""The five tools, each a function from clips to takes."""
