"use strict";

const { fill } = require("./viewers.js");

// The breaker's picture has a lamp a state, at this place. A lamp that is lit has this look.
const LAMPS = { closed: ["good", 70], open: ["bad", 200], "half-open": ["waits", 330] };

function shows(page, state) {
  const [look, at] = LAMPS[state];
  return page.until(`document.querySelector('#breaker svg circle.${look}[cx="${at}"][cy="44"]') !== null`,
    `the lamp of the breaker that is ${state}`);
}

// Moves a knob to one of its ends, with the keyboard.
async function turn(page, key, value) {
  const knob = '#breaker input[name="failure_percent"]';
  await page.until(`!document.querySelector('${knob}').disabled`, "the knob");
  await page.value(`document.querySelector('${knob}').focus()`);
  await page.key(key);
  await page.has("#breaker label .value", value);
  await page.has("#breaker .answer", "200: It is set.");
}

const [ONE, TWENTY] = [1, 2].map((place) => `#breaker form button:nth-child(${place})`);

exports["lab: the breaker opens, is half-open, and closes"] = async ({ tab }) => {
  const page = await tab("/lab");
  await page.has("#connection", "The pictures are live.");
  await shows(page, "closed");
  await turn(page, "End", "100");
  await page.click(TWENTY);
  await shows(page, "open");
  await page.has("#breaker .says", "The breaker is open for");
  await turn(page, "Home", "0");
  await shows(page, "half-open");
  await page.click(ONE);
  await page.has("#breaker .answer", "One call: 200: The probe went well: the breaker is closed again.");
  await shows(page, "closed");
  await page.has("#breaker .says", "The breaker is closed.");
};

exports["lab: two tabs show the same"] = async ({ tab }) => {
  const [here, there] = [await tab("/lab"), await tab("/lab")];
  await there.has("#connection", "The pictures are live.");
  await here.click("#supervisor form button:nth-child(2)");
  await there.until(`document.querySelector("#supervisor svg .bad, #supervisor svg .waits") !== null`, "the crash");
};

exports["lab: a page for which there was no room comes in later"] = async ({ program, tab }) => {
  const leave = await fill(`${program.base}/lab/live`, 50);
  const page = await tab("/lab");
  await page.has("#connection", "There is no room for a viewer.");
  leave();
  await page.has("#connection", "The pictures are live.");
};
