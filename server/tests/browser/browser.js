// Chromium, driven through its debugging protocol over a pipe: messages are JSON, each ends with a
// zero byte. See https://chromedevtools.github.io/devtools-protocol/.
"use strict";

const { spawn } = require("node:child_process");
const { Tab } = require("./tab.js");
const { within } = require("./wait.js");

class Browser {
  static start(binary, profile) {
    const browser = new Browser();
    // The pages are the project's own, so a container that forbids a sandbox is no danger.
    const options = ["--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", "--no-first-run",
      "--hide-scrollbars", `--user-data-dir=${profile}`];
    browser.child = spawn(binary, options, { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
    browser.ended = new Promise((end) => browser.child.once("exit", end));
    browser.awaited = new Map();
    browser.listeners = new Map();
    browser.count = 0;
    let text = "";
    const pipe = browser.child.stdio[4];
    pipe.setEncoding("utf8");
    pipe.on("data", (more) => {
      const messages = (text + more).split("\0");
      text = messages.pop();
      for (const message of messages) browser.hear(JSON.parse(message));
    });
    return browser;
  }

  hear({ id, result, error, method, params, sessionId }) {
    if (id === undefined) {
      for (const listener of this.listeners.get(sessionId ?? "") ?? []) listener(method, params);
      return;
    }
    const [done, fail] = this.awaited.get(id);
    this.awaited.delete(id);
    if (error) fail(new Error(error.message));
    else done(result);
  }

  // Calls a method of the protocol.
  send(method, params = {}, sessionId = undefined) {
    const id = ++this.count;
    const answer = new Promise((done, fail) => this.awaited.set(id, [done, fail]));
    this.child.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return within(answer, `the answer to ${method}`);
  }

  listen(session, listener) {
    if (!this.listeners.has(session)) this.listeners.set(session, []);
    this.listeners.get(session).push(listener);
  }

  // A new tab that shows nothing yet.
  async tab() {
    const { targetId } = await this.send("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await this.send("Target.attachToTarget", { targetId, flatten: true });
    return Tab.open(this, sessionId, targetId);
  }

  async stop() {
    this.child.kill("SIGTERM");
    await within(this.ended, "the end of the browser");
  }
}

module.exports = { Browser };
