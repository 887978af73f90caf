"use strict";

const assert = require("node:assert");

const LINES = '[...document.querySelectorAll("#log li")].map((it) => it.innerText).reverse()';
const lines = (page) => page.value(LINES);
const count = (page, number) => page.until(`${LINES}.length >= ${number}`, `${number} ticks`);

exports["events: no tick is missed over a cut"] = async ({ tab }) => {
  const page = await tab("/events/page");
  await count(page, 2);
  await page.click("#cut");
  await page.has("#state", "cut; it is opened again in 5 s");
  const before = (await lines(page)).length;
  await page.until('document.getElementById("state").textContent === "open"', "the connection after the cut");
  await page.until(`${LINES}.some((it) => it.includes("missed"))`, "a tick that was missed");
  const missed = (await lines(page)).length - before;
  await count(page, before + missed + 2);
  const numbers = (await lines(page)).map((it) => parseInt(it, 10));
  numbers.forEach((number, place) => assert.strictEqual(number, numbers[0] + place, `no gap in ${numbers}`));
  assert.match(await page.text("#counts"), /^\d+ ticks, [3-9] of them after a cut\.$/);
};

exports["events: the browser comes back after the program was started again"] = async ({ program, tab }) => {
  const page = await tab("/events/page");
  await count(page, 1);
  await program.stop();
  await page.has("#state", "broken; the browser opens it again");
  await program.start();
  await page.until('document.getElementById("state").textContent === "open"', "the connection");
  await page.has("#log", "the server was started again");
  const before = (await lines(page)).length;
  await count(page, before + 1);
};
