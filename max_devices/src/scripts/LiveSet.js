/*
 * Live, as the devices see it: the one file that says LiveAPI.
 *
 * Everything is named by Live's ids, which are whole numbers and stay valid while the thing lives;
 * 0 is nothing. One LiveAPI object is led from id to id, because Max keeps every path for ever.
 * Nothing here runs before live.thisdevice has banged, and nothing observes: the device looks.
 *
 * What is used, and since when Live has it: Clip.get_all_notes_extended 11.1, everything else of
 * Clip 11.0; Track.create_midi_clip 12.2 (before it, a Session clip is copied to the Arrangement).
 */

var LiveSet = {
  cursor: null,
  roots: {}
};

/* Forgets what belongs to another Set; the first thing after live.thisdevice's bang. */
LiveSet.open = function () {
  LiveSet.cursor = new LiveAPI("live_set");
  LiveSet.roots = {};
};

/* The id at one of the few fixed paths, such as "live_set view"; 0 where nothing is. */
LiveSet.root = function (path) {
  if (!LiveSet.roots[path]) {
    LiveSet.roots[path] = new LiveAPI(path);
  }
  return Number(LiveSet.roots[path].id);
};

LiveSet.at = function (id) {
  LiveSet.cursor.id = Number(id);
  return LiveSet.cursor;
};

/* Whether something of this id still lives, as this kind of thing where a kind is given. */
LiveSet.lives = function (id, kind) {
  var api;
  if (!id) {
    return false;
  }
  api = LiveSet.at(id);
  return Number(api.id) === Number(id) && (!kind || String(api.type) === kind);
};

LiveSet.kind = function (id) {
  return id ? String(LiveSet.at(id).type) : "";
};

/* A property's values; an empty array where there is no such thing. */
LiveSet.values = function (id, property) {
  var answer;
  if (!LiveSet.lives(id)) {
    return [];
  }
  answer = LiveSet.at(id).get(property);
  if (answer === null || answer === undefined) {
    return [];
  }
  return answer instanceof Array ? answer : [answer];
};

LiveSet.number = function (id, property, otherwise) {
  var values = LiveSet.values(id, property);
  var value = values.length ? Number(values[0]) : NaN;
  return isNaN(value) ? (otherwise === undefined ? 0 : otherwise) : value;
};

LiveSet.words = function (id, property) {
  var words = LiveSet.values(id, property).join(" ");
  // A name with spaces may come in quotes, as Max writes symbols.
  return words.length > 1 && words.charAt(0) === "\"" && words.charAt(words.length - 1) === "\"" ?
    words.substring(1, words.length - 1) : words;
};

/* The ids of children: they come as "id", 12, "id", 13. */
LiveSet.children = function (id, property) {
  var values = LiveSet.values(id, property);
  var ids = [];
  var i;
  for (i = 0; i + 1 < values.length; i += 2) {
    if (String(values[i]) === "id" && Number(values[i + 1])) {
      ids.push(Number(values[i + 1]));
    }
  }
  return ids;
};

LiveSet.child = function (id, property) {
  var ids = LiveSet.children(id, property);
  return ids.length ? ids[0] : 0;
};

LiveSet.set = function (id, property, value) {
  if (LiveSet.lives(id)) {
    LiveSet.at(id).set(property, value);
  }
};

LiveSet.call = function (id, name, first, second) {
  var api;
  if (!LiveSet.lives(id)) {
    return null;
  }
  api = LiveSet.at(id);
  if (first === undefined) {
    return api.call(name);
  }
  return second === undefined ? api.call(name, first) : api.call(name, first, second);
};

/* Takes away all notes of a clip, wherever they stand. */
LiveSet.clearNotes = function (clip, from, span) {
  if (LiveSet.lives(clip)) {
    LiveSet.at(clip).call("remove_notes_extended", 0, 128, from, span);
  }
};

/* Live's version as one number: 11.3 is 1103. */
LiveSet.version = function () {
  var application = LiveSet.root("live_app");
  return Number(LiveSet.call(application, "get_major_version")) * 100 +
    Number(LiveSet.call(application, "get_minor_version"));
};

/* The track on which something stands, through chains of racks; 0 where there is none. */
LiveSet.trackOf = function (id) {
  var steps;
  for (steps = 0; id && steps < 32; steps += 1) {
    if (LiveSet.kind(id) === "Track") {
      return id;
    }
    id = LiveSet.child(id, "canonical_parent");
  }
  return 0;
};

/* Lets a property of Live point at something, as the highlighted slot does. */
LiveSet.point = function (id, property, target) {
  if (LiveSet.lives(id) && LiveSet.lives(target)) {
    LiveSet.at(id).set(property, "id", Number(target));
  }
};
