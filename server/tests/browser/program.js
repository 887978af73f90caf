// The program `server` as a process, on a free port, with a folder of its own.
"use strict";

const { spawn } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");
const { until, within } = require("./wait.js");

class Program {
  // `more`: variables of the environment besides the usual ones.
  static async start(binary, scratch, more = {}) {
    const program = new Program();
    program.binary = binary;
    program.data = path.join(scratch, "data");
    program.more = more;
    program.addr = "127.0.0.1:0";
    await program.start();
    return program;
  }

  // The first time on any free port, then always on the same one.
  async start() {
    let said = "";
    const env = { ...process.env, SERVER_ADDR: this.addr, SERVER_DATA: this.data, ...this.more };
    delete env.DATABASE_URL;
    this.child = spawn(this.binary, [], { env, stdio: ["ignore", "pipe", "pipe"] });
    let errors = "";
    this.child.stderr.on("data", (text) => {
      errors += text;
      process.stderr.write(text);
    });
    this.ended = new Promise((end) => this.child.once("exit", end));
    this.child.stdout.on("data", (text) => { said += text; });
    if (this.more.SERVER_SHOW) {
      const shown = /recordings? (?:is|are) at (.*)$/m;
      [, this.inspector] = await until(() => errors.match(shown), "the line that says where the recording is");
      return;
    }
    const line = /^listening on http:\/\/(.*)$/m;
    const found = await until(() => said.match(line), "the line that says where the program listens");
    this.addr = found[1];
    this.base = `http://${this.addr}`;
    if (!this.more.SERVER_INSPECT) return;
    const inspect = /inspect at (.*)$/m;
    [, this.inspector] = await until(() => errors.match(inspect), "the line that says where the inspector is");
  }

  async stop() {
    this.child.kill("SIGTERM");
    await within(this.ended, "the end of the program");
  }

  // The names of all files below a folder of the program's data.
  files(folder) {
    const below = (at) => fs.readdirSync(at, { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() ? below(path.join(at, entry.name)) : [entry.name]);
    return below(path.join(this.data, folder));
  }
}

module.exports = { Program };
