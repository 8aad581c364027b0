/*
 * Every built device in the model of Live, in drawn time and with a bridge that does as it is told.
 * So seconds of silence take no time, and what happens in the middle of a job happens exactly there.
 */
"use strict";

const assert = require("node:assert/strict");
const { describe, test } = require("node:test");
const { desk, hasNoFaults, pass, SHORT_MS, state, wait, writeMode } = require("./desk");
const { Float } = require("./model/atoms");
const { MemoryNetwork } = require("./model/network");
const { NAMES, PROTOCOL, ScriptedBridge } = require("./model/scripted");
const { beat, builtDevices, fileOf, score, setWithBeat, takesOn } = require("./scenes");

const needsClip = (name) => name !== "Generate" && name !== "Interpolate";

for (const name of builtDevices()) {
  describe(name, () => {
    test("loads without a red line and finds the bridge, in each Live that it is for", () => {
      for (const liveVersion of ["11.3", "12.0", "12.2", "12.4"]) {
        for (const cordOrder of ["right-to-left", "left-to-right"]) {
          const { studio, bridge } = desk(name, { liveVersion, cordOrder });
          hasNoFaults(bridge);
          studio.close();
        }
      }
    });

    test("says in words that it looks for the bridge, before it finds it", () => {
      const { studio, device } = desk(name, { unready: true, bridge: { isOn: false } });
      pass(studio, 50);
      assert.match(state(device), /bridge/i);
      studio.close();
    });

    test("asks all eight ports, then offers Start, which opens clipbridge://start", () => {
      const { studio, network, device } = desk(name, { unready: true, bridge: { isOn: false } });
      wait(studio, () => device.patcher && /not running/i.test(state(device)), "it says that none runs", 8000);
      const asked = new Set(network.sent.map((one) => one.port));
      assert.ok(PROTOCOL.ports.every((port) => asked.has(port)), `it asked ${[...asked].join(", ")}`);
      device.press("Start");
      pass(studio, 100);
      assert.deepEqual(
        studio.max.commands.map((one) => [one.selector, ...one.atoms]), [["launchbrowser", "clipbridge://start"]]
      );
      studio.close();
    });

    test("finds a bridge on any of the eight ports", () => {
      for (const port of PROTOCOL.ports) {
        const { studio, device } = desk(name, { unready: true, bridge: { port } });
        wait(studio, () => device.patcher && device.shows("Ready."), `it finds port ${port}`, 5000);
        studio.close();
      }
    });

    test("finds a bridge that is started later", () => {
      const { studio, bridge, device } = desk(name, { unready: true, bridge: { isOn: false } });
      pass(studio, 20000);
      bridge.isOn = true;
      wait(studio, () => device.shows("Ready."), "it finds the bridge", 10000);
      studio.close();
    });

    test("says which side to update where the protocols differ", () => {
      const { studio, device } = desk(name, { unready: true, bridge: { number: PROTOCOL.number + 1 } });
      wait(studio, () => device.patcher && /protocol/i.test(state(device)), "it names the protocol", 5000);
      assert.match(state(device), /update/i);
      studio.close();
    });

    test("takes another port where one is taken, by another program or a second copy", () => {
      const { studio, network, device } = desk(name, { unready: true });
      const listen = network.listen.bind(network);
      let refused = 0;
      network.listen = (port, heard, taken) => {
        if (refused < 3) {
          refused += 1;
          taken();
          return null;
        }
        return listen(port, heard, taken);
      };
      wait(studio, () => device.patcher && device.shows("Ready."), "it found a free port", 6000);
      assert.equal(refused, 3);
      network.listen = listen;
      const second = studio.drop(fileOf(name), studio.live.tracks[0]);
      wait(studio, () => second.patcher && second.shows("Ready."), "the second copy is ready", 6000);
      assert.equal(network.ears.size, 2);
      studio.close();
    });

    test("lets the track's MIDI pass", () => {
      const { studio, device } = desk(name);
      const objects = [...device.patcher.everyObject()];
      objects.find((one) => one.name === "midiin").bytes([144, 60, 100, 128, 60, 0]);
      assert.deepEqual(objects.find((one) => one.name === "midiout").heard, [144, 60, 100, 128, 60, 0]);
      studio.close();
    });

    test("writes no parameter of its own accord: the undo history stays the musician's", () => {
      const { studio, device } = desk(name);
      device.press("press");
      pass(studio, SHORT_MS);
      assert.deepEqual(studio.max.parameterWrites, []);
      for (const control of device.controls()) {
        if (control.isButton) {
          assert.equal(control.invisible, 2, `the button ${control.longname} must be hidden from undo`);
        }
      }
      studio.close();
    });

    test("keeps its settings with the Set", () => {
      const { studio, live, track, device } = desk(name);
      const number = device.controls().find((one) => one.type === 1 && one.isShown && one.items.length === 0).longname;
      device.turn(number, 7);
      pass(studio, 50);
      const kept = device.kept();
      studio.remove(device);
      const again = studio.drop(fileOf(name), live.node(track.id), kept);
      wait(studio, () => again.patcher && again.shows("Ready."), "it is ready again");
      assert.equal(again.find(number).value, 7);
      studio.close();
    });

    test("when it is deleted it says goodbye, frees its port and is quiet", () => {
      const { studio, network, bridge, device } = desk(name);
      studio.remove(device);
      pass(studio, 100);
      assert.equal(network.ears.size, 0);
      const said = network.sent.length;
      pass(studio, 20000);
      assert.equal(network.sent.length, said);
      assert.ok(bridge.heard.some((one) => one.address === NAMES.bye));
      studio.close();
    });

    test("six seconds without an answer are no alarm; more than eight are, and it finds back", () => {
      const { studio, bridge, device } = desk(name);
      bridge.isOn = false;
      pass(studio, 6000);
      assert.equal(state(device), "Ready.");
      bridge.isOn = true;
      pass(studio, 4000);
      bridge.isOn = false;
      wait(studio, () => /not answer|not running/i.test(state(device)), "it says that the bridge is gone", 14000);
      bridge.restart();
      wait(studio, () => device.shows("Ready."), "it found back", 10000);
      studio.close();
    });

    test("Live stalls for 6 s: no alarm", () => {
      const { studio, device } = desk(name);
      studio.max.thread.stall(6000);
      studio.max.thread.advance(6000);
      assert.equal(state(device), "Ready.");
      pass(studio, 5000);
      assert.equal(state(device), "Ready.");
      studio.close();
    });

    test("the bridge's words about a fault are shown as they are", () => {
      const { studio, bridge, device } = desk(name, { bridge: { plays: false } });
      device.press("press");
      wait(studio, () => bridge.requests.length === 1 || !needsClip(name), "it asked");
      if (bridge.requests.length === 0) {
        studio.close();
        return;
      }
      bridge.fail(bridge.requests[0], "model-missing", "The model is not installed: reinstall Clipbridge.");
      pass(studio, 100);
      assert.equal(state(device), "The model is not installed: reinstall Clipbridge.");
      studio.close();
    });
  });
}

