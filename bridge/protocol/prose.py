"""The parts of PROTOCOL.md that no table can say."""

from typing import Final

HEAD: Final = """\
# How to talk to the bridge: protocol {protocol}

*Generated from `bridge/protocol/table.py` by `python -m bridge.protocol.manual`: edit the table.*

The bridge listens for [OSC](https://opensoundcontrol.stanford.edu) messages over UDP at {host}, on
port {first} or the next free one up to {last}. Nothing outside this machine reaches it. `clipbridge
protocol --json` prints this page's tables in the form of the OSCQuery proposal.

## Rules

* **Types.** Only int32 (`i`), float32 (`f`) and strings (`s`) are sent. On the way in, a whole
  number may come as a float and a float as a whole number, `T` and `F` count as 1 and 0, and 64-bit
  numbers are taken where 32 bits hold them. Bundles are opened, their time tags ignored.
* **Size.** A message has at most 250 arguments and 1,024 bytes, both ways.
* **Time** is counted in ticks, 20,160 to a quarter note. A 16th is 5,040 ticks.
* **Ids** are whole numbers from 1 that the client chooses, one row of numbers for its clips and its
  requests. The same request again gets the same answer, and no second job.
* **Answers** go to the port that the client's hello named. With `reply_port` 0 they go to the port
  that the client sends from: right for Python, Pure Data and liblo, but not for Max, which sends
  and listens on different ports. Programs such as oscsend take a
  new port for each message: a message from a port that never said hello counts as one of the client
  that said hello for another port last and sent nothing from its own port since; where there is
  none, it is answered where it came from.
* **Every request ends** in exactly one answer that says so, or in `/bridge/fail id code text`. The
  text is a sentence for the musician. An unknown address fails too, naming the nearest known one.
* **Silence.** What the bridge says is never answered, by anyone: a message from this page's second
  half that reaches a bridge is dropped.

## The order of things

1. `/bridge/hello`, on each of the eight ports until one answers. The bridge's `session` number is
   another after each of its starts; the clips sent before are gone then.
2. `/bridge/clip/begin`, `/bridge/clip/notes` with 20 notes each (the last with those that are left;
   none for a clip without notes), `/bridge/clip/end`. Answer: `/bridge/clip/ready`, or
   `/bridge/clip/missing` with the pieces to send again before another `/bridge/clip/end`.
3. A tool's request, `/bridge/groove` for one, which names the clip. Answers: `/bridge/accepted`;
   then `/bridge/progress` at least every 250 ms; then each take as `/bridge/take/begin`,
   `/bridge/take/notes`, `/bridge/take/end`; then `/bridge/done`. Pieces that got lost are asked for
   by `/bridge/take/resend`.
4. `/bridge/cancel` calls a request off at any time. `/bridge/bye` when the client goes.
"""

NOTE_INTRODUCTION: Final = """\
## The arguments of a note

A piece of notes carries these nine for each note, note after note.
"""

CHECKSUM: Final = """\
## The checksum

`clip/begin` and `take/begin` carry a sum over the whole clip. It starts at 7; for each number `v`
of a row it becomes (31 × sum + `v`) mod 2,147,483,647, made non-negative. The row is `length`,
`loop_start`, `loop_end`, `looping`, `numerator`, `denominator`, `drums`, `count`, and then for each
note in order `pitch`, `start`, `duration`, `mute`, `note_id`. Fractions are left out, since Max
holds them in 64 bits and sends 32. A sum that does not agree is a fail with the code `checksum`;
the clip's pieces are forgotten, and it may be sent again under the same id.
"""

LOSSES: Final = """\
## When something gets lost

UDP may lose a message when a program is busy. Nothing here depends on luck: begin, notes and end
may come in any order and twice.

* Send at most 16 messages at once, then wait 8 ms: many systems keep only 90 messages of 1 kB for a
  program that has no time. The bridge does the same.
* No `clip/ready` or `clip/missing` within a second: send `/bridge/clip/end` again.
* `clip/missing` without a piece: not even the begin has come; send all again.
* No `accepted` within a second: send the same request again.
* `done` came, but a take is not whole: `/bridge/take/resend` with the missing pieces, or with none
  for the whole take.
* No `status.reply` to three questions in six seconds: the bridge is gone; go back to hello.
"""
