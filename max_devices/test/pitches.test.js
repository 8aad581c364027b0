/* Clips that are no drums: which part they are, Live's scale, the range, the chords to follow. */
"use strict";

const assert = require("node:assert/strict");
const { describe, test } = require("node:test");
const { desk, hasNoFaults, pass, play, wait, state } = require("./desk");
const { NAMES } = require("./model/scripted");
const { beat, builtDevices, takesOn } = require("./scenes");

const built = (name) => ({ skip: !builtDevices().includes(name) });
const A_MINOR = { scale_mode: 1, root_note: 9, scale_name: "Minor", scale_intervals: [0, 2, 3, 5, 7, 8, 10] };
const MINOR = 1453;

/** A scale upwards, one note a beat, from middle C. */
function tune() {
  return [60, 62, 64, 65, 67, 69, 71, 72].map((pitch, beats) => ({ pitch, start_time: beats, duration: 0.9, velocity: 90 }));
}

/** A desk with one more track, a clip on it, and that clip selected. */
function deskWith(name, trackName, notes, choices = {}, clipName = "Lead") {
  const scene = desk(name, choices);
  const other = scene.live.makeTrack(trackName);
  const lead = scene.live.putClip(other, 0, notes, { name: clipName, length: 8 });
  scene.live.clickClip(lead);
  pass(scene.studio, 1000);
  return { ...scene, other, lead };
}

/** What the bridge holds of the clip that a request names. */
function sent(bridge, id) {
  return [...bridge.clips].find(([key]) => key.endsWith(` ${id}`))[1];
}

function hold({ studio, live, device }, clip, name) {
  live.clickClip(clip);
  pass(studio, 1000);
  device.press(`hold_${name}`);
  pass(studio, 100);
}

describe("Continue on any clip", built("Continue"), () => {
  test("a melody goes as one: its own pitches, no drums, and takes come back as they are", () => {
    const scene = deskWith("Continue", "Piano", tune());
    const { studio, live, bridge, other } = scene;
    play(scene);
    const { values } = bridge.requests[0];
    assert.deepEqual([values.part, values.root, values.scale, values.lowest, values.highest, values.chords],
      ["auto", -1, 0, 0, 127, 0]);
    const clip = sent(bridge, values.clip);
    assert.equal(clip.frame.drums, 0);
    assert.deepEqual(clip.rows.map((row) => row[0]), [60, 62, 64, 65, 67, 69, 71, 72]);
    assert.equal(takesOn(live, other).length, 4);
    hasNoFaults(bridge);
    studio.close();
  });

  for (const [what, trackName, notes, rack, clipName, drums] of [
    ["a track called Drums", "Drums", tune(), null, "Lead", 1],
    ["a clip called Percussion", "Track 1", tune(), null, "Percussion", 1],
    ["a beat by its keys", "Track 1", beat(2), null, "Lead", 1],
    ["a Drum Rack", "Track 1", tune(), { 60: "Kick", 62: "Snare" }, "Lead", 1],
    ["kicks and snares without what keeps time", "Track 1", beat(2).filter((note) => note.pitch !== 42), null, "Lead", 0],
    ["a bass line within the keys of a kit", "Bass", beat(2).map((note) => ({ ...note, pitch: 40 })), null, "Lead", 0]
  ]) {
    test(`at Auto ${what} is ${drums ? "drums" : "none"}`, () => {
      const scene = deskWith("Continue", trackName, notes, {}, clipName);
      const { studio, live, bridge, other } = scene;
      if (rack) {
        live.addDrumRack(other, rack);
      }
      play(scene);
      const { values } = bridge.requests[0];
      assert.equal(sent(bridge, values.clip).frame.drums, drums);
      assert.equal(values.part, "auto");
      studio.close();
    });
  }

  test("the menu overrides: a beat as a bass line, a melody as drums", () => {
    const scene = deskWith("Continue", "Drums 2", tune());
    const { studio, bridge, device } = scene;
    device.choose("Part", "Bass");
    pass(studio, 100);
    play(scene);
    device.choose("Part", "Drums");
    pass(studio, 100);
    play(scene);
    const [bass, drums] = bridge.requests.map((one) => one.values);
    assert.deepEqual([bass.part, sent(bridge, bass.clip).frame.drums], ["bass", 0]);
    assert.deepEqual([drums.part, sent(bridge, drums.clip).frame.drums], ["auto", 1]);
    hasNoFaults(bridge);
    studio.close();
  });

  test("inside a melody it asks for an infill with the same locks, and sends no chords", () => {
    const scene = deskWith("Continue", "Piano", tune(), { song: A_MINOR });
    const { studio, live, other, lead, bridge, device } = scene;
    hold(scene, live.putClip(other, 3, tune(), { name: "Pad", length: 8 }), "chords");
    live.clickClip(lead);
    device.choose("Where", "Inside");
    device.press("Scale");
    device.turn("Lowest Key", 48);
    pass(studio, 1000);
    play(scene);
    const [{ address, values }] = bridge.requests;
    assert.equal(address, NAMES.infill);
    assert.deepEqual([values.root, values.scale, values.lowest, values.highest], [9, MINOR, 48, 127]);
    assert.equal(bridge.clips.size, 1);
    hasNoFaults(bridge);
    studio.close();
  });
});

