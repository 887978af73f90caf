// A server of its own with the inspector, for a test.
"use strict";

const assert = require("node:assert");
const { Program } = require("./program.js");

// With the inspector's page.
async function inspected(given, work) {
  const more = { SERVER_INSPECT: "127.0.0.1:0" };
  const program = await Program.start(given.program.binary, `${given.scratch}/inspect`, more);
  try {
    const page = await given.tab();
    await page.go(program.inspector);
    await page.has("#standing", "runs");
    await work(page, program);
    assert.deepStrictEqual(page.faults, []);
  } finally {
    await program.stop();
  }
}

async function pause(page) {
  await page.click("#pause");
  await page.has("#standing", "held");
  // The picture is that of the moment at which the server stands.
  await page.until("shownMoment() && shownMoment().at === shownNext() && shownIsDrawn()");
}

module.exports = { inspected, pause };
