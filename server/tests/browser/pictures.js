// The pictures of README.md: the home page and the lab, at work.
"use strict";

const fs = require("node:fs");
const path = require("node:path");

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

async function pictures({ program, tab }, folder) {
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
}

module.exports = { pictures };
