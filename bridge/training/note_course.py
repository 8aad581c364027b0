"""The whole way from the songs to ``exported_models/notes`` and its two heads."""

from dataclasses import replace
from pathlib import Path
from typing import Final

import torch

from bridge.tools.note_writing import LENGTHENS, MODEL, PITCHES
from bridge.training.course import Diary, Listener, load_exported, machine
from bridge.training.export import Story, export, require_checkout, write_card
from bridge.training.melody_report import MelodyReport, card_text, evaluate_melody, metrics_of
from bridge.training.note_export import note_exports
from bridge.training.note_lesson import NoteRecipe, fit_notes
from bridge.training.shipped_fingerprint import fingerprint_file
from bridge.training.song_cache import read_songs


def train_notes(recipe: NoteRecipe, data: Path, folder: Path, listener: Listener) -> MelodyReport:
    """Train (or go on training), export, evaluate, and write manifests and cards.

    Args:
        recipe: What to train; the checkpoint carries its seed.
        data: Not looked at: the songs are those that ``clipbridge train prepare`` wrote.
        folder: Where the model goes: ``exported_models/notes``; its heads go beside it.
        listener: Told how it goes.

    Raises:
        DataMissingError: if the songs were not prepared.
        ExportError: if this is no git checkout, or a graph does not do what the network does.
    """
    del data
    require_checkout()
    torch.set_num_threads(1)  # More is slower for networks of this size.
    songs = read_songs()
    train = [song for song in songs if song.split == "train"]
    validation = [song for song in songs if song.split == "validation"]
    diary = Diary("notes", recipe.schedule.seed, listener)
    network = fit_notes(
        recipe,
        train,
        validation,
        diary.checkpoint,
        report=diary.told,
        advance=listener.advance,
    )
    story = Story(
        command="clipbridge train notes",
        minutes=diary.minutes,
        epochs=recipe.schedule.epochs,
        machine=machine(),
        recipe=recipe,
        windows="windows of 128 notes and rests from a bar drawn anew each time",
        metres="all metres",
        split="Split by song, songs that share a melody on one side",
    )
    exports = note_exports(network, recipe, sorted({song.source for song in train}))
    exports[MODEL] = replace(exports[MODEL], extras=fingerprint_file(songs))
    for name, part in exports.items():
        export(part, folder.parent / name)
    return finish_notes(story, folder.parent)


def finish_notes(story: Story, models: Path) -> MelodyReport:
    """Measure an exported note model and write what was found into manifests and cards."""
    report = evaluate_melody(models, report=lambda _: None)
    write_cards(story, models, report)
    return report


def write_cards(story: Story, models: Path, report: MelodyReport) -> None:
    """What was measured, in the manifests and cards of the model and its heads."""
    trunk, pitch, length = (load_exported(models, name) for name in (MODEL, PITCHES, LENGTHENS))
    manifest = replace(trunk.manifest, metrics=metrics_of(report))
    write_card(models / MODEL, manifest, story, _CARD.format(card_text(report)))
    write_card(models / PITCHES, pitch.manifest, story, _HEAD.format("which key is struck"))
    write_card(models / LENGTHENS, length.manifest, story, _HEAD.format("how long it sounds"))


_CARD: Final = """\
Writes melodies, basses and chords note by note, for three tools: Continue plays on after a clip,
Infill plays some of its bars anew by what stands before and after them, Generate begins from
nothing, or near a clip. `bridge.tools.note_writing` draws from it, `bridge.tools.drafting` chooses
among drafts, and `bridge.tools.phrasing` says how the notes are played. A transformer over notes
on a grid of twelfths of a quarter, so that triplets and sixteenths both stand on it. Of each note
it is told what came next one, two, four and eight bars before, and one, two and four bars after
where that is known; it may point to what stands there, or go on from its own note as it went on
there. Pitches are intervals, steps above the key's root and heights above the part's middle, so
that it knows all keys alike. This graph, the trunk, says when the next note comes;
[notes-pitch](../notes-pitch/CARD.md) then says at which key, and
[notes-length](../notes-length/CARD.md) for how long.

`fingerprint.npz` holds hashes of the runs of sixteen notes that it learned from; takes that
contain one are drawn anew. Nothing of the melodies can be read out of it.

## What it measures
Printed by `clipbridge evaluate melody`; the definitions stand in `bridge/training`.

{}

`clipbridge evaluate melody --pictures exported_models/notes` drew [continue.png](continue.png) and
[generate.png](generate.png): sixteen takes that nobody picked (seeds 0–15) among sixteen real
melodies; which is which stands in continue.txt and generate.txt.

## Known limits
* It learned from fiddle tunes of three books, songs of the 19th century, hymns, lead sheets to 1930
  and one set of pop songs: it has heard no jazz since, and no electronic music.
* Only the pop songs were played, and their melodies stand on the grid: it writes no timing of its
  own. That comes from the musician's clip, or from habits of playing
  (`bridge.tools.playing_habits`).
* Chords that it learned from are piano parts and hymns; of pads and strings it has heard nothing.
* Of a long clip it hears the last 128 notes and rests, and what stands eight bars before."""

_HEAD: Final = """\
A head of the model [notes](../notes/CARD.md): says {}, from what that model made of all notes
before. Trained with it, and of no use with another; what it measures stands in that card."""
