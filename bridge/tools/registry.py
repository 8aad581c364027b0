"""Which tool plays which request."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bridge.engine.cancel import Cancel
from bridge.engine.catalog import Catalog
from bridge.errors import BadRequestError, UnknownClipError
from bridge.music.clip import Clip, Take
from bridge.music.drumkit import Kit
from bridge.music.parts import DRUMS
from bridge.protocol.messages import (
    Continue,
    Drumify,
    Generate,
    Groove,
    Infill,
    Interpolate,
    ToolRequest,
)
from bridge.tools import (
    blending,
    continuation,
    drafting,
    drumify,
    generate,
    groove,
    infill,
    interpolate,
    melodies,
    melody_infill,
    melody_interpolation,
    melody_paths,
    performing,
    score_paths,
    variation,
    writing,
)
from bridge.tools.locks import key_heard, lock_of
from bridge.tools.taste import DEFAULT_TASTE, Taste


@dataclass(frozen=True, slots=True)
class Stage:
    """What every tool may use."""

    catalog: Catalog
    kits: Mapping[str, Kit]
    """By the names of the protocol; ``user`` is there only where the musician made one."""
    taste: Taste = DEFAULT_TASTE
    """By which takes of pitches are chosen."""


def clips_named(request: ToolRequest) -> tuple[int, ...]:
    """The ids of the clips that a request needs; some need none."""
    named: tuple[int, ...]
    match request:
        case Groove():
            named = (request.clip, request.feel)
        case Continue():
            named = (request.clip, request.keep, request.chords)
        case Infill() | Drumify():
            named = (request.clip, request.keep)
        case Generate():
            named = (request.keep, request.near, request.chords)
        case Interpolate():
            named = (request.a, request.b, request.c, request.d, request.keep)
        case _:
            raise BadRequestError("No tool plays this request.")
    return tuple(clip for clip in named if clip)


def play(
    request: ToolRequest,
    clips: Mapping[int, Clip],
    stage: Stage,
    *,
    cancel: Cancel,
    report: Callable[[str, float], None],
) -> tuple[Take, ...]:
    """The takes that a request asks for.

    Args:
        request: What is asked.
        clips: The clips that the request names, by id.
        stage: Models and kits.
        cancel: Asked before every step of a model.
        report: Told the state of the job (``loading``, ``working``) and the part that is done.

    Raises:
        BridgeError: of any kind, in words for the musician.
    """
    match request:
        case Continue() | Infill() if not _clip(clips, request.clip).drums:
            return _pitched(request, clips, stage, cancel, report)
        case Generate() if request.part != DRUMS:
            return _pitched(request, clips, stage, cancel, report)
    return _on_drums(request, clips, stage, cancel, report)


def _on_drums(
    request: ToolRequest,
    clips: Mapping[int, Clip],
    stage: Stage,
    cancel: Cancel,
    report: Callable[[str, float], None],
) -> tuple[Take, ...]:
    """Takes of drums, and of whatever Groove and Interpolate are handed."""
    match request:
        case Groove():
            clip = _clip(clips, request.clip)
            feel_clip = _clip(clips, request.feel) if request.feel else None
            kit = _kit(stage, request.kit)
            report("loading", 0.0)
            model = stage.catalog.load(groove.MODEL)
            feel = None
            if feel_clip is not None:
                listener = stage.catalog.load(groove.LISTENER)
                feel = groove.listen(feel_clip, kit, listener, cancel)
            return groove.play_groove(
                request,
                clip,
                feel,
                kit,
                model,
                cancel=cancel,
                report=lambda part: report("working", part),
            )
        case Continue():
            clip = _clip(clips, request.clip)
            keep = _keep(clips, request.keep)
            kit = _kit(stage, request.kit)
            continuation.read_context(clip, kit, request.bars)  # Refused before loading.
            report("loading", 0.0)
            return continuation.play_continuation(
                request,
                clip,
                keep,
                _drummers(stage, clip, kit, cancel),
                cancel=cancel,
                report=lambda part: report("working", part),
            )
        case Generate():
            return _generated(request, clips, stage, cancel, report)
        case Infill():
            keep = _keep(clips, request.keep)
            kit = _kit(stage, request.kit)
            gap = infill.read_gap(request, _clip(clips, request.clip), kit)
            report("loading", 0.0)
            return infill.play_infill(
                request,
                gap,
                keep,
                _drummers(stage, gap.around, kit, cancel),
                cancel=cancel,
                report=lambda part: report("working", part),
            )
        case Drumify():
            clip = _clip(clips, request.clip)
            keep = _keep(clips, request.keep)
            kit = _kit(stage, request.kit)
            report("loading", 0.0)
            return drumify.play_drumify(
                request,
                clip,
                kit,
                stage.catalog.load(drumify.MODEL),
                stage.catalog.load(groove.MODEL),
                keep=keep,
                cancel=cancel,
                report=lambda part: report("working", part),
            )
        case Interpolate():
            return _interpolated(request, clips, stage, cancel, report)
    raise BadRequestError("No tool plays this request.")


def _clip(clips: Mapping[int, Clip], clip_id: int) -> Clip:
    if clip_id not in clips:
        raise UnknownClipError(
            f"The clip {clip_id} was not sent, or not all of it. Send it and ask again."
        )
    return clips[clip_id]


def _keep(clips: Mapping[int, Clip], clip_id: int) -> Clip | None:
    return _clip(clips, clip_id) if clip_id else None


def _drummers(stage: Stage, clip: Clip | None, kit: Kit, cancel: Cancel) -> performing.Drummers:
    """Who writes and plays, with the feel of a clip where there is one."""
    feel = None
    if clip is not None:
        feel = groove.listen(clip, kit, stage.catalog.load(groove.LISTENER), cancel)
    return performing.Drummers(
        stage.catalog.load(writing.MODEL), stage.catalog.load(groove.MODEL), kit, feel
    )


def _generated(
    request: Generate,
    clips: Mapping[int, Clip],
    stage: Stage,
    cancel: Cancel,
    report: Callable[[str, float], None],
) -> tuple[Take, ...]:
    """From nothing, or near a clip."""
    keep = _keep(clips, request.keep)
    kit = _kit(stage, request.kit)

    def working(part: float) -> None:
        report("working", part)

    if request.near:
        # Refused before loading.
        near = blending.hear_clip(_clip(clips, request.near), kit, "Generate")
        report("loading", 0.0)
        return variation.play_near(
            request, near, keep, kit, _ear(stage), cancel=cancel, report=working
        )
    generate.frame_of(request)  # Refused before loading.
    report("loading", 0.0)
    drummers = _drummers(stage, None, kit, cancel)
    return generate.play_generate(request, keep, drummers, cancel=cancel, report=working)


def _pitched(
    request: Continue | Generate | Infill,
    clips: Mapping[int, Clip],
    stage: Stage,
    cancel: Cancel,
    report: Callable[[str, float], None],
) -> tuple[Take, ...]:
    """Takes of melodies, basses and chords; what cannot be is refused before loading."""

    def working(part: float) -> None:
        report("working", part)

    def band() -> drafting.Band:
        report("loading", 0.0)
        return drafting.Band.of(stage.catalog, stage.taste)

    keep = _keep(clips, request.keep)
    if isinstance(request, Generate):
        near = _keep(clips, request.near)
        chords = _chords(clips, request.chords)
        lock = lock_of(request, key_heard(near, chords))
        return melodies.play_pitched_generation(
            request, keep, near, chords, lock, band(), cancel=cancel, report=working
        )
    clip = _clip(clips, request.clip)
    lock = lock_of(request, key_heard(clip))
    if isinstance(request, Infill):
        return melody_infill.play_pitched_infill(
            request, clip, keep, lock, band(), cancel=cancel, report=working
        )
    chords = _chords(clips, request.chords)
    return melodies.play_pitched_continuation(
        request, clip, keep, chords, lock, band(), cancel=cancel, report=working
    )


def _chords(clips: Mapping[int, Clip], clip_id: int) -> Clip | None:
    """The clip of chords that takes follow; None for none."""
    chords = _keep(clips, clip_id)
    if chords is not None and chords.drums:
        raise BadRequestError("The clip of chords is a drum clip. Take one that plays chords.")
    return chords


def _interpolated(
    request: Interpolate,
    clips: Mapping[int, Clip],
    stage: Stage,
    cancel: Cancel,
    report: Callable[[str, float], None],
) -> tuple[Take, ...]:
    """Between drums, or between pitched clips."""
    ends = (request.a, request.b, request.c, request.d)
    named = tuple(_clip(clips, clip) for clip in ends if clip)
    keep = _keep(clips, request.keep)

    def working(part: float) -> None:
        report("working", part)

    # Refused before anything is loaded.
    if not all(clip.drums for clip in named):
        lines = melody_interpolation.read_line_corners(named, request.steps)
        lock = lock_of(request, key_heard(*named))
        report("loading", 0.0)
        models = melody_paths.LineModels(
            stage.catalog.load(melody_paths.LISTENER), stage.catalog.load(melody_paths.PLAYER)
        )
        return melody_interpolation.play_pitched_interpolation(
            request, lines, lock, keep, models, cancel=cancel, report=working
        )
    kit = _kit(stage, request.kit)
    corners = interpolate.read_corners(named, request.steps, kit)
    report("loading", 0.0)
    return interpolate.play_interpolation(
        request, corners, keep, kit, _ear(stage), cancel=cancel, report=working
    )


def _ear(stage: Stage) -> blending.Ear:
    """Who hears bars and their feel, and plays what lies between."""
    names = (score_paths.LISTENER, score_paths.PLAYER, groove.LISTENER, groove.MODEL)
    return blending.Ear(*(stage.catalog.load(name) for name in names))


def _kit(stage: Stage, name: str) -> Kit:
    if name not in stage.kits:
        raise BadRequestError(
            "No drum kit of your own is set up. Start the bridge with --kit-file, or choose"
            " general-midi or roland."
        )
    return stage.kits[name]
