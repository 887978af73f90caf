// A tab of the browser: it goes to a page, looks at it, and uses it as a person does, with keys and
// with clicks. It notes what the browser finds fault with.
"use strict";

const assert = require("node:assert");
const { until } = require("./wait.js");

const KEYS = { Tab: 9, Enter: 13, Escape: 27, End: 35, Home: 36, ArrowLeft: 37, ArrowRight: 39, B: 66, b: 66, c: 67, h: 72, o: 79 };

class Tab {
  static async open(browser, session, target) {
    const tab = new Tab();
    Object.assign(tab, { browser, session, target, exceptions: [], faults: [], requests: [], status: 0 });
    browser.listen(session, (method, params) => tab.note(method, params));
    for (const domain of ["Runtime", "Log", "Page", "DOM", "Network", "Accessibility"]) await tab.send(`${domain}.enable`);
    // Each tab believes that it has the focus, as if it had a window of its own.
    await tab.send("Emulation.setFocusEmulationEnabled", { enabled: true });
    return tab;
  }

  send(method, params) {
    return this.browser.send(method, params, this.session);
  }

  note(method, params) {
    if (method === "Runtime.exceptionThrown") {
      const { text, exception } = params.exceptionDetails;
      this.exceptions.push(exception?.description ?? text);
    }
    if (method === "Runtime.consoleAPICalled" && ["error", "warning", "assert"].includes(params.type)) {
      this.faults.push(`console: ${params.args.map((it) => it.value ?? it.description).join(" ")}`);
    }
    if (method === "Log.entryAdded" && ["error", "warning"].includes(params.entry.level)) {
      this.faults.push(`${params.entry.source}: ${params.entry.text} ${params.entry.url ?? ""}`);
    }
    if (method === "Network.requestWillBeSent") this.requests.push(params.request.url);
    if (method === "Network.loadingFailed" && !params.canceled) this.faults.push(`not loaded: ${params.errorText}`);
    if (method === "Network.responseReceived") {
      const { status, url } = params.response;
      if (params.type === "Document") this.status = status;
      else if (status >= 400) this.faults.push(`not loaded: ${url}: ${status}`);
    }
  }

  // Goes to a page, and forgets what was noted of the page before.
  async go(url) {
    await this.send("Page.navigate", { url: "about:blank" });
    await this.until("location.href === 'about:blank'");
    Object.assign(this, { exceptions: [], faults: [], requests: [], status: 0 });
    const { errorText } = await this.send("Page.navigate", { url });
    assert.strictEqual(errorText, undefined, `${url}: ${errorText}`);
    await this.until("location.href !== 'about:blank' && document.readyState === 'complete'");
  }

  // The value of an expression in the page. A promise is awaited.
  async value(expression) {
    const asked = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await this.send("Runtime.evaluate", asked);
    if (exceptionDetails) throw new Error(`${expression}: ${exceptionDetails.exception?.description}`);
    return result.value;
  }

  // Calls a function in the page. What it needs comes as arguments.
  call(made, ...given) {
    return this.value(`(${made})(${given.map((it) => JSON.stringify(it)).join(", ")})`);
  }

  until(expression, what = expression) {
    return until(() => this.value(expression).catch(() => false), what);
  }

  // The text that a person sees in an element.
  text(selector) {
    return this.value(`document.querySelector(${JSON.stringify(selector)}).innerText`);
  }

  async has(selector, part) {
    const look = `document.querySelector(${JSON.stringify(selector)}).innerText.includes(${JSON.stringify(part)})`;
    try {
      await this.until(look);
    } catch {
      throw new Error(`${selector} says "${await this.text(selector)}", and not "${part}"`);
    }
  }

  // Clicks into the middle of an element, with the mouse.
  async click(selector, times = 1) {
    const [x, y] = await this.call((selector) => {
      const element = document.querySelector(selector);
      element.scrollIntoView({ block: "center", behavior: "instant" });
      const { left, top, width, height } = element.getBoundingClientRect();
      const [x, y] = [left + width / 2, top + height / 2];
      if (!element.contains(document.elementFromPoint(x, y))) throw new Error(`${selector} is hidden`);
      return [x, y];
    }, selector);
    for (let clickCount = 1; clickCount <= times; clickCount += 1) {
      for (const type of ["mousePressed", "mouseReleased"]) {
        await this.send("Input.dispatchMouseEvent", { type, x, y, button: "left", clickCount });
      }
    }
  }

  // Replaces what stands in a field, with the keyboard.
  async type(selector, text) {
    await this.call((selector) => {
      document.querySelector(selector).focus();
      document.querySelector(selector).select();
    }, selector);
    await this.send("Input.insertText", { text });
  }

  async key(key) {
    const params = { key, code: key, windowsVirtualKeyCode: KEYS[key], text: key === "Enter" ? "\r" : undefined };
    await this.send("Input.dispatchKeyEvent", { type: params.text ? "keyDown" : "rawKeyDown", ...params });
    await this.send("Input.dispatchKeyEvent", { type: "keyUp", ...params });
  }

  // Gives an element the focus and presses Enter.
  async press(selector) {
    await this.call((selector) => document.querySelector(selector).focus(), selector);
    await this.key("Enter");
  }

  async choose(selector, files) {
    const { root } = await this.send("DOM.getDocument");
    const { nodeId } = await this.send("DOM.querySelector", { nodeId: root.nodeId, selector });
    await this.send("DOM.setFileInputFiles", { nodeId, files });
  }

  // Drags files, or folders, onto the page and lets them fall.
  async drop(files) {
    const data = { items: [], files, dragOperationsMask: 1 };
    for (const type of ["dragEnter", "dragOver", "drop"]) {
      await this.send("Input.dispatchDragEvent", { type, x: 300, y: 300, data });
    }
  }

  // A window of this size, or as it was before.
  async size(width, height) {
    const metrics = { width, height, deviceScaleFactor: 1, mobile: width < 500 };
    await this.send("Emulation.setDeviceMetricsOverride", metrics);
  }

  async scheme(value) {
    const features = [{ name: "prefers-color-scheme", value }, { name: "prefers-reduced-motion", value: "reduce" }];
    await this.send("Emulation.setEmulatedMedia", { features });
    await this.until(`matchMedia("(prefers-color-scheme: ${value})").matches`);
  }

  async close() {
    await this.browser.send("Target.closeTarget", { targetId: this.target });
    assert.deepStrictEqual(this.exceptions, [], "the page's script has failed");
  }
}

module.exports = { Tab };
