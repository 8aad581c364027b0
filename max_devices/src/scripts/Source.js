/* A clip as it is read: its notes with all their fields, and the frame they stand in. */

var Source = {};

/*
 * { clip, place, frame, rows, notes, others, byId, fingerprint, ... }. notes: those that are sent,
 * the selected ones where some are selected; others: the rest, which nobody touches.
 */
Source.read = function (clip) {
  var all = Notes.parse(LiveSet.call(clip, "get_all_notes_extended"));
  var selected = Notes.parse(LiveSet.call(clip, "get_selected_notes_extended"));
  var chosen = selected.length && selected.length < all.length ? selected : all;
  var source = {
    clip: clip,
    place: Target.place(clip),
    name: Target.name(clip),
    notes: chosen,
    others: Source.without(all, chosen),
    byId: {},
    rows: [],
    fingerprint: Notes.fingerprint(all),
    startMarker: LiveSet.number(clip, "start_marker"),
    color: LiveSet.number(clip, "color", -1),
    launchMode: LiveSet.number(clip, "launch_mode", -1),
    launchQuantization: LiveSet.number(clip, "launch_quantization", -1),
    frame: Source.frame(clip)
  };
  var i;
  for (i = 0; i < chosen.length; i += 1) {
    source.byId[chosen[i].note_id] = chosen[i];
    source.rows.push(Notes.row(chosen[i]));
  }
  source.frame.count = source.rows.length;
  return source;
};

Source.without = function (all, chosen) {
  var taken = {};
  var rest = [];
  var i;
  for (i = 0; i < chosen.length; i += 1) {
    taken[chosen[i].note_id] = true;
  }
  for (i = 0; i < all.length; i += 1) {
    if (!taken[all[i].note_id]) {
      rest.push(all[i]);
    }
  }
  return rest;
};

/*
 * The frame; the loop of a clip that does not loop is the clip itself. Whether it is drums is said
 * when all clips are read.
 */
Source.frame = function (clip) {
  var start = Notes.ticks(LiveSet.number(clip, "loop_start"));
  var end = Math.max(start + 1, Notes.ticks(LiveSet.number(clip, "loop_end")));
  return {
    length: Math.max(1, end),
    loop_start: start,
    loop_end: end,
    looping: LiveSet.number(clip, "looping") ? 1 : 0,
    numerator: LiveSet.number(clip, "signature_numerator", 4),
    denominator: LiveSet.number(clip, "signature_denominator", 4),
    tempo: Notes.between(LiveSet.number(LiveSet.root("live_set"), "tempo"), 20, 999, 120),
    drums: 0,
    count: 0,
    checksum: 0
  };
};

/* Whether somebody changed the notes of a clip since it was read. */
Source.isChanged = function (source) {
  return Notes.fingerprint(Notes.parse(LiveSet.call(source.clip, "get_all_notes_extended"))) !==
    source.fingerprint;
};
