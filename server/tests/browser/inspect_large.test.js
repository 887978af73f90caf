// The inspector's page with a large recording. How fast a page is depends on the machine: this is the one test
// that measures time, and it asks for half of what a screen shows.
"use strict";

const assert = require("node:assert");
const fs = require("node:fs");
const { Program } = require("./program.js");
const { until } = require("./wait.js");

const EVENTS = 100_000;
const FRAMES = 30; // a second

// What a server does that is asked again and again, in a file.
async function record(given, file) {
  const program = await Program.start(given.program.binary, `${given.scratch}/large`, { SERVER_INSPECT: "127.0.0.1:0" });
  try {
    const recording = program.inspector.replace("/?", "/recording.jsonl?");
    const status = program.inspector.replace("/?", "/state?");
    const ask = async () => (await fetch(`${program.base}/health`)).text();
    const known = async () => (await (await fetch(status)).json()).at;
    await until(async () => {
      for (let round = 0; round < 20; round += 1) await Promise.all(Array.from({ length: 20 }, ask));
      return (await known()) > EVENTS;
    }, "so many events", 120_000);
    fs.writeFileSync(file, await (await fetch(recording)).text());
  } finally {
    await program.stop();
  }
}

// Does `act` in each frame, for some seconds. The times between two frames, and how many moments were shown.
function frames(act, milliseconds) {
  const acts = {
    scrub: (canvas, { left, top, width }, part) => canvas.dispatchEvent(new PointerEvent("pointermove", {
      bubbles: true, buttons: 1, clientX: left + 75 + (width - 80) * part, clientY: top + 10,
    })),
    zoom: (canvas, { left, top, width }, part) => canvas.dispatchEvent(new WheelEvent("wheel", {
      bubbles: true, cancelable: true, deltaY: part < 0.5 ? -1 : 1, clientX: left + width / 2, clientY: top + 10,
    })),
  };
  return new Promise((done) => {
    const canvas = document.getElementById("canvas");
    const [times, seen] = [[], new Set()];
    const begun = performance.now();
    let last = begun;
    const frame = (now) => {
      times.push(now - last);
      last = now;
      seen.add(`${shownAt()} ${document.getElementById("span").textContent}`);
      if (now - begun > milliseconds) return done({ times: times.slice(1), seen: seen.size });
      acts[act](canvas, canvas.getBoundingClientRect(), ((now - begun) / 1000) % 1);
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
}

// Frames a second, by the time between two in the middle of all.
async function rate(page, act) {
  const { times, seen } = await page.value(`(${frames})("${act}", 2500)`);
  times.sort((left, right) => left - right);
  const at = (part) => (1000 / times[Math.floor(times.length * part)]).toFixed(0);
  const pictures = (seen / 2.5).toFixed(0);
  console.log(`    ${act}: ${at(0.5)} frames a second, ${at(0.95)} in the slowest twentieth, ${pictures} new pictures a second`);
  assert.ok(seen >= 5, `only ${seen} pictures`);
  return Number(at(0.5));
}

exports["inspect: a recording of 100,000 events is scrubbed and zoomed at 30 frames a second"] = async (given) => {
  const file = `${given.scratch}/large.jsonl`;
  await record(given, file);
  const more = { SERVER_INSPECT: "127.0.0.1:0", SERVER_SHOW: file };
  const program = await Program.start(given.program.binary, `${given.scratch}/shown`, more);
  try {
    const page = await given.tab();
    await page.size(1280, 800);
    await page.go(program.inspector);
    await page.has("#standing", "a recording");
    await page.until(`shownNext() >= ${EVENTS}`);
    await page.call(() => goTo(shownNext() - 1000));
    for (const act of ["scrub", "zoom"]) {
      // Other work of the machine may be in the way: what the page can do is the best of some tries.
      let reached = false;
      for (let tries = 0; tries < 5 && !reached; tries += 1) reached = (await rate(page, act)) >= FRAMES;
      assert.ok(reached, `fewer than ${FRAMES} frames a second: ${act}`);
    }
    assert.deepStrictEqual(page.faults, []);
  } finally {
    await program.stop();
  }
};
