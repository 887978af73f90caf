"use strict";

const assert = require("node:assert");
const { inspected, pause } = require("./inspected.js");

const SECOND = 1000; // milliseconds

const number = async (page, selector) => Number(await page.text(selector));

exports["inspect: a held server polls nothing, a step is one transition, and it goes on"] = (given) =>
  inspected(given, async (page, program) => {
    await pause(page);
    const polls = await number(page, "#polls");
    const before = await page.value("shownAt()");
    const health = fetch(`${program.base}/health`).then((answer) => answer.text());
    health.catch(() => {}); // if the test fails before it is asked for, the program ends without an answer
    await new Promise((over) => setTimeout(over, SECOND));
    assert.strictEqual(await number(page, "#polls"), polls, "no poll in a second");
    assert.strictEqual(await page.value("shownAt()"), before, "and no event");
    for (let step = 0; step < 5; step += 1) {
      const [next, counted] = [await page.value("shownAt()"), await number(page, "#polls")];
      await page.click("#step");
      await page.until(`shownAt() > ${next}`, "a step");
      await page.until("shownMoment().at === shownNext() && shownIsDrawn()");
      const after = await number(page, "#polls");
      assert.ok(after - counted <= 1, `a step polls one task at most: ${counted}, ${after}`);
    }
    await page.click("#resume");
    await page.has("#standing", "runs");
    assert.strictEqual(await health, "ok\n", "who has waited is answered");
    await page.until(`Number(document.getElementById("polls").textContent) > ${polls + 5}`);
  });

exports["inspect: the picture of a moment is the state after so many events"] = (given) =>
  inspected(given, async (page) => {
    await pause(page);
    const rows = `[...document.querySelectorAll("#tasks tbody tr")].map((row) => Number(row.dataset.task))`;
    // The tasks after so many events, added up here from the recording, as it is downloaded.
    const recorded = await page.value('fetch(document.getElementById("file").href).then((it) => it.text())');
    const [head, ...lines] = recorded.trim().split("\n").map((line) => JSON.parse(line));
    // Between the events stand the hashes of the sources, where the program finds its sources.
    const records = lines.filter((line) => line.event);
    const tasksAfter = (events) => {
      const tasks = new Set(Object.keys(head.base.tasks).map(Number));
      for (const { event } of records.slice(0, events)) {
        if (event.Spawned) tasks.add(event.Spawned.task);
        if (event.Ended) tasks.delete(event.Ended.task);
      }
      return [...tasks].sort((left, right) => left - right);
    };
    for (let part = 1; part <= 7; part += 1) {
      const events = Math.floor((records.length * part) / 7);
      await page.call((at) => goTo(at), events);
      await page.until(`shownMoment().at === ${events} && shownIsDrawn()`);
      assert.deepStrictEqual(await page.value(rows), tasksAfter(events), `after ${events} events`);
    }
  });

exports["inspect: keys go to the next event, back, to the next poll, and to the cause"] = (given) =>
  inspected(given, async (page) => {
    await pause(page);
    const at = () => page.value("shownAt()");
    const moved = async (key, from) => {
      await page.key(key);
      await page.until(`shownAt() !== ${from}`, `a move by ${key}`);
      return at();
    };
    const newest = await at();
    const back = await moved("ArrowLeft", newest);
    assert.strictEqual(back, newest - 1);
    assert.strictEqual(await moved("ArrowRight", back), newest);
    await page.call(() => goTo(30));
    await page.until("shownMoment().at === 30 && shownIsDrawn()");
    const cause = await moved("c", 30);
    assert.ok(cause < 30, `${cause}`);
    assert.notStrictEqual(await page.text("#sentence"), "");
  });

