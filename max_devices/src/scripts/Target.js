/*
 * Which clip the musician means. In the Arrangement Live tells no click on a clip, so there it is
 * the clip of the selected track under the playhead; else the clip that the Clip View shows; else
 * the clip of the highlighted slot. The device shows the name before anything is done.
 */

var Target = {
  // The last clip found under the playhead: most of the time it is the same again.
  lastPlayed: 0,
  // The last stretch of a track without a clip: { track, clips, from, to }.
  gap: null
};

/* Looks anew at everything next time. */
Target.forget = function () {
  Target.lastPlayed = 0;
  Target.gap = null;
};

/* The id of the MIDI clip that is meant now; 0 where there is none. */
Target.meant = function () {
  var view = LiveSet.root("live_set view");
  var focus = LiveSet.words(LiveSet.root("live_app view"), "focused_document_view");
  var found = 0;
  if (focus === "Arranger") {
    found = Target.underPlayhead(LiveSet.child(view, "selected_track"));
  }
  found = found || Target.midi(LiveSet.child(view, "detail_clip"));
  return found || Target.midi(LiveSet.child(LiveSet.child(view, "highlighted_clip_slot"), "clip"));
};

Target.midi = function (clip) {
  return clip && LiveSet.number(clip, "is_midi_clip") ? clip : 0;
};

Target.underPlayhead = function (track) {
  var time = LiveSet.number(LiveSet.root("live_set"), "current_song_time");
  var clips;
  var i;
  if (!track || LiveSet.kind(track) !== "Track") {
    return 0;
  }
  if (Target.spans(Target.lastPlayed, time) && LiveSet.trackOf(Target.lastPlayed) === track) {
    return Target.lastPlayed;
  }
  clips = LiveSet.children(track, "arrangement_clips");
  if (Target.gap && Target.gap.track === track && Target.gap.clips === clips.join() &&
      Target.gap.from <= time && time < Target.gap.to) {
    return 0;
  }
  return Target.search(track, clips, time);
};

/* Asks every clip of a track where it stands, and remembers what stands around a time. */
Target.search = function (track, clips, time) {
  var gap = { track: track, clips: clips.join(), from: -Infinity, to: Infinity };
  var i;
  var start;
  var end;
  Target.forget();
  for (i = 0; i < clips.length; i += 1) {
    start = LiveSet.number(clips[i], "start_time");
    end = LiveSet.number(clips[i], "end_time");
    if (start <= time && time < end) {
      Target.lastPlayed = Target.midi(clips[i]);
      return Target.lastPlayed;
    }
    if (end <= time) {
      gap.from = Math.max(gap.from, end);
    } else {
      gap.to = Math.min(gap.to, start);
    }
  }
  Target.gap = gap;
  return 0;
};

Target.spans = function (clip, time) {
  return LiveSet.lives(clip, "Clip") && LiveSet.number(clip, "start_time") <= time &&
    time < LiveSet.number(clip, "end_time");
};

/*
 * Where a clip stands: { clip, track, slot, row, arrangement }. slot is the id of its slot and row
 * its place from the top, 0 and -1 in the Arrangement.
 */
Target.place = function (clip) {
  var arrangement = LiveSet.number(clip, "is_arrangement_clip") !== 0;
  var parent = LiveSet.child(clip, "canonical_parent");
  var track = LiveSet.trackOf(parent);
  var place = { clip: clip, track: track, slot: 0, row: -1, arrangement: arrangement };
  var slots;
  var i;
  if (!arrangement) {
    slots = LiveSet.children(track, "clip_slots");
    for (i = 0; i < slots.length; i += 1) {
      if (slots[i] === parent) {
        place.slot = parent;
        place.row = i;
      }
    }
  }
  return place;
};

Target.name = function (clip) {
  return Words.short(LiveSet.words(clip, "name") || "(no name)", 26);
};

/* In words where it stands, for the line below its name. */
Target.words = function (place) {
  var track = Words.short(LiveSet.words(place.track, "name") || "a track", 18);
  if (place.arrangement) {
    return track + " \u00b7 bar " + Target.bar(LiveSet.number(place.clip, "start_time"));
  }
  return track + " \u00b7 slot " + (place.row + 1);
};

Target.bar = function (beats) {
  var song = LiveSet.root("live_set");
  var bar = LiveSet.number(song, "signature_numerator", 4) * 4 /
    LiveSet.number(song, "signature_denominator", 4);
  return Math.floor(beats / bar) + 1;
};
