"""What the exported note model says of windows of tokens: when, at which pitch, for how long."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bridge.codecs.notelookout import Homes, Next, pitch_told, point
from bridge.codecs.notescore import KEYS, LENGTHS, length_code
from bridge.engine.cancel import Cancel
from bridge.tools.note_writing import Writers
from bridge.training.note_lesson import batch_of, setting_of
from bridge.training.note_windows import Known, Window, places_of, rows_of

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int64]

_LENGTH_TOLD = 2
"""Where the length of a token stands among its codes."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A place where something else might have come next than what did."""

    row: int
    token: int
    """The last one before."""
    shift: int
    """Twelfths from there to the note that might have come."""
    cut: bool
    """Whether the token's own note would have ended there, and not when it did."""


class Reading:
    """Windows read by the model, and what it thought at each of their tokens."""

    def __init__(self, windows: Sequence[Window], known: Sequence[Known], writers: Writers) -> None:
        """Read.

        Args:
            windows: At least one.
            known: What is said of each.
            writers: The model.
        """
        self._windows, self._writers = windows, writers
        self._row = rows_of(windows, known)
        batch = batch_of(windows, known)
        settings = [setting_of(*pair) for pair in zip(windows, known, strict=True)]
        self._bars = np.array([setting.metre.bar for setting in settings])
        self._root = np.array([setting.root for setting in settings])
        self._middle = np.array([setting.middle for setting in settings])
        self._codes, self._told, self._clock = (
            each.numpy() for each in (batch.codes, batch.told, batch.clock)
        )
        layers, numbers = next(
            each.shape[2:] for each in writers.trunk.manifest.inputs if each.name == "memory"
        )
        nothing = np.zeros((0, len(windows), int(layers), int(numbers)), np.float32)
        read = self._trunk(self._codes, self._told, self._clock, nothing)
        self._hidden, self._memory = read["hidden"], read["remembered"]
        self.shift: Floats = read["shift"]
        """Logits, (rows, tokens, 97)."""
        sung = batch.pitch.numpy() >= 0
        self.pitch: Floats = np.zeros((*sung.shape, KEYS), np.float32)
        """Logits of what comes next, (rows, tokens, 128); 0 where that is no note."""
        self.length: Floats = np.zeros((*sung.shape, LENGTHS), np.float32)
        """Logits of what comes next, (rows, tokens, 100); 0 where that is no note."""
        if sung.any():
            pitches = self._pitches(
                self._hidden[sung], batch.pitch_codes.numpy()[sung], batch.pitch_told.numpy()[sung]
            )
            self.pitch[sung] = pitches["pitch"]
            inputs = {"mixed": pitches["mixed"], "codes": batch.length_codes.numpy()[sung]}
            self.length[sung] = writers.length.run(inputs, Cancel())["length"]

    def doubted(self, doubts: Sequence[Doubt]) -> tuple[Floats, Floats]:
        """What the model would have thought.

        Returns:
            Logits of the shift from the token that might have been, (doubts, 97), and of the
            pitches after the shift, (doubts, 128).
        """
        shifts = np.zeros((len(doubts), self.shift.shape[-1]), np.float32)
        pitches = np.zeros((len(doubts), KEYS), np.float32)
        token_of = np.array([doubt.token for doubt in doubts])
        for token in np.unique(token_of).tolist():
            numbers = np.flatnonzero(token_of == token)
            here = [doubts[number] for number in numbers.tolist()]
            shifts[numbers], pitches[numbers] = self._doubted_at(token, here)
        return shifts, pitches

    def _doubted_at(self, token: int, doubts: Sequence[Doubt]) -> tuple[Floats, Floats]:
        rows = np.array([doubt.row for doubt in doubts])
        shift = np.array([doubt.shift for doubt in doubts])
        cut = np.array([doubt.cut for doubt in doubts])
        at = slice(token, token + 1)
        hidden, shifts = self._hidden[rows, token], self.shift[rows, token]
        if cut.any():
            codes = self._codes[rows[cut], at].copy()
            codes[:, 0, _LENGTH_TOLD] = length_code(shift[cut])
            memory = self._memory[:token, rows[cut]]
            read = self._trunk(codes, self._told[rows[cut], at], self._clock[rows[cut], at], memory)
            hidden[cut], shifts[cut] = read["hidden"][:, 0], read["shift"][:, 0]
        row = self._row.only(rows)
        homes = Homes.of(row, self._root[rows], self._middle[rows], at)
        time = row.time[:, token] + shift
        places = [
            places_of(self._windows[number], time[index : index + 1])
            for index, number in enumerate(rows.tolist())
        ]
        position, bar = (np.stack(each) for each in zip(*places, strict=True))
        following = Next(shift[:, None], time[:, None], position, bar, row.chord[:, at])
        pointed = point(row, homes, following, self._bars[rows], at)
        codes, told = pitch_told(homes, following, pointed, self._bars[rows])
        return shifts, self._pitches(hidden, codes[:, 0], told[:, 0])["pitch"]

    def _trunk(
        self, codes: Floats, told: Floats, clock: Floats, memory: Floats
    ) -> dict[str, Floats]:
        inputs = {"codes": codes, "told": told, "clock": clock, "memory": memory}
        return self._writers.trunk.run(inputs, Cancel())

    def _pitches(self, hidden: Floats, codes: Floats, told: Floats) -> dict[str, Floats]:
        return self._writers.pitch.run({"hidden": hidden, "codes": codes, "told": told}, Cancel())