exports["inspect: buttons go to the same events as the keys, and hold the server for longer"] = (given) =>
  inspected(given, async (page, program) => {
    const ask = setInterval(() => fetch(`${program.base}/health`).catch(() => {}), 50);
    await page.until("Number.parseFloat(document.getElementById('request-rate').textContent) > 0");
    await page.until("Number.parseFloat(document.getElementById('lag').textContent) > 0", "tasks stand in the run queue for a while");
    await page.until("Number(document.getElementById('streams').textContent) > 0", "a client is connected");
    clearInterval(ask);
    await pause(page);
    await page.click("#longer");
    await page.until("/goes on by itself in (600|59\\d) s/.test(document.getElementById('standing').textContent)");
    const newest = await page.value("shownAt()");
    await page.click("#event-before");
    await page.until(`shownMoment().at === ${newest} - 1 && shownIsDrawn()`);
    await page.click("#event-after");
    await page.until(`shownMoment().at === ${newest} && shownIsDrawn()`);
    await page.click("#poll-before");
    await page.until(`shownMoment().at < ${newest} && shownMoment().event.kind === "PollStart" && shownIsDrawn()`);
    const poll = await page.value("shownAt()");
    const cause = await page.value("shownMoment().causes.find((it) => it.seq + 1 < shownAt()).seq");
    await page.click("#to-cause");
    await page.until(`shownMoment().at === ${cause} + 1 && shownIsDrawn()`);
    await page.click("#poll-after");
    await page.until(`shownMoment().event.kind === "PollStart" && shownMoment().at <= ${poll} && shownIsDrawn()`);
    await page.click("#resume");
    await page.until("getComputedStyle(document.getElementById('longer')).display === 'none'");
  });

exports["inspect: a click into the timeline shows that time, and a line of the log that event"] = (given) =>
  inspected(given, async (page) => {
    await pause(page);
    const newest = await page.value("shownAt()");
    await page.until("document.querySelectorAll('.row').length > 3");
    await page.click(".row:nth-of-type(3)");
    await page.until(`shownMoment().at !== ${newest} && shownIsDrawn()`);
    const chosen = await page.value("shownMoment().at");
    assert.strictEqual(await page.value("Number(document.querySelector('.row.picked').dataset.seq)"), chosen - 1);
    await page.click("#canvas");
    await page.until(`shownMoment().at !== ${chosen} && shownIsDrawn()`);
    await page.click("#live");
    await page.has("#sentence", "Live");
  });

exports["inspect: the causes of an event are drawn from the first one to it"] = (given) =>
  inspected(given, async (page, program) => {
    // It takes a second, by a timer.
    await fetch(`${program.base}/lab/bulkhead/low`, { method: "POST" });
    await pause(page);
    // A poll of a task that a timer woke. The timer was set in sight.
    const found = await page.call(async () => {
      const text = await (await fetch(document.getElementById("file").href)).text();
      const records = text.trim().split("\n").map((line) => JSON.parse(line)).filter((line) => line.event);
      const set = new Set(records.flatMap(({ event }) => event.TimerSet?.timer ?? []));
      const wake = records.findLast(({ event }) => set.has(event.Woken?.by.Timer));
      const poll = records.find(({ seq, event }) => seq > wake.seq && event.PollStart?.task === wake.event.Woken.task);
      return { wake: wake.seq, poll: poll.seq };
    });
    await page.call(({ poll }) => goTo(poll + 1), found);
    await page.until(`shownMoment().at === ${found.poll + 1} && shownChain().at(-1)?.seq === ${found.poll} && shownIsDrawn()`, "the chain");
    const causes = await page.value("shownMoment().causes");
    for (const [cause, word] of [[0, "woke"], [1, "fired"], [2, "was set at"]]) assert.ok(causes[cause].text.includes(word));
    const chain = await page.value("shownChain()");
    assert.deepStrictEqual(chain.map(({ seq }) => seq).slice(-4), [...causes.slice(0, 3).reverse().map(({ seq }) => seq), found.poll]);
    const drawn = await page.call((chain) => {
      const { width, height } = document.getElementById("canvas");
      const { data } = document.getElementById("canvas").getContext("2d").getImageData(0, 0, width, height);
      const at = ({ x, y }) => (Math.round(y * devicePixelRatio) * width + Math.round(x * devicePixelRatio)) * 4;
      return chain.map((point) => [...data.slice(at(point), at(point) + 4)]);
    }, chain.slice(-4, -1));
    for (const colour of drawn) assert.deepStrictEqual(colour, [0x35, 0x84, 0xe4, 255]);
  });

