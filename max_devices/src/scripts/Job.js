/*
 * A request on its way: its clips go to the bridge, the request follows, the takes come back. What
 * gets lost is said again; the words of the protocol are in PROTOCOL.md.
 */

/*
 * clips: [{ id, frame, rows }]; request: the atoms behind the address, its own id first; listener:
 * { state(word, fraction), take(take), done(count), failed(code, text) }. take is
 * { index, takes, seed, frame, rows }.
 */
function Job(address, id, request, clips, listener) {
  this.address = address;
  this.id = id;
  this.request = request;
  this.clips = clips;
  this.listener = listener;
  this.begin();
}

Job.AGAIN = 1000;
Job.PATIENCE = 8000;
Job.UPLOADS = 3;

/* From the first clip on; also after the bridge was started anew. */
Job.prototype.begin = function () {
  this.step = "clips"; // clips, asking, playing, collecting, ended
  this.at = 0;
  this.takes = {};
  this.expected = -1;
  this.silence = 0;
  this.sinceSaid = 0;
  this.uploads = 0;
  this.queue = [];
  this.isCancelled = false;
  this.next();
};

Job.prototype.next = function () {
  if (this.at < this.clips.length) {
    this.listener.state("sending", 0);
    this.upload();
  } else {
    this.step = "asking";
    this.ask();
  }
};

Job.prototype.ask = function () {
  this.sinceSaid = 0;
  this.say([this.address].concat(this.request));
};

/* Queues what is to be said; a burst goes at once, the next after a pause. */
Job.prototype.say = function (message) {
  this.queue.push(message);
  if (this.queue.length === 1) {
    Clock.soon(Job.pump, 1);
  }
};

Job.pump = function () {
  var i;
  var job = Conversation.job;
  if (!job) {
    return;
  }
  for (i = 0; i < PROTOCOL.burst && job.queue.length; i += 1) {
    Link.send(job.queue.shift());
  }
  if (job.queue.length) {
    Clock.soon(Job.pump, PROTOCOL.pauseMs);
  }
};

Job.prototype.upload = function () {
  var clip = this.clips[this.at];
  var begin = [PROTOCOL.addresses.clipBegin, clip.id];
  var i;
  var fields = PROTOCOL.frameFields;
  this.uploads += 1;
  clip.frame.count = clip.rows.length;
  clip.frame.checksum = PROTOCOL.checksum(clip.frame, clip.rows);
  for (i = 0; i < fields.length; i += 1) {
    begin.push(clip.frame[fields[i].name]);
  }
  this.say(begin);
  for (i = 0; i * PROTOCOL.notesPerPiece < clip.rows.length; i += 1) {
    this.sayPiece(clip, i);
  }
  this.sayEnd(clip);
};

Job.prototype.sayPiece = function (clip, piece) {
  var message = [PROTOCOL.addresses.clipNotes, clip.id, piece];
  var first = piece * PROTOCOL.notesPerPiece;
  var i;
  for (i = first; i < first + PROTOCOL.notesPerPiece && i < clip.rows.length; i += 1) {
    message = message.concat(clip.rows[i]);
  }
  this.say(message);
};

Job.prototype.sayEnd = function (clip) {
  this.sinceSaid = 0;
  this.say([PROTOCOL.addresses.clipEnd, clip.id]);
};

/* Time passes: says again what was not answered, and gives up after long silence. */
Job.prototype.tick = function (passed) {
  var counted = Math.min(passed, Link.MOST_PER_TICK);
  if (this.step === "ended") {
    return;
  }
  this.silence += counted;
  this.sinceSaid += counted;
  if (this.silence >= Job.PATIENCE) {
    this.fail("silent", Words.silent);
  } else if (this.sinceSaid >= Job.AGAIN && !this.queue.length) {
    this.sayAgain();
  }
};

