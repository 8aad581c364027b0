/*
 * The takes of the last request: which one is shown, and what previous, next and star do. Where
 * each take has its clip, the row walks through the clips; where one clip holds them all, it swaps
 * the notes in that clip.
 */

var Tray = {
  NEW_CLIPS: 0,
  ONE_CLIP: 1,
  IN_PLACE: 2,
  items: [],
  at: 0,
  seat: 0
};

/* Begins a new set of takes. plan as in Writer.newClip, with mode and fromWire besides. */
Tray.open = function (plan) {
  Tray.plan = plan;
  Tray.items = [];
  Tray.at = 0;
  Tray.seat = 0;
  Tray.isSeating = false;
  Tray.written = 0;
  Tray.wanted = -1;
  Tray.show();
};

Tray.name = function (item) {
  return (item.isStarred ? "\u2605 " : "") + TOOL.name + " \u00b7 " + (item.take.index + 1) + "/" +
    item.take.takes + " \u00b7 " + item.take.seed;
};

/* A take has come: it is written, or kept for the row. then(fault) is told "" or what went wrong. */
Tray.add = function (take, then) {
  var plan = Tray.plan;
  var seated = Tray.seat ? Tray.items[Tray.at] : null;
  var item = {
    take: take,
    clip: 0,
    isStarred: false,
    notes: Writer.notes(take, plan.source, plan.fromWire)
  };
  Tray.items.push(item);
  Tray.items.sort(function (first, second) {
    return first.take.index - second.take.index;
  });
  // Takes may come in any order; the row goes on showing the one that plays.
  Tray.at = seated ? Tray.indexOf(seated) : 0;
  if (plan.mode !== Tray.NEW_CLIPS && take.index > 0) {
    then("");
  } else if (plan.mode !== Tray.IN_PLACE) {
    Tray.isSeating = true;
    Writer.newClip(plan, take, item.notes, Tray.name(item), function (clip) {
      item.clip = clip;
      Tray.written += clip ? 1 : 0;
      Tray.sit(item, clip);
      then(clip ? "" : Tray.whyNot());
    });
  } else {
    Tray.isSeating = true;
    Writer.modify(plan.source, take, function (clip) {
      Tray.written += clip ? 1 : 0;
      Tray.sit(item, clip);
      then(clip ? "" : Words.gone);
    });
  }
  Tray.show();
};

Tray.whyNot = function () {
  return LiveSet.lives(Tray.plan.track, "Track") ? Words.cannotWrite : Words.trackGone;
};

/* Remembers which clip holds the take, and what it looks like now. */
Tray.sit = function (item, clip) {
  if (clip && Tray.plan.mode !== Tray.NEW_CLIPS) {
    Tray.seat = clip;
    Tray.look = Tray.lookOf(clip);
    Tray.at = Tray.indexOf(item);
  }
  Tray.show();
};

Tray.lookOf = function (clip) {
  return Notes.fingerprint(Notes.parse(LiveSet.call(clip, "get_all_notes_extended")));
};

Tray.indexOf = function (item) {
  var i;
  for (i = 0; i < Tray.items.length; i += 1) {
    if (Tray.items[i] === item) {
      return i;
    }
  }
  return 0;
};

/* One take on or back; at the end it begins again. */
Tray.step = function (by) {
  var count = Tray.items.length;
  var item;
  if (!count || Writer.isRunning) {
    return "";
  }
  item = Tray.items[(Tray.at + by + count) % count];
  if (Tray.plan.mode === Tray.NEW_CLIPS) {
    Tray.at = Tray.indexOf(item);
    Tray.reveal(item);
    Tray.show();
    return "";
  }
  return Tray.swap(item);
};

/*
 * The take at a place between the clips that it leads from and to, 0 to 1 across and, where the
 * takes are a square, down. A knob is turned faster than Live writes: only its last place counts.
 */
Tray.pick = function (across, down) {
  var count = Tray.items.length;
  var side = Math.round(Math.sqrt(count));
  if (count < 2) {
    return;
  }
  Tray.wanted = Conversation.plan.isSquare && side * side === count ?
      Math.round(down * (side - 1)) * side + Math.round(across * (side - 1)) :
      Math.round(across * (count - 1));
  Tray.reach();
};

Tray.reach = function () {
  if (Tray.wanted < 0 || Tray.wanted === Tray.at || Conversation.job || Writer.isRunning) {
    return;
  }
  Tray.step(Tray.wanted - Tray.at);
};

/* Shows a take's clip in Live. */
Tray.reveal = function (item) {
  var view = LiveSet.root("live_set view");
  var slot;
  if (!LiveSet.lives(item.clip, "Clip")) {
    return;
  }
  Device.revealed = item.clip;
  if (!LiveSet.number(item.clip, "is_arrangement_clip")) {
    slot = LiveSet.child(item.clip, "canonical_parent");
    LiveSet.point(view, "highlighted_clip_slot", slot);
  }
  LiveSet.point(view, "detail_clip", item.clip);
};

/* Swaps the notes in the clip that holds the takes, unless somebody has edited them there. */
Tray.swap = function (item) {
  var plan = Tray.plan;

  function done(clip) {
    if (clip) {
      Tray.sit(item, clip);
      Clock.soon(Tray.reach, 1);
    }
  }

  if (!LiveSet.lives(Tray.seat, "Clip")) {
    return Words.gone;
  }
  if (Tray.lookOf(Tray.seat) !== Tray.look) {
    return Words.seatChanged;
  }
  if (plan.mode === Tray.IN_PLACE) {
    Writer.modify(plan.source, item.take, done);
  } else {
    Writer.refill(Tray.seat, plan.time >= 0 ?
        Writer.shifted(item.notes, -Notes.beats(item.take.frame.loop_start)) : item.notes,
      Tray.name(item), done);
  }
  return "";
};

/*
 * Stars the take that is shown, or takes the star away. A take with a clip of its own gets the
 * star in the clip's name; one that shares a clip is written out as a clip.
 */
Tray.star = function () {
  var item = Tray.items[Tray.at];
  if (!item || Writer.isRunning) {
    return;
  }
  item.isStarred = !item.isStarred;
  if (item.clip && LiveSet.lives(item.clip, "Clip") && Tray.plan.mode === Tray.NEW_CLIPS) {
    Writer.add(function () {
      LiveSet.set(item.clip, "name", Tray.name(item));
    });
  } else if (item.isStarred && Tray.plan.mode !== Tray.NEW_CLIPS) {
    Writer.newClip(Tray.plan, item.take, item.notes, Tray.name(item), function () {
      Tray.show();
    });
  }
  Tray.show();
};

Tray.show = function () {
  var count = Tray.items.length;
  var item = Tray.items[Tray.at];
  Screen.write("take", item ?
      (Tray.at + 1) + "/" + count + " \u00b7 " + item.take.seed : Words.noTakes);
  Screen.label("star", item && item.isStarred ? "Unstar" : "Star");
  Screen.enable("previous", count > 1);
  Screen.enable("next", count > 1);
  Screen.enable("star", count > 0);
};