exports["inspect: a request has a bar that adds up, and leads to its events"] = (given) =>
  inspected(given, async (page, program) => {
    await (await fetch(`${program.base}/items`)).text();
    await page.until("[...document.querySelectorAll('#requests tr')].some((row) => row.textContent.includes('GET /items'))");
    await page.value("document.getElementById('what').value = '/items'; document.getElementById('filter').requestSubmit(); 1");
    await page.value("document.getElementById('filter').dispatchEvent(new Event('input')); 1");
    await page.until("document.querySelectorAll('#requests tr').length === 1", "the others are left out");
    const [{ us, parts, said, seq }] = await page.value("shownRequests()");
    const sum = parts.reduce((sum, part) => sum + part.us, 0);
    assert.ok(Math.abs(sum - us) <= parts.length, `${sum} of ${us} microseconds`);
    assert.deepStrictEqual(said.map(({ text }) => text.replace(/<.*>/, "")), ["GET /items", "route /items", "extractor Query", "handler", "answer 200"]);
    await page.click("#requests tr");
    await page.until("document.querySelectorAll('#way li').length > 5");
    await page.click("#way li:last-of-type");
    await page.until("shownMoment() !== null && shownIsDrawn()");
    assert.ok((await page.value("shownAt()")) > seq);
    await page.has("#sentence", "has ended request");
  });

exports["inspect: a request that waits for another one's place shows who has it"] = (given) =>
  inspected(given, async (page, program) => {
    // Three calls of low priority may be under way. The fourth waits for one of their places.
    const calls = Array.from({ length: 4 }, () => fetch(`${program.base}/lab/bulkhead/low`, { method: "POST" }).then((it) => it.status));
    await page.until("document.querySelectorAll('.chain').length > 0", "a chain");
    await pause(page);
    await page.until("document.querySelectorAll('.chain').length === 1");
    const words = await page.text(".chain");
    assert.match(words, /^task \d+ \(POST \/lab\/bulkhead\/low\) waits for semaphore \d+ held by task \d+ \(POST \/lab\/bulkhead\/low\)/);
    await page.click("#resume");
    assert.deepStrictEqual(await Promise.all(calls), [200, 200, 200, 200]);
    await page.until("document.querySelectorAll('.chain').length === 0");
  });

exports["inspect: a server that has ended is said, and its buttons are out of use"] = (given) =>
  inspected(given, async (page, program) => {
    await page.until("[...document.querySelectorAll('#tasks tr')].some((row) => row.textContent.includes('\"orders: worker 1\"'))", "the name of a task");
    await page.until("shownNext() > 10 && shownIsDrawn()");
    await program.stop();
    await page.has("#standing", "no connection");
    await page.has("#notice", "The server does not answer");
    assert.ok(await page.value("['pause', 'step', 'resume'].every((id) => document.getElementById(id).disabled)"));
    await page.click(".row:nth-of-type(3)");
    await page.until("document.getElementById('notice').textContent === 'The server does not answer.'");
    // The browser tells of each answer that does not come.
    assert.ok(page.faults.splice(0).every((fault) => fault.includes("ERR_")));
  });

exports["inspect: who has no token sees nothing"] = (given) =>
  inspected(given, async (_page, program) => {
    const address = program.inspector;
    const bare = address.slice(0, address.indexOf("?"));
    for (const path of ["", "live", "state", "recording", "recording.jsonl"]) {
      assert.strictEqual((await fetch(`${bare}${path}?token=0`)).status, 403, path);
    }
    const unasked = await fetch(address.replace("/?", "/pause?"), { method: "POST" });
    assert.strictEqual(unasked.status, 403, "no header of ours");
  });
