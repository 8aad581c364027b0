/* One press of the big button, from the clip that is read to the last take that is written. */

var Conversation = {
  job: null,
  isWaiting: false,  // pressed before the bridge was found
  waited: 0,
  WAIT_FOR_BRIDGE: 30000
};

/* The button: what is under way makes room for what is asked now. */
Conversation.press = function () {
  Conversation.stop();
  if (Link.state === "refused") {
    Device.say(Device.refusal);
    return;
  }
  if (Link.state !== "found") {
    Conversation.isWaiting = true;
    Conversation.waited = 0;
    Device.say(Words.starting);
    return;
  }
  Device.say(Words.reading);
  Target.forget();
  Device.look();
  Conversation.begin();
};

Conversation.begin = function () {
  var read = Conversation.read();
  var address;
  Conversation.isWaiting = false;
  if (typeof read === "string") {
    Device.say(read);
    return;
  }
  Tray.open(read.plan);
  Conversation.plan = read.plan;
  Conversation.fault = "";
  Conversation.known = {};
  address = PROTOCOL.addresses[TOOL.addressFor ? TOOL.addressFor(read.values) : TOOL.address];
  Conversation.job = new Job(address, read.values.id, Request.atoms(address, read.values),
    read.clips, Conversation);
  Device.showBusy();
};

/* { values, clips, plan } for the request, or in words why there is none. */
Conversation.read = function () {
  var values = Device.fields();
  var read = [];
  var i;
  var wanted;
  var id;
  var source;
  for (i = 0; i < TOOL.clips.length; i += 1) {
    wanted = TOOL.clips[i];
    id = wanted.holder ? Holders.clip(wanted.holder) : Device.target;
    values[wanted.field] = 0;
    if (id && LiveSet.lives(id, "Clip")) {
      source = Source.read(id);
      if (!source.rows.length && !wanted.mayBeEmpty) {
        return wanted.holder ? wanted.label + ": " + Words.noNotes : Words.noNotes;
      }
      if (source.rows.length > PROTOCOL.maxNotes) {
        return Words.tooMany;
      }
      values[wanted.field] = Device.nextId();
      read.push({ wanted: wanted, source: source });
    } else if (wanted.isNeeded) {
      return wanted.holder ? wanted.lack : Words.noClip;
    }
  }
  return Conversation.complete(values, read);
};

/* read: what was read, and for what: [{ wanted, source }]. */
Conversation.complete = function (values, read) {
  var sources = [];
  var i;
  var areDrums;
  var clips = [];
  var plan;
  var fault;
  var map;
  for (i = 0; i < read.length; i += 1) {
    if (!read[i].wanted.areChords) {
      sources.push(read[i].source);
    }
  }
  areDrums = Parts.areDrums(sources);
  plan = Conversation.planFor(sources.length ? sources[0] : null);
  fault = TOOL.settle ? TOOL.settle(values, areDrums) : "";
  if (fault || !plan.track) {
    return fault || Words.trackGone;
  }
  for (i = 0; i < read.length; i += 1) {
    if (!read[i].wanted.areChords) {
      clips.push(Conversation.clip(values, read[i], areDrums));
    } else if (!areDrums && !values.where) {
      clips.push(Conversation.clip(values, read[i], false));
    } else {
      values[read[i].wanted.field] = 0;
    }
  }
  map = Conversation.map(plan.track, areDrums);
  plan.fromWire = map.fromWire;
  plan.isSquare = Boolean(values.c);
  values.id = Device.nextId();
  values.kit = Device.kit();
  values.seed = Request.seed(values.seed || 0);
  if (values.pieces !== undefined) {
    /*jslint bitwise: true */
    values.pieces = (values.pieces & map.pieces) || map.pieces || Pads.ALL;
  }
  return { values: values, clips: clips, plan: plan };
};

/* A clip as it is sent, named in the request. */
Conversation.clip = function (values, read, areDrums) {
  var source = read.source;
  var map = Conversation.map(source.place.track, areDrums);
  source.frame.drums = areDrums ? 1 : 0;
  return {
    id: values[read.wanted.field],
    frame: source.frame,
    rows: Pads.led(source.rows, map.toWire)
  };
};

/* The way between a track's pads and General MIDI, where the kit is the Drum Rack. */
Conversation.map = function (track, areDrums) {
  return areDrums && Device.value("kit", 0) === 0 ? Pads.map(Pads.read(track)) : Pads.plain();
};

/* Where takes go: below or behind the source, on its track or, for some tools, on the device's. */
Conversation.planFor = function (source) {
  var track = TOOL.isOnOwnTrack || !source ? Device.track() : source.place.track;
  var plan = {
    source: source,
    mode: Math.round(Device.value("write", Tray.NEW_CLIPS)),
    track: track,
    row: -1,
    time: -1
  };
  var isElsewhere;
  if (!source || TOOL.isWithoutTarget) {
    plan.source = null;
    return Conversation.planWithout(plan);
  }
  isElsewhere = track !== source.place.track;
  if (source.place.arrangement) {
    plan.time = LiveSet.number(source.clip, isElsewhere ? "start_time" : "end_time");
  } else {
    plan.row = source.place.row - (isElsewhere ? 1 : 0);
  }
  return plan;
};

