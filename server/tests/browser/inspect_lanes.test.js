// The inspector's page with the recordings of several hosts: a lane each. They are those of the stepper's programs
// `crash` and `hosts`, which are real simulations.
"use strict";

const assert = require("node:assert");
const { execFileSync } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");
const { Program } = require("./program.js");

// The recordings of a program of the stepper, in a folder: one for each life of a host.
function recorded(given, name) {
  const folder = path.join(given.scratch, name);
  const words = ["run", "--quiet", "--example", "stepper", "--", name, "--save", folder];
  if (!fs.existsSync(folder)) execFileSync("cargo", words, { stdio: "inherit" });
  return folder;
}

// A page that shows this file or folder, in a window of 1280 by 800.
async function shown(given, show, work) {
  const more = { SERVER_INSPECT: "127.0.0.1:0", SERVER_SHOW: show };
  const program = await Program.start(given.program.binary, `${given.scratch}/lanes`, more);
  try {
    const page = await given.tab();
    await page.size(1280, 800);
    await page.go(program.inspector);
    await page.has("#standing", "recording");
    await page.until("shownIsDrawn()");
    await work(page, program);
    assert.deepStrictEqual(page.faults, []);
  } finally {
    await program.stop();
  }
}

const at = (page, place) => page.call((place) => goTo(place), place)
  .then(() => page.until(`shownAt() === ${place} && shownIsDrawn()`));

const text = (page, selector) => page.value(`document.querySelector("${selector}").innerText`);

// What the panels of the machine say.
const panels = (page) => page.value(`[...document.querySelectorAll("#tasks tbody tr, #queue span, #timers li, #sources li, #shared li")].map((it) => it.innerText)`);

// The colour of the lanes' picture at a point.
const colour = (page, { x, y }) => page.call((x, y) => {
  const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  pen.drawImage(document.getElementById("lanes-canvas"), -Math.round(x * devicePixelRatio), -Math.round(y * devicePixelRatio));
  return [...pen.getImageData(0, 0, 1, 1).data];
}, x, y);

// A click into the lane of a host, at a place.
async function clickLane(page, host, place) {
  const point = await page.call((host, place) => {
    const { left, top } = document.getElementById("lanes-canvas").getBoundingClientRect();
    const { from, to, width } = shownLanes();
    return { x: left + 120 + ((place + 0.5 - from) / (to - from)) * (width - 124), y: top + host * 26 + 13 };
  }, host, place);
  for (const type of ["mousePressed", "mouseReleased"]) {
    await page.send("Input.dispatchMouseEvent", { type, ...point, button: "left", clickCount: 1 });
  }
}

exports["inspect: the hosts of a folder are lanes, with the lives of one host in one, and its crash"] = (given) =>
  shown(given, recorded(given, "crash"), async (page) => {
    await page.has("#standing", "recordings of 2 hosts");
    await page.until("shownLanes()?.lives.length === 3");
    assert.deepStrictEqual(await page.value("shownLanes().lives.map(({ host }) => host).sort()"), [0, 1, 1]);
    assert.deepStrictEqual(await page.value("shownLanes().spans.map(([host]) => host).filter((host, place, all) => all.indexOf(host) === place).sort()"), [0, 1]);
    // A red cross in the lane of the server, which is the second, and a pause until its next life begins.
    const [crash] = await page.value("shownLanes().lives.filter(({ crash }) => crash !== null)");
    assert.strictEqual(crash.crashUs, 5000);
    const x = await page.call((place) => 120 + ((place - shownLanes().from) / (shownLanes().to - shownLanes().from)) * (shownLanes().width - 124), crash.crash);
    const [red, green, blue] = await colour(page, { x: x + 1, y: 26 + 13 });
    assert.ok(red > 180 && green < 120 && blue < 120, `${[red, green, blue]}`);
    // Whose panels are kept at the server hears that it has crashed.
    await at(page, crash.crash + 1);
    await page.key("h");
    await page.key("h");
    await page.has("#lanes-held", "panels stay at server");
    await page.has("#doing", "server crashed at 5 ms");
    await page.key("Escape");
    await page.until("shownMoment().host === 0 && shownIsDrawn()");
    assert.strictEqual(await text(page, "#lanes-held"), "");
  });

exports["inspect: an arrow goes from the event that sent something to the one that heard it"] = (given) =>
  shown(given, recorded(given, "hosts"), async (page) => {
    await page.until("shownArrows()?.length > 5");
    const arrows = await page.value("shownArrows()");
    for (const [from, to] of arrows) {
      assert.notStrictEqual(from.host, to.host);
      assert.ok(from.x < to.x, "time goes on to the right");
      await at(page, to.place + 1);
      const moment = await page.value("shownMoment()");
      assert.strictEqual(moment.event.kind, "Ready");
      assert.strictEqual(moment.event.host, to.host);
      assert.ok(moment.causes.some((cause) => cause.seq === from.place && cause.host === from.host), "and this is its cause");
      const drawn = await colour(page, { x: from.x + (to.x - from.x) * 0.5, y: from.y + (to.y - from.y) * 0.5 });
      assert.ok(drawn[2] > drawn[0], `the way of the cause is drawn in blue: ${drawn}`);
    }
  });

