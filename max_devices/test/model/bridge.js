/*
 * The real bridge, in a process and a folder of its own: `python -m bridge serve`. BRIDGE_PYTHON names
 * the interpreter (default: python3), which must have Clipbridge's packages.
 */
"use strict";

const { spawn } = require("node:child_process");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { pause } = require("./studio");

const ROOT = path.resolve(__dirname, "../../..");
const PORTS = [17177, 17178, 17179, 17180, 17181, 17182, 17183, 17184];
const START_MS = 60000;
const END_MS = 10000;

class Bridge {
  /** Starts one on a free port, or on the port given. */
  static async start({ port = 0, options = [] } = {}) {
    const bridge = new Bridge();
    bridge.folder = fs.mkdtempSync(path.join(os.tmpdir(), "clipbridge-live-"));
    const folders = ["state", "log", "cache"].flatMap((name) => [
      `--${name}-folder`, path.join(bridge.folder, name)
    ]);
    const environment = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !name.startsWith("CLIPBRIDGE_"))
    );
    bridge.process = spawn(
      process.env.BRIDGE_PYTHON || "python3",
      ["-m", "bridge", "serve", "--quiet", "--until-input-ends", "--provider", "cpu", "--port", String(port),
        ...folders, ...options],
      {
        cwd: ROOT,
        env: { ...environment, PYTHONPATH: ROOT, ORT_DISABLE_TELEMETRY: "1" },
        stdio: ["pipe", "ignore", "pipe"]
      }
    );
    bridge.words = "";
    bridge.process.stderr.on("data", (data) => (bridge.words += data));
    bridge.ended = new Promise((resolve) => bridge.process.on("exit", resolve));
    await bridge.awaitPort();
    return bridge;
  }

  async awaitPort() {
    const note = path.join(this.folder, "state", "bridge.json");
    const end = Date.now() + START_MS;
    while (!fs.existsSync(note)) {
      if (this.process.exitCode !== null || Date.now() > end) {
        throw new Error(`The bridge did not start. It said: ${this.words || "nothing"}`);
      }
      await pause(20);
    }
    for (;;) {
      try {
        this.port = JSON.parse(fs.readFileSync(note, "utf8")).port;
        return;
      } catch (fault) {
        if (Date.now() > end) {
          throw fault;
        }
        await pause(5); // it is being written
      }
    }
  }

  /** Ends it as a crash does: without a word. */
  async kill() {
    this.process.kill("SIGKILL");
    await this.ended;
    this.clean();
  }

  /** Ends it as Ctrl-C does: it says goodbye. */
  async stop() {
    this.process.stdin.end();
    const late = setTimeout(() => this.process.kill("SIGKILL"), END_MS);
    await this.ended;
    clearTimeout(late);
    this.clean();
  }

  log() {
    const folder = path.join(this.folder, "log");
    return fs.existsSync(folder)
      ? fs.readdirSync(folder).map((name) => fs.readFileSync(path.join(folder, name), "utf8")).join("")
      : "";
  }

  clean() {
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Leads the devices of a Live to this port, as if a bridge listened on the first of the eight. */
function lead(studio, port, at = 0) {
  PORTS.forEach((one, index) => studio.max.network.move(one, index === at ? port : null));
}

module.exports = { Bridge, lead, PORTS, ROOT };
