/*
 * Takes become clips. New clips go to free slots below the source, or behind it on the timeline;
 * nothing is overwritten. Everything happens in turns of at most 500 notes, each in a Task of its
 * own, and each turn looks first whether its clip still lives.
 */

var Writer = {
  turns: [],
  isRunning: false
};

/* Queues a turn; what it throws ends the writing. */
Writer.add = function (turn) {
  Writer.turns.push(turn);
  if (!Writer.isRunning) {
    Writer.isRunning = true;
    Clock.soon(Writer.run, 1);
  }
};

Writer.run = function () {
  var turn = Writer.turns.shift();
  try {
    if (turn) {
      turn();
    }
  } catch (fault) {
    Writer.turns = [];
    Writer.isRunning = false;
    throw fault;
  }
  if (Writer.turns.length) {
    Clock.soon(Writer.run, 1);
  } else {
    Writer.isRunning = false;
  }
};

Writer.stop = function () {
  Writer.turns = [];
};

/* The notes of a take for Live; where the source has others, they stay beside them. */
Writer.notes = function (take, source, fromWire) {
  var notes = [];
  var others = [];
  var rows = Pads.led(take.rows, fromWire);
  var i;
  for (i = 0; i < rows.length; i += 1) {
    notes.push(Notes.note(rows[i], source ? source.byId[rows[i][8]] : null));
  }
  if (source && TOOL.keepsOthers) {
    for (i = 0; i < source.others.length; i += 1) {
      others.push(Notes.fresh(source.others[i]));
    }
  }
  return Notes.apart(notes, others).concat(others);
};

/*
 * A new clip for a take, made and filled. plan: { source, track, row, time, wholeName }, of which
 * row and time move on, so that the next take finds the next place. then(clip) is told the new
 * clip, 0 where Live made none.
 */
Writer.newClip = function (plan, take, notes, name, then) {
  Writer.add(function () {
    var length = Notes.beats(take.frame.loop_end - take.frame.loop_start);
    var inArrangement = plan.time >= 0;
    var clip;
    if (!LiveSet.lives(plan.track, "Track")) {
      then(0);
      return;
    }
    clip = inArrangement ? Writer.arrangementClip(plan, length) : Writer.sessionClip(plan, length);
    if (!clip) {
      then(0);
      return;
    }
    if (inArrangement) {
      notes = Writer.shifted(notes, -Notes.beats(take.frame.loop_start));
    }
    Writer.dress(clip, take.frame, plan.source, name, inArrangement);
    Writer.pour(clip, notes, 0, then);
  });
};

/* Adds the notes from a place on: the first batch now, each further one in a turn of its own. */
Writer.pour = function (clip, notes, from, then) {
  var batch = notes.slice(from, from + Notes.BATCH);
  if (!LiveSet.lives(clip, "Clip")) {
    then(0);
    return;
  }
  if (batch.length) {
    LiveSet.call(clip, "add_new_notes", { notes: batch });
  }
  if (from + Notes.BATCH < notes.length) {
    // Before whatever waits: a clip is finished before the next one is begun.
    Writer.turns.unshift(function () {
      Writer.pour(clip, notes, from + Notes.BATCH, then);
    });
  } else {
    then(clip);
  }
};

/* A clip in the next free slot below plan.row; a new scene where there is none. */
Writer.sessionClip = function (plan, length) {
  var slots = LiveSet.children(plan.track, "clip_slots");
  var i = plan.row + 1;
  while (i < slots.length && LiveSet.number(slots[i], "has_clip")) {
    i += 1;
  }
  if (i >= slots.length) {
    LiveSet.call(LiveSet.root("live_set"), "create_scene", -1);
    slots = LiveSet.children(plan.track, "clip_slots");
    i = slots.length - 1;
  }
  if (i <= plan.row || LiveSet.number(slots[i], "has_clip")) {
    return 0;
  }
  LiveSet.call(slots[i], "create_clip", length);
  plan.row = i;
  return LiveSet.child(slots[i], "clip");
};

/* A clip on the timeline in the first gap from plan.time on that is long enough. */
Writer.arrangementClip = function (plan, length) {
  var time = Writer.gap(plan.track, plan.time, length);
  var before = LiveSet.children(plan.track, "arrangement_clips");
  var clip;
  if (LiveSet.version() >= 1202) {
    LiveSet.call(plan.track, "create_midi_clip", time, length);
  } else {
    Writer.copyToArrangement(plan.track, time, length);
  }
  clip = Writer.newcomer(before, LiveSet.children(plan.track, "arrangement_clips"));
  if (clip) {
    plan.time = time + length;
  }
  return clip;
};

/* Live before 12.2 makes clips on the timeline only by copying one of the Session. */
Writer.copyToArrangement = function (track, time, length) {
  var song = LiveSet.root("live_set");
  var scenes = LiveSet.children(song, "scenes").length;
  var clip = Writer.sessionClip({ track: track, row: -1 }, length);
  var slot;
  if (clip) {
    slot = LiveSet.child(clip, "canonical_parent");
    LiveSet.call(track, "duplicate_clip_to_arrangement", "id " + clip, time);
    LiveSet.call(slot, "delete_clip");
  }
  if (LiveSet.children(song, "scenes").length > scenes) {
    LiveSet.call(song, "delete_scene", scenes);
  }
};

