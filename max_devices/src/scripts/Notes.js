/*
 * Notes, from Live's dictionaries to the rows of the wire and back. Live counts beats with
 * fractions, the wire counts ticks.
 */

var Notes = {
  // A note of a clip must last, and a take's must have a place in the clip.
  BATCH: 500,
  EVERYWHERE: { from: -1000000, span: 2000000 }
};

Notes.ticks = function (beats) {
  return Math.round(beats * PROTOCOL.ticksPerBeat);
};

Notes.beats = function (ticks) {
  return ticks / PROTOCOL.ticksPerBeat;
};

/* The notes in what Live answers: an object, the JSON of one, or an array that holds either. */
Notes.parse = function (answer) {
  var i;
  var found;
  if (answer === null || answer === undefined) {
    return [];
  }
  if (typeof answer === "string" || answer instanceof String) {
    try {
      return Notes.parse(JSON.parse(String(answer)));
    } catch (fault) {
      return [];
    }
  }
  if (answer instanceof Array) {
    for (i = 0; i < answer.length; i += 1) {
      found = Notes.parse(answer[i]);
      if (found.length) {
        return found;
      }
    }
    return [];
  }
  return answer.notes instanceof Array ? answer.notes : [];
};

Notes.between = function (value, low, high, otherwise) {
  var number = Number(value);
  if (value === undefined || value === null || isNaN(number)) {
    number = otherwise;
  }
  return Math.min(high, Math.max(low, number));
};

/* The row of a note, in the order of PROTOCOL.noteFields. */
Notes.row = function (note) {
  return [
    Notes.between(note.pitch, 0, 127, 60),
    Notes.ticks(Number(note.start_time)),
    Math.max(1, Notes.ticks(Number(note.duration))),
    Notes.between(note.velocity, 1, 127, 100),
    Number(note.mute) ? 1 : 0,
    Notes.between(note.probability, 0, 1, 1),
    Notes.between(note.velocity_deviation, -127, 127, 0),
    Notes.between(note.release_velocity, 0, 127, 64),
    Notes.between(note.note_id, 0, 2147483647, 0)
  ];
};

/*
 * The note of a row, for Live. Where the row is a note of the source, by its id, all that did not
 * change keeps Live's own number to the last digit.
 */
Notes.note = function (row, source) {
  var note = {
    pitch: row[0],
    start_time: Notes.beats(row[1]),
    duration: Notes.beats(row[2]),
    velocity: row[3],
    mute: row[4],
    probability: row[5],
    velocity_deviation: row[6],
    release_velocity: row[7]
  };
  var before;
  if (source) {
    before = Notes.row(source);
    note.start_time = before[1] === row[1] ? source.start_time : note.start_time;
    note.duration = before[2] === row[2] ? source.duration : note.duration;
    note.velocity = Notes.near(before[3], row[3]) ? source.velocity : note.velocity;
    note.probability = Notes.near(before[5], row[5]) ? Notes.between(source.probability, 0, 1, 1) :
      note.probability;
    note.velocity_deviation = Notes.near(before[6], row[6]) ?
      Notes.between(source.velocity_deviation, -127, 127, 0) : note.velocity_deviation;
    note.release_velocity = Notes.near(before[7], row[7]) ?
      Notes.between(source.release_velocity, 0, 127, 64) : note.release_velocity;
  }
  return note;
};

/* Whether two numbers are one, up to what 32 bits lose. */
Notes.near = function (first, second) {
  return Math.abs(first - second) < 0.0001;
};

/* A copy that add_new_notes takes: without the id that Live gave. */
Notes.fresh = function (note) {
  return {
    pitch: note.pitch,
    start_time: note.start_time,
    duration: note.duration,
    velocity: note.velocity,
    mute: Number(note.mute) ? 1 : 0,
    probability: Notes.between(note.probability, 0, 1, 1),
    velocity_deviation: Notes.between(note.velocity_deviation, -127, 127, 0),
    release_velocity: Notes.between(note.release_velocity, 0, 127, 64)
  };
};

/* One number for what a clip sounds like now: another one, and somebody has changed it. */
Notes.fingerprint = function (notes) {
  var lines = [];
  var total = 7;
  var i;
  var j;
  var row;
  for (i = 0; i < notes.length; i += 1) {
    row = Notes.row(notes[i]);
    row[3] = Math.round(row[3] * 100);
    row[5] = Math.round(row[5] * 1000);
    row[6] = Math.round(row[6] * 100);
    row[7] = Math.round(row[7] * 100);
    lines.push(row.slice(0, 8));
  }
  // Live need not give notes in the order in which they came.
  lines.sort(function (first, second) {
    var k;
    for (k = 0; k < 8; k += 1) {
      if (first[k] !== second[k]) {
        return first[k] - second[k];
      }
    }
    return 0;
  });
  for (i = 0; i < lines.length; i += 1) {
    for (j = 0; j < 8; j += 1) {
      total = (total * 31 + lines[i][j]) % 2147483647;
    }
  }
  return total;
};

/*
 * Live lets no two notes of one pitch overlap: it shortens the earlier one, and deletes one that is
 * covered whole, without a word. So no take comes to Live in which they do: hits of one pitch stand
 * at least a tick apart, and each ends where the next one begins, at the latest. The notes are
 * changed as they are; fixed ones, which nobody may touch, push the others away.
 */
Notes.apart = function (notes, fixed) {
  var byPitch = {};
  var pitch;
  Notes.sortIn(byPitch, notes, false);
  Notes.sortIn(byPitch, fixed || [], true);
  for (pitch in byPitch) {
    if (byPitch.hasOwnProperty(pitch)) {
      byPitch[pitch].sort(Notes.byTime);
      Notes.spread(byPitch[pitch]);
    }
  }
  return notes;
};

Notes.sortIn = function (byPitch, notes, isFixed) {
  var i;
  for (i = 0; i < notes.length; i += 1) {
    if (!byPitch[notes[i].pitch]) {
      byPitch[notes[i].pitch] = [];
    }
    byPitch[notes[i].pitch].push({ note: notes[i], isFixed: isFixed, place: i });
  }
};

/* By onset; what nobody may touch comes first, and what comes together stays in its order. */
Notes.byTime = function (first, second) {
  return first.note.start_time - second.note.start_time || second.isFixed - first.isFixed ||
    first.place - second.place;
};

Notes.spread = function (hits) {
  var tick = Notes.beats(1);
  var i;
  var before;
  var earliest;
  for (i = 1; i < hits.length; i += 1) {
    before = hits[i - 1];
    earliest = before.isFixed ? before.note.start_time + before.note.duration :
        before.note.start_time + tick;
    if (!hits[i].isFixed && hits[i].note.start_time < earliest) {
      hits[i].note.start_time = earliest;
    }
  }
  for (i = 0; i + 1 < hits.length; i += 1) {
    if (!hits[i].isFixed) {
      hits[i].note.duration = Math.max(tick, Math.min(hits[i].note.duration,
        hits[i + 1].note.start_time - hits[i].note.start_time));
    }
  }
};
