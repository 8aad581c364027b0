"""What the program's exit code means; the commands answer with one of these."""

from typing import Final

DONE: Final = 0
FAULT: Final = 1
USAGE: Final = 2
"""The line was mistyped, or a setting is one that cannot be."""
STOPPED: Final = 130
"""What a shell expects of a program stopped by Ctrl-C."""