for (const name of ["Continue", "Generate", "Interpolate"]) {
  describe(`${name}: Live's scale`, built(name), () => {
    test("stands beside the switch, and follows what is chosen in Live", () => {
      const { studio, live, device } = desk(name, { song: A_MINOR });
      assert.equal(device.reads("scale"), "A Minor");
      Object.assign(live.song, { root_note: 6, scale_name: "Dorian" });
      pass(studio, 1000);
      assert.equal(device.reads("scale"), "F# Dorian");
      live.song.scale_mode = 0;
      pass(studio, 1000);
      assert.equal(device.reads("scale"), "off in Live");
      studio.close();
    });

    test("is asked of no Live before 12", () => {
      const { studio, device } = desk(name, { liveVersion: "11.3" });
      pass(studio, 1000);
      assert.equal(device.reads("scale"), "needs Live 12");
      studio.close();
    });
  });
}

/** The request that comes of a press with Live's scale on or off and the switch up or down. */
function asked(name, song, isOn) {
  const scene = name === "Generate" ? desk(name, { song }) : deskWith(name, "Piano", tune(), { song });
  const { studio, bridge, device } = scene;
  if (name === "Generate") {
    device.choose("Part", "Melody");
    pass(studio, 100);
  }
  if (isOn) {
    device.press("Scale");
    pass(studio, 100);
  }
  play(scene);
  const { values } = bridge.requests[0];
  hasNoFaults(bridge);
  studio.close();
  return values;
}

describe("the switch for Live's scale", { skip: !builtDevices().includes("Continue") }, () => {
  test("sends root and intervals as a lock where Live's scale is on, and nothing where it is off", () => {
    const on = asked("Continue", A_MINOR, true);
    assert.deepEqual([on.root, on.scale], [9, MINOR]);
    const off = asked("Continue", { ...A_MINOR, scale_mode: 0 }, true);
    assert.deepEqual([off.root, off.scale], [-1, 0]);
  });

  test("up, it leaves Continue to hear the key itself, and Generate to wish for Live's", () => {
    const heard = asked("Continue", A_MINOR, false);
    assert.deepEqual([heard.root, heard.scale], [-1, 0]);
    const wished = asked("Generate", A_MINOR, false);
    assert.deepEqual([wished.root, wished.scale, wished.lock], [9, MINOR, 0]);
    const locked = asked("Generate", A_MINOR, true);
    assert.deepEqual([locked.root, locked.scale, locked.lock], [9, MINOR, 1]);
  });

  test("with Live's scale off Generate takes any key", () => {
    const any = asked("Generate", {}, false);
    assert.deepEqual([any.part, any.root, any.scale], ["melody", -1, 0]);
  });
});

