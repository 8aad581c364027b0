/*
 * The drum kit that the musician really has: the pads of the track's Drum Rack, by their names.
 *
 * The bridge thinks in General MIDI. A map leads each of the 128 pitches to another one and back,
 * so that no two ever fall together and nothing is lost on the way. KIT is the bridge's own
 * General MIDI kit, put into the script when it is built.
 */

var Pads = {
  KICK: 0,
  SNARE: 1,
  CLOSED_HAT: 2,
  OPEN_HAT: 3,
  LOW_TOM: 4,
  MID_TOM: 5,
  HIGH_TOM: 6,
  CRASH: 7,
  RIDE: 8,
  ALL: 511
};

/* From the particular to the general: the first that fits a pad's name says what it is. */
Pads.NAMES = [
  { piece: 3, pattern: /open|\boh{1,2}\b|[-_ ]oh{1,2}\b/ },
  { piece: 7, pattern: /crash|splash|china|cymbal|\bcym\b|\bcy\b/ },
  { piece: 8, pattern: /ride|bell|\brd\b/ },
  { piece: 2, pattern: /hat|\bhh\b|\bch{1,2}\b|[-_ ]ch{1,2}\b|shaker|tamb|maraca|cabasa/ },
  { piece: 0, pattern: /kick|\bkik\b|bass ?drum|\bbd\b|[-_ ]bd\b/ },
  { piece: 1, pattern: /snare|\bsnr\b|\bsd\b|\bsn\b|clap|\bcp\b|rim|side ?stick|snap/ },
  { piece: 4, pattern: /(lo|low|floor|fl)[-_ ]*(tom|conga|bongo)|tom[-_ ]*(lo|low|floor|fl|l)\b|\blt\b/ },
  { piece: 6, pattern: /(hi|high)[-_ ]*(tom|conga|bongo)|tom[-_ ]*(hi|high|h)\b|\bht\b/ },
  { piece: 5, pattern: /tom|conga|bongo|\bmt\b/ }
];

/* The piece that a pad's name says, else what General MIDI has on its key; -1 where neither. */
Pads.piece = function (name, pitch) {
  var low = name.toLowerCase();
  var i;
  for (i = 0; i < Pads.NAMES.length; i += 1) {
    if (Pads.NAMES[i].pattern.test(low)) {
      return Pads.NAMES[i].piece;
    }
  }
  return KIT.pieces[pitch];
};

/* The pads of a track that sound: [{ pitch, name }], none where it has no Drum Rack. */
Pads.read = function (track) {
  var rack = Pads.rack(LiveSet.children(track, "devices"), 0);
  var ids = rack ? LiveSet.children(rack, "drum_pads") : [];
  var pads = [];
  var i;
  for (i = 0; i < ids.length; i += 1) {
    if (LiveSet.children(ids[i], "chains").length) {
      pads.push({
        pitch: LiveSet.number(ids[i], "note"),
        name: LiveSet.words(ids[i], "name")
      });
    }
  }
  return pads;
};

/* The first Drum Rack among devices, or in the chains of the racks among them. */
Pads.rack = function (devices, depth) {
  var i;
  var j;
  var chains;
  var found;
  for (i = 0; i < devices.length; i += 1) {
    if (LiveSet.number(devices[i], "can_have_drum_pads")) {
      return devices[i];
    }
    if (depth < 3 && LiveSet.number(devices[i], "can_have_chains")) {
      chains = LiveSet.children(devices[i], "chains");
      for (j = 0; j < chains.length; j += 1) {
        found = Pads.rack(LiveSet.children(chains[j], "devices"), depth + 1);
        if (found) {
          return found;
        }
      }
    }
  }
  return 0;
};

/* The way that changes nothing. */
Pads.plain = function () {
  var out = [];
  var i;
  for (i = 0; i < 128; i += 1) {
    out.push(i);
  }
  return { toWire: out, fromWire: out, pieces: Pads.ALL, pads: 0 };
};

/*
 * { toWire, fromWire, pieces, pads }: 128 pitches there and back, which pieces there are as a sum,
 * and how many pads.
 */
Pads.map = function (pads) {
  var map = { toWire: [], fromWire: [], pieces: 0, pads: pads.length };
  var isPad = {};
  var i;
  var piece;

  function join(pitch, wire) {
    map.toWire[pitch] = wire;
    map.fromWire[wire] = pitch;
  }

  function firstFree(wanted) {
    var wire;
    for (wire = 0; wire < 128; wire += 1) {
      if (map.fromWire[wire] === undefined && wanted(wire)) {
        return wire;
      }
    }
    return -1;
  }

  if (!pads.length) {
    return Pads.plain();
  }
  for (i = 0; i < pads.length; i += 1) {
    isPad[pads[i].pitch] = true;
    piece = Pads.piece(pads[i].name, pads[i].pitch);
    Pads.joinPiece(map, pads[i].pitch, piece, join);
  }
  for (i = 0; i < 128; i += 1) {
    if (map.toWire[i] === undefined && map.fromWire[i] === undefined &&
        !(isPad[i] && KIT.pieces[i] >= 0)) {
      join(i, i);
    }
  }
  for (i = 0; i < 128; i += 1) {
    if (map.toWire[i] === undefined) {
      piece = firstFree(Pads.isNoPiece);
      join(i, piece >= 0 ? piece : firstFree(Pads.isAny));
    }
  }
  return map;
};

Pads.isNoPiece = function (wire) {
  return KIT.pieces[wire] < 0;
};

Pads.isAny = function () {
  return true;
};

/* Leads a pad to the first key of its piece that is free: the first pad of a piece plays it. */
Pads.joinPiece = function (map, pitch, piece, join) {
  var keys = piece < 0 ? [] : KIT.keys[piece];
  var i;
  for (i = 0; i < keys.length; i += 1) {
    if (map.fromWire[keys[i]] === undefined) {
      join(pitch, keys[i]);
      /*jslint bitwise: true */
      map.pieces = map.pieces | (1 << piece);
      return;
    }
  }
};

/* The rows with other pitches. */
Pads.led = function (rows, way) {
  var out = [];
  var i;
  var row;
  for (i = 0; i < rows.length; i += 1) {
    row = rows[i].slice(0);
    row[0] = way[row[0]];
    out.push(row);
  }
  return out;
};
