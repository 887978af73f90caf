// The pictures of README.md: the home page, the lab and the inspector, at work.
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const { Program } = require("./program.js");

const WIDTH = 1000;

// As much of the page as there is from one element's top to another one's end.
async function take(page, first, last, file) {
  const [top, bottom] = await page.call((first, last) => [
    document.querySelector(first).getBoundingClientRect().top + scrollY,
    document.querySelector(last).getBoundingClientRect().bottom + scrollY,
  ], first, last);
  const y = Math.max(0, top - 20);
  const clip = { x: 0, y, width: WIDTH, height: bottom + 20 - y, scale: 1 };
  const { data } = await page.send("Page.captureScreenshot", { format: "png", clip, captureBeyondViewport: true });
  fs.writeFileSync(file, Buffer.from(data, "base64"));
}

// The inspector of a server with calls that wait for each other, held.
async function inspector({ program, scratch, tab }, file) {
  const more = { SERVER_INSPECT: "127.0.0.1:0" };
  const inspected = await Program.start(program.binary, `${scratch}/inspected`, more);
  try {
    const page = await tab();
    await page.size(1400, 900);
    await page.scheme("light");
    await page.go(inspected.inspector);
    await page.has("#standing", "runs");
    const call = (path, method = "GET") => fetch(inspected.base + path, { method }).then((answer) => answer.text());
    for (const path of ["/", "/api/data", "/nowhere", "/items"]) await call(path);
    const calls = Array.from({ length: 5 }, () => call("/lab/bulkhead/low", "POST"));
    await page.until("document.querySelectorAll('.chain').length > 1", "a chain");
    await page.click("#pause");
    await page.has("#standing", "held");
    await page.until("shownMoment() !== null");
    await page.call(() => document.querySelector("#requests tr:nth-of-type(6)").dispatchEvent(new PointerEvent("pointerdown", { bubbles: true })));
    await page.until("document.querySelectorAll('#way li').length > 4 && document.querySelectorAll('.row').length > 5");
    const { data } = await page.send("Page.captureScreenshot", { format: "png" });
    fs.writeFileSync(file, Buffer.from(data, "base64"));
    await Promise.all(calls);
  } finally {
    await inspected.stop();
  }
}

async function pictures(given, folder) {
  const { program, tab } = given;
  fs.mkdirSync(folder, { recursive: true });
  const home = await tab();
  await home.size(WIDTH, 800);
  await home.go(`${program.base}/`);
  await home.scheme("light");
  await home.until('/[0-9]/.test(document.getElementById("requests").textContent)', "the counters");
  await take(home, "body", ".cards li:nth-child(6)", path.join(folder, "home.png"));
  const lab = await tab("/lab");
  await lab.size(WIDTH, 800);
  await lab.scheme("light");
  await lab.has("#connection", "The pictures are live.");
  await lab.value(`fetch("/lab/breaker/settings", { method: "POST", headers: { "Content-Type": "application/json" },
    body: '{"failure_percent": 100}' }).then(() => 1)`);
  await lab.press("#breaker form button:nth-child(2)");
  await lab.has("#breaker .says", "The breaker is open for");
  await lab.value("document.activeElement.blur()");
  await take(lab, "#breaker", "#breaker .source", path.join(folder, "lab.png"));
  await inspector(given, path.join(folder, "inspector.png"));
}

module.exports = { pictures };