/** Tools that make takes from the one clip that is selected. */
const PLAYERS = builtDevices().filter(needsClip);

for (const name of PLAYERS) {
  describe(`${name}, pressed`, () => {
    test("in each Live, whatever form dictionaries have, in any order of cords and notifications", () => {
      const [versions, forms] = [["11.3", "12.0", "12.2", "12.4"], ["string", "array", "object"]];
      for (let round = 0; round < 12; round += 1) {
        const isOdd = Math.floor(round / 4) % 2 === 1;
        const scene = desk(name, {
          liveVersion: versions[round % 4], dictionaries: forms[round % 3], numberNames: isOdd,
          notifies: isOdd ? "at-once" : "later", cordOrder: isOdd ? "left-to-right" : "right-to-left",
          noteOrder: isOdd ? "pitch" : "time"
        });
        const { studio, live, track, bridge, device } = scene;
        device.press("press");
        wait(studio, () => device.shows("4 takes written."), "4 takes are written");
        assert.equal(takesOn(live, track).length, 4);
        assert.equal(live.undoSteps("API"), 1);
        hasNoFaults(bridge);
        studio.close();
      }
    });

    test("sends all that the clip has, and writes all that comes back", () => {
      const notes = beat(1).map((note, index) => ({
        ...note, probability: 0.25, velocity_deviation: -5, release_velocity: 30, mute: index % 2, velocity: 64.5
      }));
      const { studio, live, track, bridge, device } = desk(name, {}, { bars: 1, notes });
      device.press("press");
      wait(studio, () => device.shows("4 takes written."), "4 takes are written");
      const [request] = bridge.requests;
      assert.equal(request.clip.rows.length, notes.length);
      const back = takesOn(live, track)[0].notes;
      assert.equal(back.length, notes.length);
      for (const note of back) {
        assert.ok(Math.abs(note.probability - 0.25) < 1e-6);
        assert.equal(note.velocity_deviation, -5);
        assert.equal(note.release_velocity, 30);
        assert.equal(note.velocity, 63.5);
      }
      assert.equal(back.filter((note) => note.mute).length, notes.filter((note) => note.mute).length);
      studio.close();
    });

    test("fills the next free slots, overwrites nothing, makes scenes where none are free", () => {
      const { studio, live, track, clip, device } = desk(name, { scenes: 5 });
      live.putClip(track, 2, beat(1), { name: "Mine", length: 4 });
      device.press("press");
      wait(studio, () => device.shows("4 takes written."), "4 takes are written");
      const names = live.clipsOf(live.node(track.id)).map((one) => (one ? one.name.split(" · ")[0] : ""));
      assert.deepEqual(names, ["Beat", name, "Mine", name, name, name]);
      assert.equal(live.song.scenes.length, 6);
      assert.equal(live.node(clip.id).name, "Beat");
      studio.close();
    });

    test("a new clip has the source's metre, loop, markers, colour and launch settings", () => {
      const fields = {
        color: 0x12ab34, signature_numerator: 7, signature_denominator: 8, loop_on: [3.5, 10.5],
        start_marker: 4.5, end_marker: 10.5, launch_mode: 2, launch_quantization: 5, length: 10.5
      };
      const notes = [4, 5, 6, 7, 8, 9].map((start) => ({ pitch: 36, start_time: start, duration: 0.25 }));
      const { studio, live, track, bridge, device } = desk(name, {}, { notes, fields });
      device.press("press");
      wait(studio, () => device.shows("4 takes written."), "4 takes are written");
      const take = takesOn(live, track)[0];
      for (const field of ["color", "signature_numerator", "signature_denominator", "launch_mode", "launch_quantization"]) {
        assert.equal(take[field], fields[field], field);
      }
      assert.deepEqual(take.loop_on, fields.loop_on);
      assert.deepEqual([take.start_marker, take.end_marker], [fields.start_marker, fields.end_marker]);
      const { frame } = bridge.requests[0].clip;
      assert.deepEqual(
        [frame.loop_start, frame.loop_end, frame.numerator, frame.denominator], [70560, 211680, 7, 8]
      );
      studio.close();
    });

    test("a clip that does not loop gives clips that do not loop", () => {
      const { studio, live, track, device } = desk(name, {}, { fields: { looping: 0 } });
      device.press("press");
      wait(studio, () => device.shows("4 takes written."), "4 takes are written");
      assert.equal(takesOn(live, track)[0].looping, 0);
      studio.close();
    });

    test("the name carries tool, number and seed, and the seed can be typed back", () => {
      const { studio, live, track, bridge, device } = desk(name);
      device.press("press");
      wait(studio, () => device.shows("4 takes written."), "4 takes are written");
      const names = takesOn(live, track).map((take) => take.name);
      const seed = Number(names[0].split(" · ")[2]);
      assert.ok(seed > 0 && seed < 2147483647);
      assert.deepEqual(names, [0, 1, 2, 3].map((index) => `${name} · ${index + 1}/4 · ${seed + index}`));
      device.turn("Seed", seed);
      device.press("press");
      wait(studio, () => bridge.requests.length === 2, "it asked again");
      assert.equal(bridge.requests[1].values.seed, seed);
      studio.close();
    });

    test("only the selected notes are sent, where some are selected", () => {
      const { studio, live, clip, bridge, device } = desk(name);
      live.selectNotes(clip, (note) => note.pitch === 42);
      device.press("press");
      wait(studio, () => device.shows("4 takes written."), "4 takes are written");
      const selected = clip.notes.filter((note) => note.pitch === 42);
      assert.equal(bridge.requests[0].clip.rows.length, selected.length);
      studio.close();
    });

    test("without a clip, or with one without notes, it says so and asks nothing", () => {
      const { studio, live, track, bridge, device } = desk(name);
      const empty = live.putClip(track, 3, [], { name: "Empty", length: 4 });
      live.clickClip(empty);
      pass(studio, 1000);
      device.press("press");
      pass(studio, 500);
      assert.match(state(device), /no notes/i);
      live.deleteClip(empty);
      live.deleteClip(live.clipIn(live.node(track.id), 0));
      live.clickSlot(live.node(track.id), 5);
      pass(studio, 1000);
      device.press("press");
      pass(studio, 500);
      assert.match(state(device), /select|clip/i);
      assert.equal(bridge.requests.length, 0);
      studio.close();
    });

    test("an audio clip is no target", () => {
      const { studio, live, device } = desk(name);
      const audio = live.makeTrack("Audio", { isMidi: false });
      const loop = live.putClip(audio, 0, [], { name: "Loop", is_midi_clip: 0 });
      live.clickClip(loop);
      pass(studio, 1000);
      assert.notEqual(device.reads("clip"), "Loop");
      studio.close();
    });

    test("the clip on the screen is the one that is written from: Session, Device View, Arrangement", () => {
      for (const detailClip of ["shown", "hidden"]) {
        const { studio, live, track, bridge, device } = desk(name, { detailClip });
        const other = live.putClip(track, 4, beat(1), { name: "Other", length: 4 });
        live.clickClip(other);
        live.clickDeviceView();
        pass(studio, 1000);
        assert.equal(device.reads("clip"), "Other");
        const arranged = live.putArrangementClip(track, 16, 8, beat(2), { name: "Verse" });
        live.clickArrangementClip(arranged);
        live.clickDeviceView();
        pass(studio, 1000);
        assert.equal(device.reads("clip"), "Verse");
        device.press("press");
        wait(studio, () => bridge.requests.length === 1, "it asked");
        assert.equal(bridge.requests[0].clip.rows.length, arranged.notes.length);
        studio.close();
      }
    });

    test("a clip of the Arrangement: takes stand behind it and cut nothing", () => {
      for (const liveVersion of ["11.3", "12.2"]) {
        const { studio, live, track, device } = desk(name, { liveVersion });
        const verse = live.putArrangementClip(track, 0, 8, beat(2), { name: "Verse" });
        const chorus = live.putArrangementClip(track, 20, 8, beat(2), { name: "Chorus" });
        live.clickArrangementClip(verse);
        pass(studio, 1000);
        device.press("press");
        wait(studio, () => device.shows("4 takes written."), `4 takes are written in Live ${liveVersion}`);
        const spans = live
          .list(live.node(track.id).arrangement_clips)
          .map((clip) => [clip.start_time, clip.arrangement_end, clip.name.split(" · ")[0]]);
        assert.deepEqual(spans, [
          [0, 8, "Verse"], [8, 16, name], [20, 28, "Chorus"], [28, 36, name], [36, 44, name], [44, 52, name]
        ]);
        assert.equal(live.node(chorus.id).notes.length, beat(2).length);
        assert.deepEqual(takesOn(live, track), [], "nothing is left in the Session");
        studio.close();
      }
    });

    test("pinned, it stays with its clip whatever is clicked; and at the press the target is fixed", () => {
      const { studio, live, track, bridge, device } = desk(name);
      device.press("pin");
      const other = live.putClip(track, 4, beat(1), { name: "Other", length: 4 });
      live.clickClip(other);
      pass(studio, 1000);
      assert.equal(device.reads("clip"), "Beat");
      device.press("pin");
      pass(studio, 1000);
      assert.equal(device.reads("clip"), "Other");
      bridge.plays = false;
      device.press("press");
      wait(studio, () => bridge.requests.length === 1, "it asked");
      live.clickClip(live.clipIn(track, 0));
      pass(studio, 1000);
      bridge.play(bridge.requests[0]);
      wait(studio, () => device.shows("4 takes written."), "4 takes are written");
      const rows = live.clipsOf(live.node(track.id)).map((one) => (one ? one.name.split(" · ")[0] : ""));
      assert.deepEqual(rows, ["Beat", "", "", "", "Other", name, name, name, name].slice(0, rows.length));
      studio.close();
    });

    test("scenes inserted, tracks moved, clips renamed in the middle of a job: the takes find their place", () => {
      const { studio, live, track, bridge, device } = desk(name, { bridge: { plays: false } });
      live.makeTrack("Bass");
      device.press("press");
      wait(studio, () => bridge.requests.length === 1, "it asked");
      live.insertScene(0);
      live.moveTrack(live.node(track.id), 1);
      live.rename(live.clipIn(live.node(track.id), 1), "Renamed");
      bridge.play(bridge.requests[0]);
      wait(studio, () => device.shows("4 takes written."), "4 takes are written");
      const clips = live.clipsOf(live.node(track.id)).map((one) => (one ? one.name.split(" · ")[0] : ""));
      assert.deepEqual(clips.filter(Boolean), ["Renamed", name, name, name, name]);
      assert.equal(live.clipsOf(live.tracks[0]).filter(Boolean).length, 0);
      studio.close();
    });

    test("the track is deleted in the middle of a job: it says so, nothing is written elsewhere", () => {
      const { studio, live, track, bridge } = desk(name, { bridge: { plays: false } });
      const home = live.makeTrack("Home");
      const device = studio.drop(fileOf(name), home);
      wait(studio, () => device.patcher && device.shows("Ready."), "the one at home is ready");
      device.press("press");
      wait(studio, () => bridge.requests.length === 1, "it asked");
      live.deleteTrack(track);
      bridge.play(bridge.requests[0]);
      pass(studio, 1000);
      assert.match(state(device), /deleted|gone/i);
      assert.equal(live.clipsOf(live.node(home.id)).filter(Boolean).length, 0);
      studio.close();
    });

    test("the device is deleted in the middle of a job: no take comes, no red line", () => {
      const { studio, live, track, bridge, device } = desk(name, { bridge: { plays: false } });
      device.press("press");
      wait(studio, () => bridge.requests.length === 1, "it asked");
      studio.remove(device);
      bridge.play(bridge.requests[0]);
      pass(studio, 2000);
      assert.equal(takesOn(live, track).length, 0);
      studio.close();
    });

    test("a frozen track: it says that Live made no clip", () => {
      const { studio, live, track, device } = desk(name);
      studio.expectError(/frozen tracks/);
      live.node(track.id).is_frozen = 1;
      device.press("press");
      wait(studio, () => /frozen/i.test(state(device)), "it says why");
      assert.equal(takesOn(live, track).length, 0);
      studio.close();
    });

    test("a second press calls the first off and answers the new one only", () => {
      const { studio, live, track, bridge, device } = desk(name, { bridge: { plays: false } });
      device.press("press");
      wait(studio, () => bridge.requests.length === 1, "it asked");
      device.press("press");
      wait(studio, () => bridge.requests.length === 2, "it asked again");
      assert.ok(bridge.heard.some((one) => one.address === NAMES.cancel));
      bridge.play(bridge.requests[0]); // too late
      pass(studio, 200);
      assert.equal(takesOn(live, track).length, 0);
      bridge.play(bridge.requests[1]);
      wait(studio, () => device.shows("4 takes written."), "4 takes are written");
      assert.equal(takesOn(live, track).length, 4);
      studio.close();
    });

    test("cancelled after two of four takes: two stay, and it says so", () => {
      const { studio, live, track, bridge, device } = desk(name, { bridge: { plays: false } });
      device.press("press");
      wait(studio, () => bridge.requests.length === 1, "it asked");
      bridge.sendTake(bridge.requests[0], 0, 4);
      bridge.sendTake(bridge.requests[0], 1, 4);
      pass(studio, 200);
      device.press("cancel");
      wait(studio, () => /cancelled/i.test(state(device)), "it says that it is cancelled");
      assert.equal(takesOn(live, track).length, 2);
      studio.close();
    });

    test("the bridge is started anew in the middle of a job: the clip is sent again, takes come once", () => {
      const { studio, live, track, bridge, device } = desk(name, { bridge: { plays: false } });
      device.press("press");
      wait(studio, () => bridge.requests.length === 1, "it asked");
      bridge.sendTake(bridge.requests[0], 0, 4);
      pass(studio, 200);
      bridge.isOn = false;
      pass(studio, 9500);
      bridge.restart();
      bridge.plays = true;
      wait(studio, () => device.shows("4 takes written."), "4 takes are written", 20000);
      assert.equal(takesOn(live, track).length, 4);
      assert.equal(new Set(takesOn(live, track).map((take) => take.name)).size, 4);
      studio.close();
    });

    test("progress is shown in percent, in few words", () => {
      const { studio, bridge, device } = desk(name, { bridge: { plays: false } });
      device.press("press");
      wait(studio, () => bridge.requests.length === 1, "it asked");
      const said = new Set();
      for (let step = 0; step <= 100; step += 1) {
        bridge.progress(bridge.requests[0], step / 100, "working");
        pass(studio, 10);
        said.add(state(device));
      }
      assert.ok([...said].some((text) => /40 %/.test(text)), [...said].join(" / "));
      assert.ok(said.size <= 25, `${said.size} texts are kept for ever`);
      studio.close();
    });

    test("at most 500 notes are written in one turn", () => {
      const notes = [];
      for (let step = 0; step < 1200; step += 1) {
        notes.push({ pitch: 36 + (step % 3), start_time: step / 4, duration: 0.2 });
      }
      const { studio, live, track, device } = desk(name, {}, { bars: 75, notes });
      const sizes = [];
      const put = live.putNotes.bind(live);
      live.putNotes = (clip, some) => {
        sizes.push(some.length);
        put(clip, some);
      };
      device.turn("Takes", 1);
      device.press("press");
      wait(studio, () => device.shows("1 take written."), "a take is written");
      assert.equal(takesOn(live, track)[0].notes.length, 1200);
      assert.ok(Math.max(...sizes) <= 500, sizes.join(", "));
      studio.close();
    });

    test("takes that come while Live stalls for 6 s are all written afterwards", () => {
      const { studio, live, track, bridge, device } = desk(name, { bridge: { plays: false } });
      device.press("press");
      wait(studio, () => bridge.requests.length === 1, "it asked");
      studio.max.thread.stall(6000);
      bridge.play(bridge.requests[0]);
      studio.max.thread.advance(6000);
      wait(studio, () => device.shows("4 takes written."), "4 takes are written");
      assert.equal(takesOn(live, track).length, 4);
      studio.close();
    });

    test("in a rack, below a Drum Rack: it finds its track all the same", () => {
      const { studio, live, track } = desk(name);
      const rack = live.addDevice(track, "MidiEffectGroupDevice", "MIDI Effect Rack");
      const chain = live.add("Chain", rack.id, { name: "Chain", devices: [], mute: 0 });
      rack.can_have_chains = 1;
      rack.chains = [chain.id];
      const inner = studio.drop(fileOf(name), chain);
      wait(studio, () => inner.patcher && inner.shows("Ready."), "it is ready");
      inner.press("press");
      wait(studio, () => inner.shows("4 takes written."), "4 takes are written");
      assert.equal(takesOn(live, track).length, 4);
      studio.close();
    });

    test("the pads of the track's own Drum Rack go to General MIDI and come back as they were", () => {
      for (const nested of [false, true]) {
        const notes = [0, 1, 2, 3].flatMap((beatOf) => [
          { pitch: 48 + (beatOf % 2), start_time: beatOf, duration: 0.25 },
          { pitch: 51, start_time: beatOf + 0.5, duration: 0.25 }
        ]);
        const { studio, live, track, bridge, device } = desk(name, {}, { bars: 1, notes });
        live.addDrumRack(track, { 48: "Kick 808", 49: "Snare Tight", 51: "Closed Hat", 52: "Open Hat" }, { nested });
        device.press("press");
        wait(studio, () => device.shows("4 takes written."), "4 takes are written");
        const pitches = new Set(bridge.requests[0].clip.rows.map((row) => row[0]));
        assert.ok(pitches.has(36) || pitches.has(35), `the kick went as one of ${[...pitches].join(", ")}`);
        assert.ok([42, 44, 22].some((pitch) => pitches.has(pitch)), "the closed hat is a closed hat");
        assert.deepEqual(
          takesOn(live, track)[0].notes.map((note) => note.pitch).sort(), notes.map((note) => note.pitch).sort()
        );
        studio.close();
      }
    });
  });
}

