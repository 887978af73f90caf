// What a person has chosen on the inspector's page stays, and is found wherever it is.
"use strict";

const assert = require("node:assert");
const fs = require("node:fs");
const { once } = require("node:events");
const net = require("node:net");
const { inspected, pause } = require("./inspected.js");

const isIn = (panel, row) => `(() => {
  const [outer, inner] = [${JSON.stringify(panel)}, ${JSON.stringify(row)}].map((it) => document.querySelector(it).getBoundingClientRect());
  return inner.top >= outer.top - 1 && inner.bottom <= outer.bottom + 1; // to a point
})()`;

exports["inspect: a click on a piece of a bar keeps the list and opens the account of its request"] = (given) =>
  inspected(given, async (page, program) => {
    await (await fetch(`${program.base}/items`)).text();
    await (await fetch(`${program.base}/health`)).text();
    await page.until("document.querySelectorAll('#requests tr[data-request]').length >= 2");
    const key = await page.value("document.querySelector('#requests tr:last-child').dataset.request");
    await page.click(`#requests tr[data-request="${key}"] .bar span`);
    await page.until("shownMoment() !== null && shownIsDrawn()");
    await page.until("document.querySelectorAll('#way li').length > 3", "the account");
    assert.ok((await page.value("document.querySelectorAll('#requests tr[data-request]').length")) >= 2);
    await page.has("#request-count", "under way at this moment");
    // It stays also when the filter leaves it out.
    await page.type("#what", "/health");
    await page.until("shownRequests().length === 1");
    assert.strictEqual(await page.value("document.querySelectorAll('#requests tr[data-request]').length"), 2);
    await page.value(`document.getElementById("what").value = ""; document.getElementById("open").click(); 1`);
    // Under way then, and not now.
    await page.until(`shownRequests().some((it) => \`\${it.task} \${it.scope} \${it.id}\` === ${JSON.stringify(key)} && it.isOver)`);
    await page.until("document.querySelectorAll('#requests .under-way').length === 1");
  });

exports["inspect: a task that is chosen comes into sight among the tasks and in the timeline"] = (given) =>
  inspected(given, async (page, program) => {
    // More tasks than fit into the panel. The last ones wait for a place, which they get after a second.
    const { hostname, port } = new URL(program.base);
    const idle = Array.from({ length: 40 }, () => net.connect(port, hostname));
    const calls = await Promise.all(idle.map((socket) => once(socket, "connect"))).then(() =>
      Array.from({ length: 4 }, () => fetch(`${program.base}/lab/bulkhead/low`, { method: "POST" }).then((it) => it.status)));
    await page.until("document.querySelectorAll('.chain').length > 0", "a chain");
    await pause(page);
    await page.until("document.querySelectorAll('.chain').length === 1");
    const name = await page.value("document.querySelector('.chain .thing').dataset.key");
    const row = `#tasks tr[data-task="${name.slice("task ".length)}"]`;
    assert.ok(!(await page.value(isIn("#tasks .scrolls", row))), "it is out of sight at first");
    await page.click(`.chain .thing[data-key="${name}"]`);
    await page.until(`document.querySelector('${row}').classList.contains("picked")`);
    await page.until(isIn("#tasks .scrolls", row), "the task is in sight");
    // A thing that is no task is marked in the machine.
    const lock = await page.value("document.querySelector('.chain .lock').dataset.key");
    await page.click(".chain .lock");
    const own = `#shared .thing[data-key="${lock}"]`;
    await page.until(`document.querySelector('${own}').classList.contains("chosen")`);
    assert.ok(await page.value(isIn("#machine .scrolls", own)), "it is in sight");
    await page.click("#resume");
    assert.deepStrictEqual(await Promise.all(calls), [200, 200, 200, 200]);
    for (const socket of idle) socket.destroy();
  });

exports["inspect: the log of a server that runs stands while a person reads in it, and follows at its end"] = (given) =>
  inspected(given, async (page, program) => {
    const rows = "document.getElementById('rows')";
    const more = async () => {
      const next = await page.value("shownNext()");
      await (await fetch(`${program.base}/health`)).text();
      await page.until(`shownNext() > ${next} + 10 && shownIsDrawn()`, "more events");
    };
    await more();
    await page.value(`${rows}.scrollTop = 100`);
    await page.until("!document.getElementById('log-stands').hidden");
    await more();
    assert.strictEqual(await page.value(`${rows}.scrollTop`), 100);
    await page.value(`${rows}.scrollTop = ${rows}.scrollHeight`);
    await more();
    await page.until(`${rows}.scrollTop > ${rows}.scrollHeight - ${rows}.clientHeight - 2`);
  });

exports["inspect: an address that is changed leads to its moment and to what it has chosen"] = (given) =>
  inspected(given, async (page) => {
    await pause(page);
    const at = (await page.value("shownAt()")) - 1;
    const task = await page.value("document.querySelector('#tasks tr[data-task]').dataset.task");
    const link = (moment) => `#at=${moment}&chosen=task+${task}`;
    await page.value(`location.hash = '${link(at)}'; 1`);
    await page.until(`shownMoment().at === ${at} && shownIsDrawn()`);
    await page.until(`document.querySelector('#tasks tr.picked').dataset.task === '${task}'`);
    await page.value(`location.hash = '#at=${at - 1}'; 1`);
    await page.until(`location.hash === '${link(at - 1)}'`, "the address has both");
    await page.value("location.hash = '#at=20&of=77'; 1");
    await page.has("#notice", "other files");
  });

exports["inspect: what happened is written into a file, whole or from a request on, and the page says how to step it"] = (given) =>
  inspected(given, async (page, program) => {
    const events = async () => {
      const file = await page.value("/ is in (.*frozen-.*jsonl)\\. To step through it: /.exec(document.getElementById('notice').textContent)[1]");
      return fs.readFileSync(file, "utf8").trim().split("\n").map((line) => JSON.parse(line)).filter((line) => line.event);
    };
    await fetch(`${program.base}/health`);
    const row = "#requests tr[data-request]";
    await page.until(`document.querySelector('${row}')`, "the request");
    await page.click("#keep");
    await page.has("#notice", "in the last 30 s");
    assert.strictEqual((await events())[0].seq, 0);
    const first = await page.value("shownRequests()[0].parts[0].seq");
    await page.click(`${row} td`, 2);
    await page.has("#notice", `since event ${first}`);
    assert.strictEqual((await events())[0].seq, first);
  });
