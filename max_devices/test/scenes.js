/*
 * What many tests begin with: a Set with a beat, a built device on its track, the bridge found.
 */
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const { Studio } = require("./model/studio");
const { lead } = require("./model/bridge");

const DEVICES = path.resolve(__dirname, "..");
const FIND_MS = 10000;

/** The names of the devices that are built, in the order of the alphabet. */
function builtDevices() {
  return fs
    .readdirSync(DEVICES)
    .filter((name) => name.endsWith(".amxd"))
    .map((name) => name.replace(/\.amxd$/, ""))
    .sort();
}

function fileOf(name) {
  return path.join(DEVICES, `${name}.amxd`);
}

/** Kick, snare and hats on the 16th grid, for so many bars of 4/4; every field has its own value. */
function beat(bars) {
  const notes = [];
  for (let step = 0; step < bars * 16; step += 2) {
    const place = step % 16;
    notes.push(hit(42, step, 70 + (step % 4)));
    if (place === 0 || place === 8 || place === 10) {
      notes.push(hit(36, step, 110));
    }
    if (place === 4 || place === 12) {
      notes.push(hit(38, step, 100));
    }
  }
  return notes;
}

function hit(pitch, step, velocity) {
  return { pitch, start_time: step / 4, duration: 0.25, velocity };
}

/** A Set with a track "Drums" that has a beat of two bars in its first slot, which is selected. */
function setWithBeat(choices = {}, { bars = 2, notes = beat(bars), fields = {} } = {}) {
  const studio = new Studio(choices);
  const track = studio.live.makeTrack("Drums");
  const clip = studio.live.putClip(track, 0, notes, { name: "Beat", length: bars * 4, ...fields });
  studio.live.clickClip(clip);
  return { studio, live: studio.live, track, clip };
}

/** A device on a track, ready to work with a bridge at this port. */
async function ready(studio, name, track, port) {
  if (port) {
    lead(studio, port);
  }
  const device = studio.drop(fileOf(name), track);
  await studio.until(() => device.patcher && device.shows("Ready."), `"${name}" found the bridge`, FIND_MS);
  return device;
}

/** Waits for the words in a device. */
function says(studio, device, words, limitMs) {
  return studio.until(() => device.patcher && device.shows(words), `"${device.title}" says “${words}”`, limitMs);
}

/** The clips of a track below the first, those that are there. */
function takesOn(live, track) {
  return live.clipsOf(live.node(track.id)).slice(1).filter(Boolean);
}

/** A note without what Live or a performance gives it. */
function score(note) {
  return `${note.pitch} at ${Math.round(note.start_time * 4)}`;
}

module.exports = { builtDevices, fileOf, beat, setWithBeat, ready, says, takesOn, score, DEVICES };