/* Without a clip: from the selected scene on, or from the next bar of the timeline. */
Conversation.planWithout = function (plan) {
  var song = LiveSet.root("live_set");
  var scene = LiveSet.child(LiveSet.root("live_set view"), "selected_scene");
  var scenes = LiveSet.children(song, "scenes");
  var bar;
  var i;
  if (LiveSet.words(LiveSet.root("live_app view"), "focused_document_view") === "Arranger") {
    bar = LiveSet.number(song, "signature_numerator", 4) * 4 /
      LiveSet.number(song, "signature_denominator", 4);
    plan.time = Math.ceil(LiveSet.number(song, "current_song_time") / bar - 0.000001) * bar;
    return plan;
  }
  for (i = 0; i < scenes.length; i += 1) {
    if (scenes[i] === scene) {
      plan.row = i - 1;
    }
  }
  return plan;
};

/* The job's listener: how far it is. */
Conversation.state = function (word, fraction) {
  if (word === "working") {
    Device.say(Words.working(fraction));
  } else if (word === "sending") {
    Device.say(Conversation.job && Conversation.job.step !== "clips" ?
        Words.receiving : Words.sending);
  } else if (word === "queued") {
    Device.say(Words.queued);
  } else if (word === "loading") {
    Device.say(Words.loading);
  }
};

/* The job's listener: a take. After a new start of the bridge the same take comes again. */
Conversation.take = function (take) {
  var plan = Conversation.plan;
  if (Conversation.known[take.index]) {
    return;
  }
  Conversation.known[take.index] = true;
  if (plan.source && !LiveSet.lives(plan.source.clip, "Clip")) {
    Conversation.fault = Conversation.fault || Words.gone;
  } else if (plan.mode === Tray.IN_PLACE && !Tray.isSeating && Source.isChanged(plan.source)) {
    Conversation.fault = Conversation.fault || Words.changed;
  }
  if (Conversation.fault) {
    return;
  }
  Tray.add(take, function (fault) {
    Conversation.fault = Conversation.fault || fault;
  });
};

/* The job's listener: all takes have come; the last word is said when they are written. */
Conversation.done = function () {
  Conversation.end();
  Writer.add(function () {
    Device.say(Conversation.fault || Conversation.success());
    Tray.show();
  });
};

Conversation.success = function () {
  var count = Tray.items.length;
  var source = Conversation.plan.source;
  var end = source && LiveSet.lives(source.clip, "Clip") && Source.isChanged(source) ?
      " " + Words.changedSince : "";
  if (Conversation.plan.mode === Tray.IN_PLACE) {
    return count === 1 ? Words.played : Words.playedOf(count);
  }
  return (Conversation.plan.mode === Tray.ONE_CLIP ? Words.oneClip(count) :
      Words.written(Tray.written)) + end;
};

/* The job's listener: it ended otherwise. */
Conversation.failed = function (code, text) {
  Conversation.end();
  if (code === "cancelled") {
    Device.say(Tray.written ? Words.cancelledAfter(Tray.written) : Words.cancelled);
  } else {
    Device.say(text);
  }
};

Conversation.end = function () {
  Conversation.job = null;
  Device.showBusy();
};

Conversation.cancel = function () {
  if (Conversation.isWaiting) {
    Conversation.isWaiting = false;
    Device.say(Words.cancelled);
  } else if (Conversation.job && Link.state !== "found") {
    Conversation.failed("cancelled", Words.cancelled);
  } else if (Conversation.job) {
    Device.say(Words.cancelling);
    Conversation.job.cancel();
  }
};

/* Calls off what runs, without a word: another press comes. */
Conversation.stop = function () {
  var job = Conversation.job;
  Conversation.isWaiting = false;
  if (job) {
    if (job.step !== "clips") {
      Link.send([PROTOCOL.addresses.cancel, job.id]);
    }
    Conversation.job = null;
    Writer.stop();
  }
};

/* The bridge is there, or there again. */
Conversation.bridgeFound = function (isNew) {
  if (Conversation.isWaiting) {
    Conversation.press();
  } else if (Conversation.job && isNew) {
    Device.say(Words.restarted);
    Conversation.job.begin();
  }
};

Conversation.bridgeLost = function (how) {
  Conversation.waited = 0;
  if (how === "stopped" && Conversation.job) {
    Conversation.failed("stopped", Words.stopped);
  }
};

Conversation.tick = function (passed) {
  if (Conversation.job && Link.state === "found") {
    Conversation.job.tick(passed);
  } else if (Conversation.job || Conversation.isWaiting) {
    Conversation.waited += passed;
    if (Conversation.waited >= Conversation.WAIT_FOR_BRIDGE) {
      Conversation.isWaiting = false;
      Conversation.end();
      Device.say(Words.absent);
    }
  }
};
