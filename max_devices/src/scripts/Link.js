/*
 * The way to the bridge: a port to listen on, the bridge's port, and whether it still answers.
 *
 * Each device is a client of its own and listens on a port of its own, since the bridge knows its
 * clients by that port. The devices of one Live share a table of ports taken; that a port is
 * really ours is proved by a message to ourselves that comes back. The bridge is found by a hello
 * to one of its eight ports after the other, and its port is proved by a sync whose number comes
 * back. udpsend is given time after each change of port: it may send from a thread of its own.
 *
 * Time is counted in ticks of the device's clock, so that a Live that stalls for seconds is not
 * taken for a bridge that is silent.
 */

var Link = {
  TICK: 100,          // milliseconds between two ticks
  MOST_PER_TICK: 400, // what a tick counts for at most, however long Live stood still
  ECHO_WAIT: 500,
  REPLY_WAIT: 200,
  CONFIRM_WAIT: 1000,
  ASK_EVERY: 2000,
  GONE_AFTER: 8000,
  FIRST_PORT: 17200,
  PORTS: 200,
  PORT_STALE: 60000,
  ECHO: "/clipbridge/echo"
};

Link.state = "closed"; // closed, opening, asking, confirming, found, refused
Link.replyPort = 0;
Link.bridgePort = 0;
Link.session = 0;
Link.version = "";
Link.waited = 0;
Link.silence = 0;
Link.sinceAsked = 0;
Link.round = 0;
Link.place = 0;
Link.token = 0;
Link.tries = 0;
Link.aimed = 0;

/* Begins: chooses a port to listen on. listener: { found, lost, absent, refused, heard, noPort }. */
Link.open = function (name, firstId, listener) {
  Link.name = name;
  Link.listener = listener;
  Link.token = firstId;
  Link.taken = new Global("clipbridge");
  Link.release();
  Link.tries = 0;
  Link.choosePort();
};

Link.close = function () {
  if (Link.state === "found") {
    Link.send([PROTOCOL.addresses.bye]);
  }
  Link.release();
  Link.state = "closed";
};

Link.release = function () {
  if (Link.replyPort && Link.taken) {
    Link.taken["port" + Link.replyPort] = 0;
  }
  Link.replyPort = 0;
};

Link.choosePort = function () {
  var now = Clock.now();
  var start = Math.floor(Math.random() * Link.PORTS);
  var i;
  var port;
  for (i = 0; i < Link.PORTS; i += 1) {
    port = Link.FIRST_PORT + (start + i) % Link.PORTS;
    if (!(now - Number(Link.taken["port" + port] || 0) < Link.PORT_STALE)) {
      Link.replyPort = port;
      Link.taken["port" + port] = now;
      Link.token += 1;
      Link.tries += 1;
      Link.enter("opening");
      Screen.listen(port);
      Link.aim(port);
      return;
    }
  }
  Link.listener.noPort();
};

Link.enter = function (state) {
  Link.state = state;
  Link.waited = 0;
};

/* Points udpsend at a port; nothing is sent before the next tick. */
Link.aim = function (port) {
  Link.aimed = port;
  Link.isSettled = false;
  Screen.send(["port", port]);
};

Link.send = function (message) {
  Screen.send(message);
};

/* Called every TICK milliseconds, with the time since the last call. */
Link.tick = function (elapsed) {
  var passed = Math.min(elapsed, Link.MOST_PER_TICK);
  var settled = Link.isSettled;
  Link.waited += passed;
  Link.isSettled = true;
  if (Link.state === "closed") {
    return;
  }
  Link.taken["port" + Link.replyPort] = Clock.now();
  if (!settled) {
    Link.waited = 0;
    Link.speak();
  } else if (Link.state === "opening" && Link.waited >= Link.ECHO_WAIT) {
    Link.portFailed();
  } else if (Link.state === "asking" && Link.waited >= Link.REPLY_WAIT) {
    Link.askNext();
  } else if (Link.state === "confirming" && Link.waited >= Link.CONFIRM_WAIT) {
    Link.askNext();
  } else if (Link.state === "refused" && Link.waited >= Link.GONE_AFTER) {
    Link.search();
  } else if (Link.state === "found") {
    Link.watch(passed);
  }
};

