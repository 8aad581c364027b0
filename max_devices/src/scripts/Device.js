/*
 * The device itself: what comes in, from Live, from the controls and from the bridge, and who
 * hears of it. TOOL says which of the five it is.
 */

inlets = 1;
outlets = 3;
autowatch = 0;

setinletassist(0, "from live.thisdevice, the controls and udpreceive");
setoutletassist(0, "to udpsend");
setoutletassist(1, "to the controls");
setoutletassist(2, "to udpreceive");

var Device = {
  LOOK_EVERY: 400,
  isOpen: false,
  values: {},
  target: 0,
  revealed: 0,
  said: "",
  refusal: "",
  id: 0,
  lastTick: 0,
  sinceLook: 0,
  tested: 0
};

/* Live is ready: everything begins here, and again where the device is saved or a preset comes. */
Device.open = function () {
  LiveSet.open();
  if (LiveSet.version() < LEAST_LIVE.number) {
    Device.say(Words.needs(LEAST_LIVE.text));
    return;
  }
  Screen.shown = {};
  Screen.askValues();
  Device.showBusy();
  Tray.show();
  Holders.showAll();
  Parts.show();
  if (TOOL.open) {
    TOOL.open();
  }
  Device.look();
  if (!Device.isOpen) {
    Device.isOpen = true;
    Device.id = Math.floor(Clock.now() / 1000) % 2000000 * 1000;
    Device.say(Words.starting);
    Link.open("Clipbridge " + TOOL.name, Device.id % 1000000000 + 1, Device);
    Device.lastTick = Clock.now();
    Clock.every(Device.tick, Link.TICK);
  } else {
    Device.say(Device.said);
  }
};

Device.tick = function () {
  var now = Clock.now();
  var passed = Math.max(0, now - Device.lastTick);
  Device.lastTick = now;
  Link.tick(passed);
  Conversation.tick(Math.min(passed, Link.MOST_PER_TICK));
  Device.sinceLook += passed;
  if (Device.sinceLook >= Device.LOOK_EVERY) {
    Device.sinceLook = 0;
    Device.look();
  }
};

/* A fault in the device is said, not swallowed. */
Device.guarded = function (action) {
  try {
    action();
  } catch (fault) {
    error("Clipbridge " + TOOL.name + ": " + fault + "\n");
    Device.say(Words.fault);
  }
};

/* Looks which clip is meant now, and shows it. */
Device.look = function () {
  var found;
  if (TOOL.look) {
    TOOL.look();
  }
  if (TOOL.isWithoutTarget) {
    Device.showWhere();
    return;
  }
  if (Device.value("pin", 0) && LiveSet.lives(Device.target, "Clip")) {
    found = Device.target;
  } else {
    found = Target.meant();
  }
  // A take that this very device has brought up is shown, not meant.
  if (Device.revealed && found === Device.revealed && LiveSet.lives(Device.target, "Clip")) {
    found = Device.target;
  } else if (found !== Device.target) {
    Device.revealed = 0;
  }
  Device.target = found;
  Screen.write("clip", found ? Target.name(found) : Words.noTarget);
  Screen.write("place", found ? Target.words(Target.place(found)) : Words.selectOne);
};

/* A tool that needs no clip shows where its takes would go. */
Device.showWhere = function () {
  var plan = Conversation.planFor(null);
  Screen.write("clip", Words.short(LiveSet.words(plan.track, "name"), 26));
  Screen.write("place", plan.time >= 0 ? Words.fromBar(Target.bar(plan.time)) :
      Words.fromScene(plan.row + 2));
};

Device.say = function (text) {
  Device.said = text;
  Screen.write("state", text);
};

Device.showBusy = function () {
  Screen.enable("cancel", Conversation.job !== null || Conversation.isWaiting);
};

Device.value = function (name, otherwise) {
  return Device.values[name] === undefined ? otherwise : Device.values[name];
};

