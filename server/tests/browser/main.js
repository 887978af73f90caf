// Starts the program and the browser, runs the tests one after the other, and says how each went.
"use strict";

const path = require("node:path");
const { Browser } = require("./browser.js");
const { Program } = require("./program.js");
const { pictures } = require("./pictures.js");

const FILES = ["home", "chat", "uploads", "events", "lab", "items", "orders", "pages", "inspect", "inspect_chosen", "inspect_lanes", "inspect_large"];
const { CHROMIUM, SERVER, SCRATCH, PICTURES } = process.env;

// A test gets the program, the folder for its files, and `tab()`, which opens a tab. All tabs are
// closed after it.
async function run(test, program, browser) {
  const tabs = [];
  const tab = async (page) => {
    const made = await browser.tab();
    tabs.push(made);
    if (page) await made.go(program.base + page);
    return made;
  };
  try {
    await test({ program, browser, scratch: SCRATCH, tab });
  } finally {
    const closed = await Promise.allSettled(tabs.map((made) => made.close()));
    for (const { reason } of closed) if (reason) throw reason;
  }
}

async function main(wanted) {
  const program = await Program.start(SERVER, SCRATCH);
  const browser = Browser.start(CHROMIUM, path.join(SCRATCH, "profile"));
  let failures = 0;
  const report = async (name, test) => {
    try {
      await run(test, program, browser);
      console.log(`passed ${name}`);
    } catch (error) {
      failures += 1;
      console.log(`FAILED ${name}\n    ${error.stack.replaceAll("\n", "\n    ")}`);
    }
  };
  if (PICTURES) {
    await report("pictures", (given) => pictures(given, PICTURES));
  } else {
    const tests = FILES.flatMap((file) => Object.entries(require(`./${file}.test.js`)));
    const named = ([name]) => wanted.length === 0 || wanted.some((part) => name.includes(part));
    for (const [name, test] of tests.filter(named)) await report(name, test);
  }
  await browser.stop();
  await program.stop();
  return failures === 0 ? 0 : 1;
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error) => {
    console.log(`FAILED: ${error.stack}`);
    process.exit(1);
  },
);