if (builtDevices().includes("Groove")) {
  describe("Groove", () => {
    test("selected notes are grooved, the others stay beside them in the new clip", () => {
      const { studio, live, track, clip, device } = desk("Groove");
      live.selectNotes(clip, (note) => note.pitch === 42);
      device.press("press");
      wait(studio, () => device.shows("4 takes written."), "4 takes are written");
      assert.deepEqual(takesOn(live, track)[0].notes.map(score).sort(), clip.notes.map(score).sort());
      studio.close();
    });

    test("in place: one undo step, MPE data and ids stay, and the row walks through the takes", () => {
      const { studio, live, clip, device } = desk("Groove");
      clip.notes[0].secretMpe = "kept by apply_note_modifications";
      writeMode(device, /place/i);
      device.press("press");
      wait(studio, () => /anew/.test(state(device)), "it is played anew");
      assert.equal(live.undoSteps("API"), 1);
      assert.equal(live.node(clip.id).notes.filter((note) => note.secretMpe).length, 1);
      const first = structuredClone(live.node(clip.id).notes);
      device.press("next");
      wait(studio, () => device.shows(/2( of |\/)4/), "the second take is shown");
      assert.notDeepEqual(live.node(clip.id).notes, first);
      device.press("previous");
      wait(studio, () => device.shows(/1( of |\/)4/), "the first take is shown");
      assert.deepEqual(live.node(clip.id).notes, first);
      studio.close();
    });

    test("in place, edited by hand after that: the row does not overwrite it", () => {
      const { studio, live, clip, device } = desk("Groove");
      writeMode(device, /place/i);
      device.press("press");
      wait(studio, () => /anew/.test(state(device)), "it is played anew");
      live.editNotes(clip, (notes) => {
        notes[0].velocity = 1;
      });
      const edited = structuredClone(live.node(clip.id).notes);
      device.press("next");
      pass(studio, 500);
      assert.deepEqual(live.node(clip.id).notes, edited);
      assert.match(state(device), /edited/);
      studio.close();
    });

    test("more comes during a stall than Max's queue of 512 holds: what is lost is asked for again", () => {
      const notes = [];
      for (let step = 0; step < 700; step += 1) {
        notes.push({ pitch: 36 + (step % 2), start_time: step / 4, duration: 0.2 });
      }
      const { studio, live, track, bridge, device } = desk("Groove", { bridge: { plays: false } }, { bars: 44, notes });
      device.turn("Takes", 16);
      device.press("press");
      wait(studio, () => bridge.requests.length === 1, "it asked");
      studio.max.thread.stall(6000);
      bridge.play(bridge.requests[0]);
      studio.max.thread.advance(6000);
      wait(studio, () => device.shows("16 takes written."), "16 takes are written", 20000);
      assert.deepEqual(takesOn(live, track).map((take) => take.notes.length), Array(16).fill(700));
      hasNoFaults(bridge);
      studio.close();
    });

    test("a held feel is sent as a second clip", () => {
      const { studio, live, track, bridge, device } = desk("Groove");
      const feel = live.putClip(track, 5, beat(1), { name: "Shuffle", length: 4 });
      live.clickClip(feel);
      pass(studio, 1000);
      device.press("hold_feel");
      pass(studio, 100);
      assert.equal(device.reads("held_feel"), "Shuffle");
      live.clickClip(live.clipIn(track, 0));
      pass(studio, 1000);
      device.press("press");
      wait(studio, () => device.shows("4 takes written."), "4 takes are written");
      const { values } = bridge.requests[0];
      assert.ok(values.feel > 0 && values.feel !== values.clip);
      studio.close();
    });
  });
}

if (builtDevices().includes("Drumify")) {
  test("Drumify reads a clip of another track and writes beside it, on its own", () => {
    const network = new MemoryNetwork();
    const bridge = new ScriptedBridge(network);
    const { studio, live, clip } = setWithBeat({ drawn: true, network });
    const drums = live.makeTrack("Kit");
    const device = studio.drop(fileOf("Drumify"), drums);
    wait(studio, () => device.patcher && device.shows("Ready."), "it is ready");
    device.press("press");
    wait(studio, () => device.shows("4 takes written."), "4 takes are written");
    const rows = live.clipsOf(live.node(drums.id)).map((one) => (one ? 1 : 0));
    assert.deepEqual(rows.slice(0, 5), [1, 1, 1, 1, 0]);
    assert.equal(live.node(clip.id).name, "Beat");
    hasNoFaults(bridge);
    studio.close();
  });
}

test("the scripted bridge itself is strict: a float for a whole number is a fault", () => {
  const bridge = new ScriptedBridge(new MemoryNetwork());
  bridge.read({ selector: NAMES.sync, atoms: [new Float(1.5)] });
  assert.equal(bridge.faults.length, 1);
});