Writer.newcomer = function (before, after) {
  var known = {};
  var i;
  for (i = 0; i < before.length; i += 1) {
    known[before[i]] = true;
  }
  for (i = 0; i < after.length; i += 1) {
    if (!known[after[i]]) {
      return after[i];
    }
  }
  return 0;
};

/* The first time from `from` on at which so many beats of the track are free. */
Writer.gap = function (track, from, length) {
  var clips = LiveSet.children(track, "arrangement_clips");
  var taken = [];
  var time = from;
  var i;
  for (i = 0; i < clips.length; i += 1) {
    taken.push([
      LiveSet.number(clips[i], "start_time"),
      LiveSet.number(clips[i], "end_time")
    ]);
  }
  taken.sort(function (first, second) {
    return first[0] - second[0];
  });
  for (i = 0; i < taken.length; i += 1) {
    if (taken[i][1] > time && taken[i][0] < time + length) {
      time = taken[i][1];
    }
  }
  return time;
};

Writer.shifted = function (notes, by) {
  var out = [];
  var i;
  var note;
  if (by === 0) {
    return notes;
  }
  for (i = 0; i < notes.length; i += 1) {
    note = Notes.fresh(notes[i]);
    note.start_time += by;
    out.push(note);
  }
  return out;
};

/* Name, colour, metre, loop and launch settings of a new clip. */
Writer.dress = function (clip, frame, source, name, inArrangement) {
  var start = Notes.beats(frame.loop_start);
  var end = Notes.beats(frame.loop_end);
  LiveSet.set(clip, "name", name);
  if (source && source.color >= 0) {
    LiveSet.set(clip, "color", source.color);
  }
  LiveSet.set(clip, "signature_numerator", frame.numerator);
  LiveSet.set(clip, "signature_denominator", frame.denominator);
  if (inArrangement) {
    return;
  }
  LiveSet.set(clip, "looping", 1);
  Writer.range(clip, "loop_start", "loop_end", start, end);
  Writer.range(clip, "start_marker", "end_marker",
    source && source.frame.loop_start === frame.loop_start && source.startMarker < end ?
        source.startMarker : start, end);
  if (!frame.looping) {
    LiveSet.set(clip, "looping", 0);
  }
  if (source && source.launchMode >= 0) {
    LiveSet.set(clip, "launch_mode", source.launchMode);
  }
  if (source && source.launchQuantization >= 0) {
    LiveSet.set(clip, "launch_quantization", source.launchQuantization);
  }
};

/* The far edge first: an end may never stand before its start, not even for a moment. */
Writer.range = function (clip, startName, endName, start, end) {
  if (start >= LiveSet.number(clip, endName)) {
    LiveSet.set(clip, endName, end);
    LiveSet.set(clip, startName, start);
  } else {
    LiveSet.set(clip, startName, start);
    LiveSet.set(clip, endName, end);
  }
};

/*
 * Puts other notes into a clip that this device made: the old ones go and the new ones come in one
 * turn, as far as they are no more than a batch.
 */
Writer.refill = function (clip, notes, name, then) {
  Writer.add(function () {
    if (!LiveSet.lives(clip, "Clip")) {
      then(0);
      return;
    }
    LiveSet.clearNotes(clip, Notes.EVERYWHERE.from, Notes.EVERYWHERE.span);
    LiveSet.set(clip, "name", name);
    Writer.pour(clip, notes, 0, then);
  });
};

/*
 * Groove in place: the source's own notes get the take's times and strengths. Live keeps whatever
 * else a note has. then(clip) is told the clip, 0 where it has gone.
 */
Writer.modify = function (source, take, then) {
  Writer.add(function () {
    var edited = [];
    var i;
    var row;
    var note;
    for (i = 0; i < take.rows.length; i += 1) {
      row = take.rows[i];
      if (source.byId[row[8]]) {
        note = Writer.copy(source.byId[row[8]]);
        row = Notes.note(row, source.byId[row[8]]);
        note.start_time = row.start_time;
        note.velocity = row.velocity;
        edited.push(note);
      }
    }
    Notes.apart(edited, source.others);
    Writer.apply(source.clip, Writer.byPitch(edited), 0, then);
  });
};

Writer.apply = function (clip, notes, from, then) {
  var end = Math.min(notes.length, from + Notes.BATCH);
  if (!LiveSet.lives(clip, "Clip")) {
    then(0);
    return;
  }
  // A pitch is never cut in two: a batch would run into notes that the next one will move.
  while (end > 0 && end < notes.length && notes[end].pitch === notes[end - 1].pitch) {
    end += 1;
  }
  LiveSet.call(clip, "apply_note_modifications", { notes: notes.slice(from, end) });
  if (end < notes.length) {
    Writer.turns.unshift(function () {
      Writer.apply(clip, notes, end, then);
    });
  } else {
    then(clip);
  }
};

Writer.byPitch = function (notes) {
  return notes.slice(0).sort(function (first, second) {
    return first.pitch - second.pitch || first.start_time - second.start_time;
  });
};

/* Live's dictionary again, whatever it holds. */
Writer.copy = function (note) {
  var copy = {};
  var name;
  for (name in note) {
    if (note.hasOwnProperty(name)) {
      copy[name] = note[name];
    }
  }
  return copy;
};
