"""Every message of protocol 1 as a typed value: what a client asks and what the bridge answers.

The order of a class's fields is the order of the arguments on the wire. A class's docstring and its
fields' meanings are what PROTOCOL.md says of it.
"""

import inspect
from dataclasses import dataclass
from typing import Annotated, Final

from bridge import errors
from bridge.errors import BridgeError
from bridge.music.clip import MAX_TEMPO, MIN_TEMPO
from bridge.music.parts import AUTO, DRUMS, HEARD, MADE
from bridge.music.styles import ANY, STYLES
from bridge.protocol.frame import Frame, NoteRow
from bridge.protocol.parameters import MAX_INT, Flag, Real, Record, Several, Text, Whole

PROTOCOL: Final = 1
"""The number of this protocol; another one is another language."""

ALL_PIECES: Final = 511
"""The nine pieces of the kit as bits: 1 the kick, 2 the snare, and so on to 256, the ride."""
ALL_TONES: Final = 4_095
"""The twelve notes of an octave as bits: 1 the root, 2 a semitone above it, and so on to 2,048."""
MAX_TAKES: Final = 16
MAX_BAR: Final = 99_999
"""More bars than the longest clip has."""
MAX_PIECE: Final = 999
"""The last piece of the longest clip: 20,000 notes, 20 in a piece."""

PIECES_LISTED: Final = 190
"""Piece numbers in one message; with more a datagram would pass 1,024 bytes."""

FAIL_TEXT_BYTES: Final = 300

KITS: Final = ("general-midi", "roland", "user")
BRIDGE_STATES: Final = ("starting", "ready", "working", "stopping")
JOB_STATES: Final = ("queued", "loading", "working", "sending")
MODEL_STATES: Final = ("missing", "damaged", "found", "loaded")
ERROR_CODES: Final = tuple(
    kind.code
    for kind in vars(errors).values()
    if inspect.isclass(kind) and issubclass(kind, BridgeError)
)

REQUEST_ID: Final = Whole(
    "The request's id",
    1,
    MAX_INT,
    "Chosen by the client; all answers to the request carry it. Clips and requests share one row"
    " of numbers.",
)
CLIP_ID: Final = Whole(
    "The clip's id",
    1,
    MAX_INT,
    "Chosen by the client; requests name the clip by it. Clips and requests share one row of"
    " numbers.",
)
PIECE: Final = Whole("The number of the piece", 0, MAX_PIECE, "Counted from 0.")
TAKE: Final = Whole("The number of the take", 0, MAX_TAKES - 1, "Counted from 0.")
TAKES: Final = Whole("The number of takes", 1, MAX_TAKES, "How many takes are made.")
SEED: Final = Whole("The seed", 0, MAX_INT, "The same request with the same seed gives the same.")
PIECES_PLAYED: Final = Whole(
    "The pieces",
    1,
    ALL_PIECES,
    "Which pieces may be played, as a sum: kick 1, snare 2, closed hat 4, open hat 8,"
    " low tom 16, mid tom 32, high tom 64, crash 128, ride 256.",
)
MOST_PLAYED: Final = Whole(
    "The most",
    1,
    9,
    "How many pieces may be hit at once, at the most, or how many notes may sound at once where no"
    " drums are played.",
)
KEEP: Final = Whole(
    "The clip to keep",
    0,
    MAX_INT,
    "The id of a clip whose notes stay in every take, laid from its beginning, again and again"
    " where the clip loops. They stay whatever the pieces, the scale and the range are, and count"
    " towards the most; 0: none.",
)
PART_HEARD: Final = Text(
    "The part",
    "What the clip is, and its takes: chords is anything of several voices; auto: what it sounds"
    " like. A clip that is drums is always drums.",
    choices=HEARD,
)
ROOT: Final = Whole(
    "The root",
    -1,
    11,
    "Of the scale, from 0, C, to 11, B; −1: the root that is heard in the clip, and C where none"
    " is.",
)
SCALE: Final = Whole(
    "The scale",
    0,
    ALL_TONES,
    "Which notes may be played, as a sum by their distance above the root: the root 1, a semitone"
    " 2, two 4, and so on to eleven, 2,048. Major is 2,741, minor 1,453; 0: all twelve. Not for"
    " drums.",
)
LOWEST: Final = Whole(
    "The lowest key", 0, 127, "No note is played below it; 60 is Live's C3. Not for drums."
)
HIGHEST: Final = Whole("The highest key", 0, 127, "No note is played above it. Not for drums.")
FOLLOWED: Final = Whole(
    "The clip of chords",
    0,
    MAX_INT,
    "The id of a clip whose notes are the chords to follow, laid from the beginning of the take,"
    " again and again; 0: none. Not for drums.",
)
NOTES: Final = Several(
    "The notes of a piece", 1, 20, "Nine arguments a note; see “The arguments of a note”.", NoteRow
)