/* Says what the state asks for, once udpsend points at the right port. */
Link.speak = function () {
  if (Link.state === "opening") {
    Link.send([Link.ECHO, Link.token]);
  } else if (Link.state === "asking") {
    Link.send([PROTOCOL.addresses.hello, Link.replyPort, Link.name, PROTOCOL.number]);
  } else if (Link.state === "confirming") {
    Link.token += 1;
    Link.send([PROTOCOL.addresses.sync, Link.token]);
  }
};

/* The echo did not come: somebody else has the port. After three, what is wrong is something else. */
Link.portFailed = function () {
  Link.taken["port" + Link.replyPort] = Clock.now();
  if (Link.tries < 12) {
    Link.choosePort();
  } else {
    Link.tries = 0;
    Link.listener.noPort();
    Link.choosePort();
  }
};

/* Looks for the bridge, beginning with the port on which it was last. */
Link.search = function () {
  var i;
  Link.place = 0;
  for (i = 0; i < PROTOCOL.ports.length; i += 1) {
    if (PROTOCOL.ports[i] === Link.bridgePort) {
      Link.place = i;
    }
  }
  Link.round = 0;
  Link.enter("asking");
  Link.aim(PROTOCOL.ports[Link.place]);
};

Link.askNext = function () {
  Link.place = (Link.place + 1) % PROTOCOL.ports.length;
  Link.round += 1;
  if (Link.round % PROTOCOL.ports.length === 0) {
    Link.listener.absent();
  }
  Link.enter("asking");
  Link.aim(PROTOCOL.ports[Link.place]);
};

/* While the bridge is there: asks how it is, and notices when it is not. */
Link.watch = function (passed) {
  Link.silence += passed;
  Link.sinceAsked += passed;
  if (Link.silence >= Link.GONE_AFTER) {
    Link.lose("lost");
  } else if (Link.sinceAsked >= Link.ASK_EVERY) {
    Link.sinceAsked = 0;
    Link.send([PROTOCOL.addresses.askStatus]);
  }
};

Link.lose = function (how) {
  Link.listener.lost(how);
  Link.search();
};

/* Everything that came over the network; true where it was the link's own business. */
Link.hear = function (address, values) {
  var names = PROTOCOL.addresses;
  if (address === Link.ECHO) {
    if (Link.state === "opening" && Number(values[0]) === Link.token) {
      Link.tries = 0;
      Link.search();
    }
    return true;
  }
  Link.silence = 0;
  if (address === names.helloReply) {
    Link.greeted(String(values[0]), Number(values[1]), Number(values[2]));
    return true;
  }
  if (address === names.synced) {
    if (Link.state === "confirming" && Number(values[0]) === Link.token) {
      Link.found();
    }
    return true;
  }
  if (address === names.byeReply) {
    if (Link.state === "found") {
      Link.lose("stopped");
    }
    return true;
  }
  if (address === names.fail && Number(values[0]) === 0 && String(values[1]) === "version" &&
      Link.state === "asking") {
    Link.enter("refused");
    Link.listener.refused(String(values[2]));
    return true;
  }
  return false;
};

Link.greeted = function (version, protocol, session) {
  if (Link.state !== "asking") {
    return;
  }
  Link.version = version;
  Link.newSession = session;
  if (protocol !== PROTOCOL.number) {
    Link.enter("refused");
    Link.listener.refused("The bridge (" + version + ") speaks protocol " + protocol +
      ", this device " + PROTOCOL.number + ". Update whichever is older.");
    return;
  }
  Link.enter("confirming");
  Link.isSettled = true;
  Link.speak();
};

Link.found = function () {
  var isNew = Link.session !== Link.newSession;
  Link.enter("found");
  Link.bridgePort = Link.aimed;
  Link.session = Link.newSession;
  Link.silence = 0;
  Link.sinceAsked = 0;
  Link.listener.found(isNew);
};
