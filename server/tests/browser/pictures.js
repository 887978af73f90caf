// The pictures of README.md: the home page and the lab, at work.
"use strict";

const fs = require("node:fs");
const path = require("node:path");

const WIDTH = 1000;

async function take(page, selector, height, file) {
  const y = await page.value(`document.querySelector("${selector}").getBoundingClientRect().top + scrollY`);
  const clip = { x: 0, y: Math.max(0, y - 20), width: WIDTH, height, scale: 1 };
  const { data } = await page.send("Page.captureScreenshot", { format: "png", clip, captureBeyondViewport: true });
  fs.writeFileSync(file, Buffer.from(data, "base64"));
}

async function pictures({ program, tab }, folder) {
  fs.mkdirSync(folder, { recursive: true });
  const home = await tab();
  await home.size(WIDTH, 800);
  await home.go(`${program.base}/`);
  await take(home, "body", 800, path.join(folder, "home.png"));
  const lab = await tab("/lab");
  await lab.size(WIDTH, 800);
  await lab.scheme("light");
  await lab.has("#connection", "The pictures are live.");
  await lab.click("#shed form button:nth-child(2)");
  await lab.click("#bulkhead form button:nth-child(3)");
  await lab.click("#bulkhead form button:nth-child(1)");
  await lab.until('document.querySelectorAll("#bulkhead svg .bad").length > 0', "calls at work");
  await take(lab, "#bulkhead", 760, path.join(folder, "lab.png"));
}

module.exports = { pictures };
