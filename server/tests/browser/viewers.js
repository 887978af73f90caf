// Clients that take every place of a stream, until they are told to leave.
"use strict";

const assert = require("node:assert");
const { until } = require("./wait.js");

async function fill(url, places) {
  const leave = new AbortController();
  const ask = () => fetch(url, { signal: leave.signal });
  // A tab that was closed just now may still have a place.
  const take = () => until(async () => {
    const answer = await ask();
    return answer.status === 200 && answer;
  }, `a place at ${url}`);
  // An answer that no variable holds is collected, and its connection is closed.
  const held = await Promise.all(Array.from({ length: places }, take));
  const { status } = await ask();
  assert.strictEqual(status, 503, `${url} has more than ${places} places`);
  return () => {
    leave.abort();
    held.length = 0;
  };
}

module.exports = { fill };
