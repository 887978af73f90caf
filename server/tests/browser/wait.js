// Waiting for a condition, never for a time: what does not come within the deadline is a failure.
"use strict";

const DEADLINE = 20000; // milliseconds
const PACE = 25; // between two looks

// The first result of `look` that is true. `what` says in the failure what did not come.
async function until(look, what, deadline = DEADLINE) {
  const end = Date.now() + deadline;
  for (;;) {
    const result = await look();
    if (result) return result;
    if (Date.now() > end) throw new Error(`did not come within ${deadline / 1000} s: ${what}`);
    await new Promise((again) => setTimeout(again, PACE));
  }
}

// The result of a promise, unless it takes too long.
function within(promise, what, deadline = DEADLINE) {
  let timer;
  const late = new Promise((_, fail) => {
    timer = setTimeout(() => fail(new Error(`did not come within ${deadline / 1000} s: ${what}`)), deadline);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

module.exports = { until, within };