/* The values of the controls under the names of the protocol's fields. */
Device.fields = function () {
  var fields = {};
  var name;
  var i;
  for (name in Device.values) {
    if (Device.values.hasOwnProperty(name)) {
      fields[name] = Device.values[name];
    }
  }
  if (TOOL.hasPieces) {
    fields.pieces = 0;
    for (i = 0; i < 9; i += 1) {
      fields.pieces += Device.value("piece" + i, 1) ? Math.pow(2, i) : 0;
    }
    fields.pieces = fields.pieces || Pads.ALL;
  }
  return fields;
};

/* The kit's name on the wire: the Drum Rack's pads are led to General MIDI on the way. */
Device.kit = function () {
  return Math.max(0, Math.round(Device.value("kit", 0)) - 1);
};

Device.nextId = function () {
  Device.id = Device.id % 2000000000 + 1;
  return Device.id;
};

Device.track = function () {
  return LiveSet.trackOf(LiveSet.root("this_device"));
};

/* The link's listener. */
Device.found = function (isNew) {
  Screen.label("test", "Test");
  Device.refusal = "";
  if (!Conversation.job && !Conversation.isWaiting) {
    Device.say(Words.ready);
  }
  Conversation.bridgeFound(isNew);
};

Device.lost = function (how) {
  Device.say(how === "stopped" ? Words.stopped : Words.lost);
  Conversation.bridgeLost(how);
};

Device.absent = function () {
  Screen.label("test", "Start");
  if (!Conversation.job && !Device.startTried) {
    Device.say(Words.absent);
  }
  Device.startTried = false;
};

Device.refused = function (text) {
  Device.refusal = text;
  Conversation.isWaiting = false;
  Device.showBusy();
  Device.say(text);
};

Device.noPort = function () {
  Device.say(Words.noPort);
};

/* The test button: asks the bridge how it is, or starts it where there is none. */
Device.test = function () {
  if (Link.state === "found") {
    Device.tested = Clock.now();
    Link.send([PROTOCOL.addresses.askStatus]);
    return;
  }
  Device.startTried = true;
  Device.say(Words.startTried);
  messnamed("max", "launchbrowser", "clipbridge://start");
};

/* Keeps the clip that is meant now under a name. */
Device.hold = function (name) {
  var clip = Device.target || Target.meant();
  if (clip) {
    Holders.hold(name, clip);
  } else {
    Device.say(Words.noClip);
  }
};

/* What came over the network. */
Device.hear = function (address, values) {
  if (Link.hear(address, values)) {
    return;
  }
  if (address === PROTOCOL.addresses.statusReply) {
    if (Device.tested) {
      Device.say(Words.tested(Link.version, String(values[4]), Clock.now() - Device.tested));
      Device.tested = 0;
    }
  } else if (Conversation.job) {
    Conversation.job.hear(address, values);
  }
};

/* The buttons, by the names that the patcher gives them. */
Device.buttons = {
  press: Conversation.press,
  cancel: Conversation.cancel,
  test: Device.test,
  previous: function () {
    Device.stepTake(-1);
  },
  next: function () {
    Device.stepTake(1);
  },
  star: Tray.star
};

Device.stepTake = function (by) {
  var fault = Tray.step(by);
  if (fault) {
    Device.say(fault);
  }
};

Device.receive = function (name, values) {
  if (name.charAt(0) === "/") {
    Device.hear(name, values);
  } else if (Device.buttons[name]) {
    if (Device.isOpen) {
      Device.buttons[name]();
    }
  } else if (name === "hold" && Device.isOpen) {
    Device.hold(String(values[0]));
  } else if (name === "drop" && Device.isOpen) {
    Holders.drop(String(values[0]));
  } else if (name !== "hold" && name !== "drop") {
    Device.values[name] = Number(values[0]);
    if (name === "part") {
      Parts.show();
    }
    if (TOOL.hasWay && (name === "across" || name === "down")) {
      Tray.pick(Device.value("across", 0) / 100, Device.value("down", 0) / 100);
    }
  }
  Device.showBusy();
};

/* Max calls these: live.thisdevice's bang, everything else, and the end. */
function bang() {
  Device.guarded(Device.open);
}

function anything() {
  var name = messagename;
  var values = arrayfromargs(arguments);
  Device.guarded(function () {
    Device.receive(name, values);
  });
}

function notifydeleted() {
  Link.release();
}