Job.prototype.sayAgain = function () {
  this.sinceSaid = 0;
  if (this.isCancelled) {
    this.say([PROTOCOL.addresses.cancel, this.id]);
  } else if (this.step === "clips") {
    this.sayEnd(this.clips[this.at]);
  } else if (this.step === "collecting") {
    this.askForTheRest();
  } else {
    this.ask();
  }
};

Job.prototype.cancel = function () {
  this.isCancelled = true;
  this.sinceSaid = 0;
  if (this.step === "clips") {
    this.fail("cancelled", Words.cancelled);
  } else {
    this.queue = [];
    this.say([PROTOCOL.addresses.cancel, this.id]);
  }
};

Job.prototype.fail = function (code, text) {
  if (this.step !== "ended") {
    this.step = "ended";
    this.listener.failed(code, text);
  }
};

/* What the bridge says; what is meant for another request is passed over. */
Job.prototype.hear = function (address, values) {
  var names = PROTOCOL.addresses;
  var id = Number(values[0]);
  if (this.step === "ended") {
    return;
  }
  if (this.step === "clips" && id === this.clips[this.at].id) {
    this.hearOfClip(address, values);
  } else if (id === this.id && this.step !== "clips") {
    this.silence = 0;
    this.sinceSaid = 0;
    if (address === names.accepted) {
      this.step = this.step === "asking" ? "playing" : this.step;
      if (Number(values[1]) > 0) {
        this.listener.state("queued", 0);
      }
    } else if (address === names.progress) {
      this.listener.state(String(values[2]), Number(values[1]));
    } else if (address === names.fail) {
      this.fail(String(values[1]), String(values[2]));
    } else if (address === names.done) {
      this.expected = Number(values[1]);
      this.step = "collecting";
      this.finish();
    } else if (address === names.takeBegin || address === names.takeNotes ||
        address === names.takeEnd) {
      this.hearTake(address, values);
    }
  }
};

Job.prototype.hearOfClip = function (address, values) {
  var names = PROTOCOL.addresses;
  var clip = this.clips[this.at];
  var i;
  this.silence = 0;
  if (address === names.clipReady) {
    this.at += 1;
    this.uploads = 0;
    this.next();
  } else if (address === names.clipMissing) {
    if (values.length === 1) {
      this.upload();
    } else {
      for (i = 1; i < values.length; i += 1) {
        this.sayPiece(clip, Number(values[i]));
      }
      this.sayEnd(clip);
    }
  } else if (address === names.fail) {
    if (String(values[1]) === "checksum" && this.uploads < Job.UPLOADS) {
      this.upload();
    } else {
      this.fail(String(values[1]), String(values[2]));
    }
  }
};

Job.prototype.hearTake = function (address, values) {
  var names = PROTOCOL.addresses;
  var index = Number(values[1]);
  var take = this.takes[index];
  if (!take) {
    take = this.takes[index] = new Arrival(index);
  }
  if (take.isWhole) {
    return;
  }
  if (address === names.takeBegin) {
    take.begin(values);
  } else if (address === names.takeNotes) {
    take.piece(values);
  }
  if (take.complete()) {
    this.listener.take(take.result());
    this.finish();
  } else if (address === names.takeEnd && this.step === "collecting") {
    this.askFor(index);
  }
};

/* Ends once every take is whole. */
Job.prototype.finish = function () {
  var i;
  if (this.expected < 0) {
    return;
  }
  for (i = 0; i < this.expected; i += 1) {
    if (!this.takes[i] || !this.takes[i].isWhole) {
      this.askForTheRest();
      return;
    }
  }
  this.step = "ended";
  this.listener.done(this.expected);
};

Job.prototype.askForTheRest = function () {
  var i;
  for (i = 0; i < this.expected; i += 1) {
    if (!this.takes[i] || !this.takes[i].isWhole) {
      this.askFor(i);
    }
  }
};

Job.prototype.askFor = function (index) {
  var take = this.takes[index];
  var message = [PROTOCOL.addresses.resend, this.id, index];
  this.sinceSaid = 0;
  this.say(message.concat(take ? take.missing() : []));
};