@dataclass(frozen=True, slots=True)
class Request(Record):
    """What a client says."""


@dataclass(frozen=True, slots=True)
class Reply(Record):
    """What the bridge says. It never answers a reply, so two bridges cannot talk in circles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello(Request):
    """Says who the client is and where it wants to be answered; comes first, and again to look."""

    reply_port: Annotated[
        int,
        Whole(
            "The reply port",
            0,
            65_535,
            "The port on which the client listens, 1,024 or above; 0: answer to the port that I"
            " send from. Max must name one, since it sends and listens on different ports.",
        ),
    ]
    client: Annotated[str, Text("The client's name", "For the bridge's log.")]
    protocol: Annotated[
        int, Whole("The protocol's number", 1, MAX_INT, "The protocol that the client speaks: 1.")
    ]

    def __post_init__(self) -> None:
        """Refuse the ports that only a system's own services have."""
        Record.__post_init__(self)
        if 0 < self.reply_port < 1_024:
            raise errors.BadRequestError(
                "The reply port must be 0 or between 1,024 and 65,535,"
                f" not {self.reply_port}: lower ports belong to the system."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Bye(Request):
    """Says that the client goes; its jobs are cancelled and its clips forgotten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskStatus(Request):
    """Asks how the bridge is; every two seconds, so that a client notices when it is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskModels(Request):
    """Asks which models there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sync(Request):
    """Asks for an answer when all that was sent before has been read."""

    id: Annotated[int, REQUEST_ID]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel(Request):
    """Calls a request off; it then ends in a fail with the code cancelled, unless it has ended."""

    id: Annotated[int, REQUEST_ID]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipBegin(Request):
    """Begins to send a clip. The same again is the same clip; another frame begins anew."""

    clip: Annotated[int, CLIP_ID]
    frame: Frame


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipNotes(Request):
    """Sends a piece of a clip's notes: twenty, but in the last piece those that are left."""

    clip: Annotated[int, CLIP_ID]
    piece: Annotated[int, PIECE]
    notes: Annotated[tuple[NoteRow, ...], NOTES]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipEnd(Request):
    """Says that the clip has been sent; the bridge says that it is ready, or what is missing."""

    clip: Annotated[int, CLIP_ID]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolRequest(Request):
    """Asks a tool for takes: a job, which ends in exactly one done or fail."""

    id: Annotated[int, REQUEST_ID]


@dataclass(frozen=True, slots=True, kw_only=True)
class Groove(ToolRequest):
    """Gives a stiff beat a drummer's timing and accents; no hit is added, dropped or moved away."""

    clip: Annotated[int, CLIP_ID]
    takes: Annotated[int, TAKES] = 4
    seed: Annotated[int, SEED] = 0
    amount: Annotated[
        float,
        Real("The amount", 0, 100, "How far the hits move: 0 leaves the clip as it is.", "%"),
    ] = 100.0
    temperature: Annotated[
        float,
        Real("The temperature", 0, 2, "How far the takes differ: 0 is the likeliest, 1 as played."),
    ] = 1.0
    feel: Annotated[
        int,
        Whole(
            "The feel", 0, MAX_INT, "The id of a clip whose timing and accents are taken; 0: none."
        ),
    ] = 0
    centre: Annotated[
        bool,
        Flag("The centring", "Whether the mean push or drag of the take is taken out."),
    ] = False
    kit: Annotated[str, Text("The kit", "Which pitch is which piece of the kit.", choices=KITS)] = (
        "general-midi"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Continue(ToolRequest):
    """Plays on after any clip; a take is what comes after the clip, without the clip.

    Drums go on as drums, a melody as a melody, a bass line as a bass line, and what has several
    voices with several voices.
    """

    clip: Annotated[int, CLIP_ID]
    takes: Annotated[int, TAKES] = 4
    seed: Annotated[int, SEED] = 0
    bars: Annotated[int, Whole("The bars", 1, 32, "How long a take is.")] = 4
    temperature: Annotated[
        float,
        Real("The temperature", 0, 2, "How far the takes stray: 0 is the likeliest, 1 as played."),
    ] = 1.0
    pieces: Annotated[int, PIECES_PLAYED] = ALL_PIECES
    most: Annotated[int, MOST_PLAYED] = 9
    kit: Annotated[str, Text("The kit", "Which pitch is which piece of the kit.", choices=KITS)] = (
        "general-midi"
    )
    keep: Annotated[int, KEEP] = 0
    part: Annotated[str, PART_HEARD] = AUTO
    root: Annotated[int, ROOT] = -1
    scale: Annotated[int, SCALE] = 0
    lowest: Annotated[int, LOWEST] = 0
    highest: Annotated[int, HIGHEST] = 127
    chords: Annotated[int, FOLLOWED] = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Generate(ToolRequest):
    """Makes a performed beat, a melody, a bass line or chords from nothing, or near a clip.

    No take is empty. The clip to be near and the clip to keep play the part that is asked for.
    """

    takes: Annotated[int, TAKES] = 4
    seed: Annotated[int, SEED] = 0
    bars: Annotated[int, Whole("The bars", 1, 16, "How long a take is.")] = 4
    style: Annotated[
        str, Text("The style", "In which style drummers play it.", choices=(ANY, *STYLES))
    ] = ANY
    tempo: Annotated[
        float, Real("The tempo", MIN_TEMPO, MAX_TEMPO, "Of the takes.", "quarter notes a minute")
    ] = 120.0
    numerator: Annotated[
        int, Whole("The time signature's upper number", 1, 99, "Beats in a bar: the 7 of 7/8.")
    ] = 4
    denominator: Annotated[
        int,
        Whole(
            "The time signature's lower number",
            1,
            32,
            "The beat's note value, 1, 2, 4, 8, 16 or 32: the 8 of 7/8.",
        ),
    ] = 4
    temperature: Annotated[
        float,
        Real("The temperature", 0, 2, "How far the takes stray: 0 is the likeliest, 1 as played."),
    ] = 1.0
    end_temperature: Annotated[
        float,
        Real(
            "The temperature at the end",
            -1,
            2,
            "It goes there evenly over the take; −1: it stays as at the beginning.",
        ),
    ] = -1.0
    pieces: Annotated[int, PIECES_PLAYED] = ALL_PIECES
    most: Annotated[int, MOST_PLAYED] = 9
    kit: Annotated[str, Text("The kit", "Which pitch is which piece of the kit.", choices=KITS)] = (
        "general-midi"
    )
    keep: Annotated[int, KEEP] = 0
    near: Annotated[
        int,
        Whole(
            "The clip to be near",
            0,
            MAX_INT,
            "Its id: takes are variations of it, in its length, metre, tempo and feel, and those"
            " arguments do not count, nor do the style and the temperature at the end; 0: none.",
        ),
    ] = 0
    distance: Annotated[
        float,
        Real(
            "The distance",
            0,
            100,
            "How far from the clip to be near: 0 is what it plays, 100 has nothing of it.",
            "%",
        ),
    ] = 50.0
    part: Annotated[
        str,
        Text(
            "The part",
            "What is made: chords is anything of several voices, as a pad or two hands.",
            choices=MADE,
        ),
    ] = DRUMS
    root: Annotated[
        int,
        Whole(
            "The root",
            -1,
            11,
            "Of the scale, from 0, C, to 11, B; −1: that of the clip to be near or of the chords,"
            " and C where there is neither. Without a scale it is a wish: the major key on it, or"
            " what the chords make of it.",
        ),
    ] = -1
    scale: Annotated[int, SCALE] = 0
    lowest: Annotated[int, LOWEST] = 0
    highest: Annotated[int, HIGHEST] = 127
    chords: Annotated[int, FOLLOWED] = 0
    notes_per_bar: Annotated[
        float,
        Real(
            "The notes per bar",
            0,
            64,
            "How many there are on average, as near as may be; 0: as it comes. Not for drums.",
        ),
    ] = 0.0
    lock: Annotated[
        bool,
        Flag(
            "The lock",
            "Whether no note outside the scale is ever played; without it the scale is a wish.",
        ),
    ] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Infill(ToolRequest):
    """Plays some bars of any clip anew; the clip comes back whole, its other notes untouched."""

    clip: Annotated[int, CLIP_ID]
    takes: Annotated[int, TAKES] = 4
    seed: Annotated[int, SEED] = 0
    first_bar: Annotated[
        int, Whole("The first bar", 0, MAX_BAR, "The first that is played anew, counted from 0.")
    ] = 0
    bars: Annotated[int, Whole("The bars", 1, 16, "How many are played anew.")] = 1
    temperature: Annotated[
        float,
        Real("The temperature", 0, 2, "How far the takes stray: 0 is the likeliest, 1 as played."),
    ] = 1.0
    pieces: Annotated[int, PIECES_PLAYED] = ALL_PIECES
    most: Annotated[int, MOST_PLAYED] = 9
    kit: Annotated[str, Text("The kit", "Which pitch is which piece of the kit.", choices=KITS)] = (
        "general-midi"
    )
    keep: Annotated[int, KEEP] = 0
    part: Annotated[str, PART_HEARD] = AUTO
    root: Annotated[int, ROOT] = -1
    scale: Annotated[int, SCALE] = 0
    lowest: Annotated[int, LOWEST] = 0
    highest: Annotated[int, HIGHEST] = 127


@dataclass(frozen=True, slots=True, kw_only=True)
class Drumify(ToolRequest):
    """Puts a drum kit on the rhythm of any clip: every onset is answered, accents are followed."""

    clip: Annotated[int, CLIP_ID]
    takes: Annotated[int, TAKES] = 4
    seed: Annotated[int, SEED] = 0
    temperature: Annotated[
        float,
        Real("The temperature", 0, 2, "How far the takes differ: 0 is the likeliest, 1 as played."),
    ] = 1.0
    hits_per_bar: Annotated[
        float,
        Real(
            "The hits per bar",
            0,
            64,
            "How many there are on average, as near as the onsets and the other wishes allow;"
            " 0: as many as a drummer would play.",
        ),
    ] = 0.0
    pieces: Annotated[
        int,
        Whole(
            "The pieces",
            1,
            ALL_PIECES,
            "Which may be struck, as a sum: 1 kick, 2 snare, 4 closed hat, 8 open hat, 16 low tom,"
            " 32 mid tom, 64 high tom, 128 crash, 256 ride.",
        ),
    ] = ALL_PIECES
    most: Annotated[
        int, Whole("The most hits", 1, 9, "So many pieces at most are struck together.")
    ] = 4
    fill: Annotated[
        bool, Flag("The filling", "Whether hits may also stand between the onsets of the clip.")
    ] = True
    swing: Annotated[
        bool,
        Flag("The swing", "Whether hits on an onset are as early or late as it is."),
    ] = True
    kit: Annotated[str, Text("The kit", "Which pitch is which piece of the kit.", choices=KITS)] = (
        "general-midi"
    )
    keep: Annotated[int, KEEP] = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Interpolate(ToolRequest):
    """Goes from one clip to another in even steps; the first take and the last are the clips.

    Either all clips are drums or none is. With four clips the takes are a square, row by row: a and
    b are its upper corners, c and d its lower ones. A shorter clip goes round until the longest
    ends; the tempo is that of a. Drum clips must have one time signature, and their hits between
    sixteenths are heard at the nearest one. Of other clips a line is led from one to the other,
    with their feel and their other voices; where their time signatures differ, their bars are
    stretched to those of a. Notes to keep stay in every take but the clips themselves.
    """

    a: Annotated[int, CLIP_ID]
    b: Annotated[int, CLIP_ID]
    c: Annotated[
        int, Whole("The third clip", 0, MAX_INT, "Its id; 0: the way goes from a to b.")
    ] = 0
    d: Annotated[int, Whole("The fourth clip", 0, MAX_INT, "Its id; 0 where c is 0.")] = 0
    steps: Annotated[
        int,
        Whole(
            "The steps",
            3,
            MAX_TAKES,
            "How many takes there are, the clips among them; with four clips 9 or 16.",
        ),
    ] = 5
    seed: Annotated[int, SEED] = 0
    temperature: Annotated[
        float,
        Real("The temperature", 0, 2, "How far the way strays: 0 is the likeliest, 1 as played."),
    ] = 1.0
    pieces: Annotated[
        int,
        Whole(
            "The pieces",
            1,
            ALL_PIECES,
            "Which may be struck between the clips, as a sum: 1 kick, 2 snare, 4 closed hat, 8 open"
            " hat, 16 low tom, 32 mid tom, 64 high tom, 128 crash, 256 ride.",
        ),
    ] = ALL_PIECES
    most: Annotated[int, MOST_PLAYED] = 9
    kit: Annotated[str, Text("The kit", "Which pitch is which piece of the kit.", choices=KITS)] = (
        "general-midi"
    )
    keep: Annotated[int, KEEP] = 0
    root: Annotated[int, ROOT] = -1
    scale: Annotated[int, SCALE] = 0
    lowest: Annotated[int, LOWEST] = 0
    highest: Annotated[int, HIGHEST] = 127


@dataclass(frozen=True, slots=True, kw_only=True)
class Resend(Request):
    """Asks for lost pieces of a take; without a piece for the whole take, its begin and its end."""

    id: Annotated[int, REQUEST_ID]
    take: Annotated[int, TAKE]
    pieces: Annotated[
        tuple[int, ...],
        Several("The pieces asked for", 0, PIECES_LISTED, "The pieces that did not come.", PIECE),
    ] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HelloReply(Reply):
    """Says who the bridge is."""

    version: Annotated[str, Text("The version", "Of Clipbridge.")]
    protocol: Annotated[
        int, Whole("The protocol's number", 1, MAX_INT, "The protocol that the bridge speaks: 1.")
    ]
    session: Annotated[
        int,
        Whole("The session", 0, MAX_INT, "Another number after each start: all clips are gone."),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class ByeReply(Reply):
    """Says that the client is forgotten; also sent to every client when the bridge stops."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusReply(Reply):
    """Says how the bridge is."""

    state: Annotated[str, Text("The state", "What the bridge does.", choices=BRIDGE_STATES)]
    queued: Annotated[int, Whole("The queue", 0, MAX_INT, "Jobs that wait, of all clients.")]
    running: Annotated[
        int, Whole("The running request", 0, MAX_INT, "The id of the job that runs; 0: none.")
    ]
    model: Annotated[str, Text("The model", "The model used last; empty before the first.")]
    provider: Annotated[str, Text("The provider", "What computes: the CPU or a kind of GPU.")]
    memory_mb: Annotated[int, Whole("The memory", 0, MAX_INT, "Memory that the bridge has.", "MB")]
    uptime_s: Annotated[int, Whole("The uptime", 0, MAX_INT, "Time since the start.", "seconds")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelsReply(Reply):
    """Says one model; as many messages come as there are models, or one with count 0."""

    index: Annotated[int, Whole("The index", 0, MAX_INT, "Counted from 0.")]
    count: Annotated[int, Whole("The count", 0, MAX_INT, "How many models there are.")]
    name: Annotated[str, Text("The model's name", "Its folder.")]
    tool: Annotated[str, Text("The tool", "The tool that plays it.")]
    state: Annotated[
        str, Text("The model's state", "Whether its files are there.", choices=MODEL_STATES)
    ]
    parameters: Annotated[int, Whole("The parameters", 0, MAX_INT, "Numbers that it learnt.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Synced(Reply):
    """Says that all that was sent before the sync has been read."""

    id: Annotated[int, REQUEST_ID]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipReady(Reply):
    """Says that a clip is whole; requests may name it."""

    clip: Annotated[int, CLIP_ID]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipMissing(Reply):
    """Says what did not come: send these pieces and the end again; without a piece, the whole."""

    clip: Annotated[int, CLIP_ID]
    pieces: Annotated[
        tuple[int, ...],
        Several("The missing pieces", 0, PIECES_LISTED, "The pieces that did not come.", PIECE),
    ] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted(Reply):
    """Says that a request has become a job."""

    id: Annotated[int, REQUEST_ID]
    position: Annotated[int, Whole("The position", 0, MAX_INT, "Jobs that come before it.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress(Reply):
    """Says how far a job is, at least every 250 ms."""

    id: Annotated[int, REQUEST_ID]
    fraction: Annotated[float, Real("The fraction", 0, 1, "Of the job that is done.")]
    state: Annotated[str, Text("The job's state", "What is done now.", choices=JOB_STATES)]


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeBegin(Reply):
    """Begins to send a take."""

    id: Annotated[int, REQUEST_ID]
    take: Annotated[int, TAKE]
    takes: Annotated[int, TAKES]
    seed: Annotated[int, SEED]
    frame: Frame


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeNotes(Reply):
    """Sends a piece of a take's notes: twenty, but in the last piece those that are left."""

    id: Annotated[int, REQUEST_ID]
    take: Annotated[int, TAKE]
    piece: Annotated[int, PIECE]
    notes: Annotated[tuple[NoteRow, ...], NOTES]


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeEnd(Reply):
    """Says that the take has been sent."""

    id: Annotated[int, REQUEST_ID]
    take: Annotated[int, TAKE]


@dataclass(frozen=True, slots=True, kw_only=True)
class Done(Reply):
    """Says that a request has ended well: all its takes have been sent."""

    id: Annotated[int, REQUEST_ID]
    takes: Annotated[int, TAKES]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fail(Reply):
    """Says that a request has ended in a fault, and why."""

    id: Annotated[
        int, Whole("The request's id", 0, MAX_INT, "Of the request or clip; 0: none could be read.")
    ]
    code: Annotated[
        str, Text("The code", "Which kind of fault; see “Error codes”.", choices=ERROR_CODES)
    ]
    text: Annotated[
        str, Text("The text", "A sentence for the musician, to be shown as it is.", FAIL_TEXT_BYTES)
    ]