exports["inspect: keys lead through the causes at all hosts, and back"] = (given) =>
  shown(given, recorded(given, "hosts"), async (page) => {
    const hosts = [];
    assert.strictEqual(await page.value("shownMoment().event.name"), "client", "it begins at the end");
    const last = await page.value("shownAt()");
    for (;;) {
      const before = await page.value("shownAt()");
      const causes = await page.value("shownMoment().causes.filter((it) => it.seq + 1 < shownAt()).length");
      if (causes === 0) break;
      await page.key("b");
      await page.until(`shownAt() < ${before} && shownIsDrawn()`);
      hosts.push(await page.value("shownMoment().event.name"));
    }
    const passed = hosts.filter((host, place) => host !== hosts[place - 1]);
    assert.deepStrictEqual(passed, ["client", "server", "store", "server", "client"]);
    const first = await page.value("shownAt()");
    await page.key("B");
    await page.until(`shownAt() > ${first} && shownAt() <= ${last} && shownIsDrawn()`);
  });

exports["inspect: an event that is chosen in a lane shows the machine as its own file does"] = (given) =>
  shown(given, recorded(given, "hosts"), async (page) => {
    for (const [host, place] of [[0, 20], [1, 60], [2, 75]]) {
      const before = await page.value("shownAt()");
      await clickLane(page, host, place);
      await page.until(`shownAt() !== ${before} && shownIsDrawn()`);
      const { event } = await page.value("shownMoment()");
      assert.strictEqual(event.host, host, "of that lane");
      const together = [await panels(page), await text(page, "#sentence"), event.number];
      const file = `${recorded(given, "hosts")}/${event.name}.jsonl`;
      await shown(given, file, async (alone) => {
        await at(alone, event.number + 1);
        assert.deepStrictEqual([await panels(alone), await text(alone, "#sentence"), event.number], together);
      });
    }
    // The arrows, kept to one host, pass over the others.
    await page.key("o");
    for (let moves = 0; moves < 5; moves += 1) {
      const before = await page.value("shownAt()");
      await page.key("ArrowLeft");
      await page.until(`shownAt() < ${before} && shownIsDrawn()`);
      assert.strictEqual(await page.value("shownMoment().event.host"), 2);
    }
  });

exports["inspect: files that are chosen or dropped are shown together, and what is no recording is refused"] = (given) => {
  const folder = recorded(given, "hosts");
  return shown(given, `${folder}/store.jsonl`, async (page) => {
    await page.has("#standing", "a recording");
    const files = ["client", "server", "store"].map((name) => `${folder}/${name}.jsonl`);
    await page.choose("#choose-files", files.slice(0, 2));
    await page.has("#standing", "recordings of 2 hosts");
    await page.choose("#choose-files", files);
    await page.has("#standing", "recordings of 3 hosts");
    await page.until("shownMoment()?.event?.name === 'client' && shownIsDrawn()");
    await page.value("document.getElementById('choose-files').focus()");
    await page.choose("#choose-files", files);
    await page.until("document.activeElement === document.body", "the keys are the page's again");
    const edited = `${given.scratch}/edited.jsonl`;
    const lines = fs.readFileSync(files[0], "utf8").split("\n");
    fs.writeFileSync(edited, [...lines.slice(0, 7), "{\"seq\":", ...lines.slice(7)].join("\n"));
    await page.choose("#choose-files", [files[1], edited]);
    await page.has("#notice", "Cannot show edited.jsonl: not a recording of Treadle: line 8: ");
    // The browser says that a request was refused; that is meant to be.
    assert.strictEqual(page.faults.splice(0).every((fault) => fault.includes("422")), true);
    await page.has("#standing", "recordings of 3 hosts");
    const cut = `${given.scratch}/cut.jsonl`;
    fs.writeFileSync(cut, fs.readFileSync(files[0], "utf8").slice(0, -30));
    await page.choose("#choose-files", [files[1], cut]);
    await page.has("#notice", "cut.jsonl: its line ");
    await page.has("#standing", "recordings of 2 hosts");
    await page.drop([folder]);
    await page.has("#standing", "recordings of 3 hosts");
    await page.drop(files.slice(2));
    await page.has("#standing", "a recording");
    await page.until("document.getElementById('lanes').offsetHeight === 0", "no lanes any more");
  });
};

exports["inspect: by time, the lanes lie on the common clock"] = (given) =>
  shown(given, recorded(given, "hosts"), async (page) => {
    await page.until("shownArrows()?.length > 5");
    await page.click("#by-time");
    await page.has("#by-time", "By event");
    const { us, width, arrows } = await page.value("shownLanes()");
    const drawn = await page.value("shownArrows()");
    arrows.forEach((ends, nth) => ends.forEach(([, , time], end) => {
      const x = 120 + ((time - us[0]) / (us[1] - us[0])) * (width - 124);
      assert.ok(Math.abs(drawn[nth][end].x - x) < 1, `${drawn[nth][end].x}, ${x}`);
    }));
  });