describe("Generate: its parts", built("Generate"), () => {
  test("each of the menu is asked for, with its range and density", () => {
    const scene = desk("Generate");
    const { studio, bridge, device } = scene;
    for (const part of ["Drums", "Melody", "Bass", "Chords"]) {
      device.choose("Part", part);
      pass(studio, 100);
      if (part === "Bass") {
        device.turn("Lowest Key", 28);
        device.turn("Highest Key", 52);
        device.turn("Notes per Bar", 6);
        pass(studio, 100);
      }
      play(scene);
    }
    const values = bridge.requests.map((one) => one.values);
    assert.deepEqual(values.map((one) => one.part), ["drums", "melody", "bass", "chords"]);
    assert.deepEqual([values[2].lowest, values[2].highest, values[2].notes_per_bar], [28, 52, 6]);
    hasNoFaults(bridge);
    studio.close();
  });

  test("what does not count for a part is grey, and comes back with it", () => {
    const { studio, device } = desk("Generate");
    const touchable = (name) => device.find(name).obstacle() === "";
    const ofDrums = ["Kit", "Style", "Kick", "Ride"];
    const ofPitches = ["Scale", "Lowest Key", "Highest Key", "Notes per Bar", "hold_chords"];
    assert.ok(ofDrums.every(touchable) && !ofPitches.some(touchable), device.describe());
    device.choose("Part", "Melody");
    pass(studio, 100);
    assert.ok(!ofDrums.some(touchable) && ofPitches.every(touchable), device.describe());
    device.choose("Part", "Drums");
    pass(studio, 100);
    assert.ok(ofDrums.every(touchable) && !ofPitches.some(touchable), device.describe());
    studio.close();
  });

  test("a Set that was kept with a part opens with the others grey", () => {
    const { studio, device } = desk("Generate", { stored: { Part: 3 } });
    pass(studio, 500);
    assert.equal(device.find("Kit").obstacle(), "it is greyed out");
    assert.equal(device.find("Scale").obstacle(), "");
    studio.close();
  });

  test("near a melody, the clip goes as one", () => {
    const scene = deskWith("Generate", "Piano", tune());
    const { studio, bridge, device, lead } = scene;
    hold(scene, lead, "near");
    device.choose("Part", "Melody");
    pass(studio, 100);
    play(scene);
    const { values } = bridge.requests[0];
    const near = sent(bridge, values.near);
    assert.equal(near.frame.drums, 0);
    assert.deepEqual(near.rows.map((row) => row[0]), tune().map((note) => note.pitch));
    studio.close();
  });
});

for (const name of ["Continue", "Generate"]) {
  describe(`${name}: chords to follow`, built(name), () => {
    test("go as a clip of pitches, whatever track they stand on, and not with drums", () => {
      const scene = deskWith(name, "Piano", tune());
      const { studio, live, bridge, device, lead } = scene;
      const pads = live.makeTrack("Drums and pads");
      live.addDrumRack(pads, { 40: "Kick", 60: "Snare" });
      if (name === "Generate") {
        device.choose("Part", "Bass");
        pass(studio, 100);
      }
      hold(scene, live.putClip(pads, 0, tune().slice(0, 3), { name: "Chords", length: 4 }), "chords");
      assert.equal(device.reads("held_chords"), "Chords");
      live.clickClip(lead);
      pass(studio, 1000);
      play(scene);
      const { values } = bridge.requests[0];
      const chords = sent(bridge, values.chords);
      assert.equal(chords.frame.drums, 0);
      assert.deepEqual(chords.rows.map((row) => row[0]), [60, 62, 64]);
      device.choose("Part", "Drums");
      pass(studio, 100);
      play(scene);
      assert.equal(bridge.requests[1].values.chords, 0);
      hasNoFaults(bridge);
      studio.close();
    });
  });
}

describe("Interpolate between melodies", built("Interpolate"), () => {
  function between(first, second, part) {
    const scene = deskWith("Interpolate", "Piano", first);
    const { studio, live, other, device, bridge, lead } = scene;
    hold(scene, lead, "a");
    hold(scene, live.putClip(other, 1, second, { name: "Other", length: 8 }), "b");
    if (part) {
      device.choose("Part", part);
      pass(studio, 100);
    }
    return { ...scene, ask: () => {
      const had = bridge.requests.length;
      device.press("press");
      wait(studio, () => bridge.requests.length > had, "it asked");
      wait(studio, () => /written|new clip/.test(state(device)), "it is done");
      return bridge.requests[had].values;
    } };
  }

  test("two melodies go as melodies, a beat and another clip as drums", () => {
    const low = tune().map((note) => ({ ...note, pitch: note.pitch - 12 }));
    for (const [first, second, part, drums] of [
      [tune(), low, "", 0], [beat(2), tune(), "", 1], [beat(2), beat(2), "Pitches", 0], [tune(), low, "Drums", 1]
    ]) {
      const scene = between(first, second, part);
      const values = scene.ask();
      assert.deepEqual([values.a, values.b].map((id) => sent(scene.bridge, id).frame.drums), [drums, drums]);
      hasNoFaults(scene.bridge);
      scene.studio.close();
    }
  });

  test("a clip that is kept is sent and named besides the corners", () => {
    const scene = between(tune(), tune());
    const { studio, live, other, device, bridge } = scene;
    hold(scene, live.putClip(other, 5, tune().slice(0, 2), { name: "Pedal", length: 4 }), "keep");
    assert.equal(device.reads("held_keep"), "Pedal");
    const values = scene.ask();
    assert.ok(values.keep > 0 && ![values.a, values.b].includes(values.keep));
    assert.equal(sent(bridge, values.keep).rows.length, 2);
    device.press("drop_keep");
    pass(studio, 100);
    assert.equal(scene.ask().keep, 0);
    hasNoFaults(bridge);
    studio.close();
  });
});
