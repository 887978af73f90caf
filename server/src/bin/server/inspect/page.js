// The inspector's page. Everything that is shown was told by the server in finished words; here it is only
// put where it belongs, as text. One state, one function that draws it.

const token = new URLSearchParams(location.search).get("token") ?? "";
const by = (id) => document.getElementById(id);
const ROW = 20; // height of a line of the log, in points
const LANE = 16; // height of a task in the timeline

// What is shown. `at` is the number of events that have happened; null: live.
const shown = { requests: null, request: null, status: null, at: null, moment: null, task: null, window: 10e6, right: null, drawing: null, host: null, only: false, byTime: false, view: null, lanes: null, trail: [] };
const told = new Map(); // events of the log, by number
const asked = new Set(); // pieces of the log that were asked for

function address(path, query = {}) {
  return `${path}?${new URLSearchParams({ ...query, token })}`;
}

async function ask(path, query, method = "GET") {
  const headers = method === "POST" ? { "x-treadle-inspect": "1" } : {};
  const answer = await fetch(address(path, query), { method, headers });
  if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).detail ?? `status ${answer.status}`);
  return answer;
}

function notice(text) {
  by("notice").textContent = text;
  by("notice").hidden = text === "";
}

function element(kind, text = "", name = "") {
  const made = document.createElement(kind);
  made.textContent = text;
  if (name) made.className = name;
  return made;
}

// What a person did. What goes wrong is said at the top of the page.
const acts = (work) => (...given) => Promise.resolve(work(...given)).then(() => {}, (error) => notice(error.message));

// What is drawn anew several times a second hears the button go down: a click would be lost when its element
// is replaced before the button goes up.
function pressed(made, work) {
  made.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.stopPropagation();
    work();
  });
  return made;
}

// ---- holding, stepping, going on

const recorded = () => shown.status !== null && shown.status.standing === "recorded";
const held = () => shown.status !== null && shown.status.standing !== "runs" && !recorded();

const pause = acts(async () => {
  take(await (await ask("/pause", {}, "POST")).json());
  await go(shown.status.next);
});

const step = acts(async () => {
  const status = await (await ask("/step", {}, "POST")).json();
  take(status);
  if (status.standing === "in a step") notice("The step is under way: the thread sleeps until something comes, or a poll takes long.");
  await go(status.next);
});

const resume = acts(async () => {
  take(await (await ask("/resume", {}, "POST")).json());
  live();
});

// ---- moments

let wishes = 0; // what a person wanted last: an answer to an earlier wish comes too late

const go = (wanted) => show({ at: Math.max(wanted, shown.status?.first ?? 0) });

// Shows a moment: after so many events, or at a time.
async function show(query) {
  const wish = ++wishes;
  const moment = await (await ask("/state", { ...focus(), ...query })).json();
  if (wish !== wishes) return;
  const { at } = moment;
  // Each recording has a clock of its own.
  if (moment.recording !== shown.moment?.recording) shown.right = null;
  Object.assign(shown, { at, moment });
  const us = moment.state.us;
  const left = (shown.right ?? us) - shown.window;
  if (shown.right === null || us > shown.right || us < left) shown.right = us + shown.window / 10;
  remember();
  await draw();
}

// The address leads to this moment. A browser allows a page so many changes of it.
let isToRemember = false;

function remember() {
  if (isToRemember) return;
  isToRemember = true;
  setTimeout(() => {
    isToRemember = false;
    const here = shown.at === null ? location.pathname + location.search : `#at=${shown.at}`;
    history.replaceState(null, "", here);
  }, 250);
}

function live() {
  if (many()) return acts(go)(shown.status.next);
  wishes += 1;
  Object.assign(shown, { at: null, moment: null, right: null });
  remember();
  notice("");
  draw();
}

// The next event, or poll, in a direction. At the newest event of a held server: a step of the machine.
const move = acts(async (way, whole) => {
  if (!shown.status) return;
  const from = shown.at ?? shown.status.next;
  if (way > 0 && from >= shown.status.next) return held() ? step() : undefined;
  if (many() && shown.only) return toLane(shown.moment.host, way, from);
  if (!whole) return go(Math.max(shown.status.first, from + way));
  const query = way > 0 ? { from, to: from + 500 } : { from: Math.max(0, from - 501), to: from - 1 };
  const events = await lines(query);
  const polls = events.filter((event) => event.kind === "PollStart");
  const poll = way > 0 ? polls[0] : polls.at(-1);
  return go(poll ? poll.seq + 1 : Math.max(shown.status.first, from + way));
});

const toCause = acts(async () => {
  const causes = shown.moment?.causes ?? [];
  const cause = causes.find((it) => it.seq + 1 < shown.at);
  if (cause) await go(cause.seq + 1);
});

async function lines(query) {
  const text = await (await ask("/recording", query)).text();
  return text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
}

// ---- what is live

let before = null;

function take(status) {
  const isNew = status.number !== shown.status?.number;
  shown.status = status;
  if (isNew) forget();
  const now = performance.now();
  if (before && now - before.now > 900) {
    const seconds = (now - before.now) / 1000;
    by("rate").textContent = Math.round((status.polls - before.status.polls) / seconds);
    const watching = ((status.events - before.status.events) * status.costNs) / seconds / 1e7;
    if (!recorded()) by("cost").textContent = `watching costs about ${watching.toFixed(watching < 1 ? 2 : 0)} % of the thread`;
    by("cost").title = `an event takes about ${status.costNs} ns, measured when the server started`;
    by("busy").textContent = Math.min(100, Math.round((status.busyUs - before.status.busyUs) / seconds / 1e4));
    before = null;
  }
  before ??= { now, status };
}

// The newest requests, as the filter wants them. One question at a time.
let isAsking = false;
let isToAsk = false;

const list = acts(async () => {
  isToAsk = true;
  if (isAsking) return;
  isAsking = true;
  try {
    while (isToAsk) {
      isToAsk = false;
      const [what, status, open] = [by("what").value, by("status").value, by("open").checked];
      const slower = Math.min(1e9, Math.max(0, Math.round(Number(by("slower").value) || 0)));
      shown.requests = await (await ask("/requests", { ...focus(), what, status, slower, open })).json();
    }
  } finally {
    isAsking = false;
  }
  drawRequests();
});

function listen() {
  const stream = new EventSource(address("/live"));
  stream.onopen = () => document.body.classList.remove("gone");
  stream.onerror = () => {
    document.body.classList.add("gone");
    by("standing").textContent = "no connection";
  };
  stream.onmessage = (message) => {
    take(JSON.parse(message.data));
    list();
    draw();
  };
}

// ---- drawing

let isDrawing = false;
let isStale = false;

const frame = () => new Promise((over) => {
  requestAnimationFrame(over);
  setTimeout(over, 100); // a page that is not seen has no frames
});

// Draws all of it, once a frame at most. What comes meanwhile is drawn once, afterwards. What is measured is
// measured first: to ask the browser for a size after a change makes it lay out the page at once.
async function draw() {
  isStale = true;
  if (isDrawing || !shown.status) return;
  isDrawing = true;
  try {
    while (isStale) {
      await frame();
      isStale = false;
      const width = by("canvas").parentElement.clientWidth - 20;
      const wide = by("lanes-canvas").parentElement.clientWidth - 20;
      drawLog();
      drawHead();
      drawState(shown.moment?.state ?? shown.status.state);
      drawRequests();
      drawSelected();
      await drawTimeline(width).catch((error) => notice(error.message));
      await drawLanes(wide).catch((error) => notice(error.message));
    }
  } finally {
    isDrawing = false;
  }
}

// A row for each item. Those that show what they showed before stay, so that the browser lays out only the others.
// `more`: what the row shows besides the item.
function fill(where, items, make, more = () => null) {
  items.forEach((item, place) => {
    const shows = JSON.stringify([item, more(item)]);
    const old = where.children[place];
    if (old?.shows === shows) return;
    const made = Object.assign(make(item), { shows });
    if (old) old.replaceWith(made);
    else where.append(made);
  });
  while (where.children.length > items.length) where.lastChild.remove();
}

function drawHead() {
  const { standing, heldFor, lost, polls, events } = shown.status;
  const isHeld = held();
  document.body.classList.toggle("held", isHeld);
  const until = `goes on by itself in ${heldFor} s; its clients wait`;
  by("standing").textContent = isHeld ? `${standing === "held" ? "held" : "held, in a step"}; ${until}` : many() ? `recordings of ${shown.status.hosts.length} hosts` : recorded() ? "a recording" : "runs";
  by("pause").disabled = isHeld || recorded();
  by("step").disabled = by("resume").disabled = !isHeld;
  by("live").disabled = shown.at === null;
  document.body.classList.toggle("recorded", recorded());
  by("polls").textContent = polls;
  by("events").textContent = events;
  by("lost").textContent = lost > 0 ? `${lost} events were lost` : "";
}

function drawState(state) {
  const { host, crashed } = shown.moment ?? {};
  const name = many() && host !== undefined ? shown.status.hosts[host] : "";
  for (const place of document.querySelectorAll(".of-host")) place.textContent = name && `of ${name}`;
  by("doing").textContent = crashed ? `${name} ${crashed}` : `the thread ${state.doing}; ${state.time}`;
  const more = (count, list) => (count > list.length ? `${count}, the first ${list.length} are shown` : `${count}`);
  by("task-count").textContent = more(state.taskCount, state.tasks);
  const isStuck = (task) => state.stuck.includes(task.task);
  fill(by("tasks").querySelector("tbody"), state.tasks, (task) => taskRow(task, isStuck(task)), (task) => [isStuck(task), shown.task === task.task]);
  by("queue-count").textContent = more(state.queueCount, state.queue);
  fill(by("queue"), state.queue, (task) => thing(`task ${task}`));
  by("timer-count").textContent = more(state.timerCount, state.timers);
  const ends = (timer) => `: fires at ${timer.tick} ms, in ${timer.tick - state.elapsed} ms; ring ${timer.level}, slot ${timer.slot}; ${timer.at ?? ""}`;
  fill(by("timers"), state.timers, (timer) => item(`timer ${timer.timer}`, ends(timer)), () => state.elapsed);
  drawWheel(state.timers);
  by("source-count").textContent = more(state.sourceCount, state.sources);
  const sides = (source) => [source.read && `reading ${source.read}`, source.write && `writing ${source.write}`].filter(Boolean).join(", ");
  fill(by("sources"), state.sources, (source) => item(`source ${source.source}`, `, ${source.kind}: ${sides(source)}; ${source.at}`));
  by("shared-count").textContent = more(state.sharedCount, state.shared);
  fill(by("shared"), state.shared, (it) => item(it.key, `: ${it.text}`));
  drawChains(state.chains);
}

// ---- requests

function drawRequests() {
  const rows = by("requests").querySelector("tbody");
  const isPast = shown.moment !== null && shown.at < shown.status.next;
  if (isPast) {
    const { underWay } = shown.moment.state;
    by("request-count").textContent = `${underWay.length} under way at this moment`;
    fill(rows, underWay, workRow);
  } else if (shown.requests) {
    by("request-count").textContent = `${shown.requests.open} under way`;
    const isPicked = (it) => shown.request === keyOf(it);
    const each = shown.requests.requests.flatMap((it) => (isPicked(it) ? [it, { of: it }] : [it]));
    fill(rows, each, (it) => (it.of ? wayRow(it.of) : requestRow(it)), isPicked);
  }
}

const cell = (text, name = "") => element("td", text, name);

// Work that a state knows.
function workRow(work) {
  const row = element("tr");
  const task = element("td");
  task.append(thing(`task ${work.task}`));
  row.append(cell(`#${work.id} ${work.asked}`), cell(work.last), cell(work.time, "number"), task);
  return row;
}

// A head has the number of its request.
const keyOf = ({ task, scope, id }) => `${task} ${scope} ${id}`;

function requestRow(request) {
  const row = element("tr");
  const key = keyOf(request);
  row.dataset.request = key;
  row.classList.toggle("picked", shown.request === key);
  const bar = element("div", "", "bar");
  for (const part of request.parts) {
    const piece = element("span", "", part.isChild ? `${part.kind} child` : part.kind);
    piece.style.flexGrow = Math.max(part.us, 1);
    piece.title = part.text;
    bar.append(pressed(piece, acts(() => go(part.seq + 1))));
  }
  const parts = cell("");
  parts.append(bar);
  const status = request.status ?? (request.isOver ? request.last : "…");
  row.append(cell(`#${request.id} ${request.asked}`), cell(request.route ?? request.refused ?? ""), cell(status), cell(request.time, "number"), parts);
  return pressed(row, () => {
    shown.request = shown.request === key ? null : key;
    shown.task = shown.request && request.task;
    draw();
  });
}

// Below the request that is picked.
function wayRow(request) {
  const [row, all] = [element("tr"), element("td")];
  all.colSpan = 5;
  all.append(way(request));
  row.append(all);
  return row;
}

// What the time of a request was spent on, and what was said on the way. A click leads to the event.
function way(request) {
  const made = element("ul");
  made.id = "way";
  const line = (text, seq) => pressed(element("li", text), acts(() => go(seq + 1)));
  if (request.spawned.length > 0) made.append(element("li", `spawned: ${request.spawned.map((task) => `task ${task}`).join(", ")}`));
  if (request.merged > 0) made.append(element("li", `${request.merged} short pieces were put together with their neighbours`));
  made.append(...request.parts.map((part) => line(part.text, part.seq)));
  made.append(...request.said.map((said) => line(`after ${said.after}: ${said.text} (${said.at})`, said.seq)));
  return made;
}

function drawChains(chains) {
  by("chain-count").textContent = chains.length === 0 ? "no task waits for what another has" : `${chains.length}`;
  by("chains").querySelector(".scrolls").replaceChildren(...chains.map((chain) => {
    const made = element("div", "", "chain");
    made.title = chain.text;
    made.classList.toggle("circle", chain.end !== null);
    made.classList.toggle("deadlock", chain.isDeadlock);
    chain.members.forEach((member, place) => {
      if (place > 0) made.append(place % 2 === 1 ? " waits for " : " held by ");
      const box = thing(member.key);
      if (place % 2 === 1) box.classList.add("lock");
      if (member.for) box.append(` (${member.for})`);
      made.append(box);
      if (member.others > 0) made.append(` and ${member.others} more`);
    });
    if (chain.end !== null) made.append(" ", element("b", chain.end));
    return made;
  }));
}

// Something with a name. Under the mouse, it is marked wherever it is on the page.
function thing(key) {
  const made = element("span", key, "thing");
  made.dataset.key = key;
  return made;
}

function item(key, text) {
  const made = element("li");
  made.append(thing(key), text);
  return made;
}

function taskRow(task, isStuck) {
  const row = element("tr");
  row.dataset.task = task.task;
  row.classList.toggle("picked", shown.task === task.task);
  const name = element("td");
  name.append(thing(`task ${task.task}`), task.name ? ` "${task.name}"` : "", ` ${task.at}`);
  const waits = element("td");
  for (const wait of task.waits) {
    const line = element("div", wait.text);
    line.dataset.key = wait.key;
    waits.append(line);
  }
  const number = (text) => element("td", text, "number");
  row.append(name, isStuck ? element("td", "stuck: nothing can wake it", "state-stranded") : element("td", task.state, `state-${task.state}`), waits, number(task.polls), number(task.spent), element("td", task.wokenBy ?? ""));
  return pressed(row, () => {
    shown.task = shown.task === task.task ? null : task.task;
    draw();
  });
}

// Six rings of 64 slots, the fastest at the top.
function drawWheel(timers) {
  const full = new Set(timers.map((timer) => timer.level * 64 + timer.slot));
  const slots = by("wheel").children;
  if (slots.length === 0) by("wheel").append(...Array.from({ length: 6 * 64 }, () => element("span")));
  for (let slot = 0; slot < slots.length; slot += 1) slots[slot].classList.toggle("full", full.has(slot));
}

let drawn = null; // the moment that is told

function drawSelected() {
  const { moment, status } = shown;
  if (moment !== null && moment === drawn) return;
  drawn = moment;
  const own = moment?.event?.name && `${moment.event.name} #${moment.event.number}`;
  by("at").textContent = own ?? `#${(shown.at ?? status.next) - 1}`;
  by("when").textContent = moment?.time ?? (moment?.state ?? status.state).time;
  const choose = "choose an event in the log or in the timeline.";
  const live = recorded() ? `The end of the recording: ${choose}` : `Live. Pause, or ${choose}`;
  by("sentence").textContent = moment ? (moment.event?.text ?? moment.text) : live;
  by("causes").replaceChildren(...(moment?.causes ?? []).map((cause) => {
    const line = element("li", `#${cause.number ?? cause.seq} ${cause.text}`);
    return pressed(line, acts(() => go(cause.seq + 1)));
  }));
  code(by("program"), moment?.program, moment?.program?.what);
  code(by("runtime"), moment?.runtime, "the runtime's line");
}

function code(where, source, what) {
  where.replaceChildren();
  if (!source) return;
  const box = element("div", "", "code");
  for (const [number, text] of source.lines) {
    box.append(element("span", `${String(number).padStart(4)} ${text}\n`, number === source.line ? "own" : ""));
  }
  where.append(element("h3", `${what}: ${source.name}`), source.lines.length > 0 ? box : "");
}

// ---- the log: only the lines in sight are on the page

function drawLog() {
  const rows = by("rows");
  const { first, next } = shown.status;
  let { scrollTop: top, clientHeight: height } = rows;
  const whole = (next - first) * ROW;
  by("spacer").style.height = `${whole}px`;
  const place = shown.at === null ? next - first : shown.at - first;
  if (shown.at !== rows.shownAt || shown.at === null) {
    const isInSight = place * ROW > top + ROW && place * ROW <= top + height;
    if (!isInSight) {
      const wanted = shown.at === null ? whole : Math.round(place * ROW - height / 2);
      rows.scrollTop = top = Math.max(0, Math.min(wanted, whole - height));
    }
  }
  rows.shownAt = shown.at;
  fillLog(top, height);
}

function fillLog(top = by("rows").scrollTop, height = by("rows").clientHeight) {
  const rows = by("rows");
  rows.filled = { top, height };
  const { first, next } = shown.status;
  const from = first + Math.floor(top / ROW);
  const to = Math.min(next, from + Math.ceil(height / ROW) + 1);
  const made = [];
  for (let seq = from; seq < to; seq += 1) made.push(logRow(seq, (seq - first) * ROW));
  // Live, the lines that are there stay until the new ones have come.
  if (shown.at !== null || !made.some((row) => row.isMissing)) rows.replaceChildren(by("spacer"), ...made);
  if (made.some((row) => row.isMissing)) fetchLog(from, to);
}

function logRow(seq, top) {
  const event = told.get(seq);
  const row = element("div", "", "row");
  row.isMissing = !event;
  row.style.top = `${top}px`;
  row.dataset.seq = seq;
  row.classList.toggle("picked", shown.at === seq + 1);
  const own = event?.name && `${event.time} ${event.name} #${event.number}`;
  row.append(element("i", own ?? `#${seq} ${event?.time ?? ""}`), event?.text ?? "…");
  return pressed(row, acts(() => go(seq + 1)));
}

const fetchLog = acts(async (from, to) => {
  const piece = `${from} ${to}`;
  if (asked.has(piece)) return;
  asked.add(piece);
  try {
    for (const event of await lines({ from, to })) told.set(event.seq, event);
  } finally {
    asked.delete(piece);
  }
  // The oldest are forgotten: the server has them.
  for (const seq of told.keys()) {
    if (told.size <= 5000) break;
    told.delete(seq);
  }
  if (told.has(from)) fillLog(by("rows").filled.top, by("rows").filled.height);
});

// ---- the timeline

async function drawTimeline(width) {
  const newest = shown.status.state.us;
  const right = Math.round(shown.at === null ? newest : shown.right);
  const from = Math.max(0, Math.round(right - shown.window));
  const { drawing } = shown;
  // What is past does not change.
  const of = shown.moment?.recording;
  const isKnown = drawing && drawing.from === from && drawing.to === right && drawing.width === width && drawing.of === of && drawing.isPast;
  if (!isKnown) {
    const isPast = recorded() || right < newest;
    const made = await (await ask("/timeline", { ...focus(), from, to: right, width })).json();
    shown.drawing = Object.assign(made, { width, isPast, of });
  }
  paint(by("canvas"), width);
}

const NAMES = 70; // width of the names at the left
const CHAIN = "#3584e4"; // colour of the causes

function paint(canvas, width) {
  const { from, to, spans, arrows, arrowCount } = shown.drawing;
  const causes = chainOf(from, to);
  const named = [...new Set(causes.flatMap((link) => [link.from, link.task]))];
  const others = new Set(spans.map(([task]) => task).filter((task) => !named.includes(task)));
  // The tasks of the causes stand at the top. They stay where they are while a person drags.
  const first = (task) => (scrub.isUnderWay || task === 0 || named.includes(task) ? 0 : 1);
  const tasks = [...named, ...[...others].slice(0, 200)].sort((left, right) => first(left) - first(right) || left - right);
  const lane = new Map(tasks.map((task, place) => [task, place]));
  const height = Math.max(3, tasks.length) * LANE;
  const x = (us) => NAMES + ((us - from) / Math.max(1, to - from)) * (width - NAMES);
  const key = [width, devicePixelRatio, shown.task, ...tasks].join();
  if (picture.of !== shown.drawing || picture.key !== key) {
    Object.assign(picture, { of: shown.drawing, key });
    paintPast(sized(picture.canvas, width, height), width, lane, x);
  }
  const pen = sized(canvas, width, height);
  pen.drawImage(picture.canvas, 0, 0, width, height);
  if (shown.at !== null || scrub.us !== null) {
    pen.fillStyle = "#d33";
    pen.fillRect(x(scrub.us ?? shown.moment.state.us), 0, 1.5, height);
  }
  paintChain(pen, causes, x, lane);
  const wakes = arrowCount > arrows.length ? `; ${arrowCount} wakes, too many to draw` : "";
  by("span").textContent = `${((to - from) / 1000).toFixed(3)} ms; mouse wheel: zoom; drag: move in time${wakes}`;
}

// What does not change while a person moves in time. It is painted once, and then copied.
const picture = { canvas: document.createElement("canvas"), of: null, key: "" };

// The pen for an empty canvas of this size, in points of the page.
function sized(canvas, width, height) {
  const ratio = devicePixelRatio;
  const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== wide || canvas.height !== high) {
    Object.assign(canvas, { width: wide, height: high });
    Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
  }
  const pen = canvas.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  return pen;
}

// Names, polls, wakes.
function paintPast(pen, width, lane, x) {
  const { spans, arrows } = shown.drawing;
  const ink = getComputedStyle(document.body).color;
  pen.font = "11px system-ui";
  for (const [task, place] of lane) {
    pen.fillStyle = ink;
    pen.fillText(task === 0 ? "sleeps" : `task ${task}`, 2, place * LANE + 12);
    pen.fillStyle = shown.task === task ? "#3584e444" : "#8881";
    pen.fillRect(NAMES, place * LANE, width, LANE - 2);
  }
  for (const [task, start, end] of spans) {
    if (!lane.has(task)) continue;
    pen.fillStyle = task === 0 ? "#8886" : shown.task === null || shown.task === task ? "#2a9d4a" : "#2a9d4a66";
    pen.fillRect(x(start), lane.get(task) * LANE + 1, Math.max(1, x(end) - x(start)), LANE - 4);
  }
  pen.strokeStyle = "#c77f00aa";
  pen.beginPath();
  for (const [source, task, us] of arrows) {
    if (!lane.has(task)) continue;
    const down = lane.get(task) * LANE + LANE / 2;
    const up = lane.has(source) ? lane.get(source) * LANE + LANE / 2 : down - LANE / 2;
    pen.moveTo(x(us), up);
    pen.lineTo(x(us) + 2, down);
    pen.lineTo(x(us) - 1, down - Math.sign(down - up) * 4);
  }
  pen.stroke();
}

// The causes of the event that is selected, the first cause first, and the event itself; as far as they are in sight.
function chainOf(from, to) {
  const { event, causes, recording } = shown.moment ?? {};
  if (!event || !causes || causes.length === 0) return [];
  const lane = event.lane;
  const all = [{ ...event, from: lane, task: lane }, ...causes];
  // Of several hosts, those at the one whose tasks these are.
  const links = all.filter((link) => link.recording === recording);
  // Of a chain without end, what is nearest.
  return links.slice(0, 30).reverse().filter((link) => link.us >= from && link.us <= to);
}

// Their way through the lanes: along a task while its poll leads from one to the next, and over to the task that
// is woken. The list of causes has them in words.
function paintChain(pen, links, x, lane) {
  const middle = (task) => lane.get(task) * LANE + LANE / 2 - 1;
  const points = links.flatMap((link) => [[x(link.us), middle(link.from)], [x(link.us), middle(link.task)]]);
  shown.chain = links.map((link) => ({ seq: link.seq, x: x(link.us), y: middle(link.task) }));
  if (points.length === 0) return;
  pen.strokeStyle = pen.fillStyle = CHAIN;
  pen.lineWidth = 2;
  pen.beginPath();
  pen.moveTo(...points[0]);
  for (const point of points.slice(1)) pen.lineTo(...point);
  pen.stroke();
  pen.lineWidth = 1;
  for (const { x, y } of shown.chain) {
    pen.beginPath();
    pen.arc(x, y, 3.5, 0, 7);
    pen.fill();
  }
  points.forEach(([right, down], place) => {
    const [left, up] = points[place - 1] ?? [right, down];
    const [along, across] = [Math.sign(right - left) * (Math.abs(right - left) > 12), Math.sign(down - up) * (down !== up)];
    if (along !== 0 || across !== 0) head(pen, right, down, across === 0 ? along : 0, across);
  });
}

// The head of an arrow that comes from the left, from above or from below.
function head(pen, x, y, along, across) {
  const [back, side] = [8, 4];
  pen.beginPath();
  pen.moveTo(x - along * 2, y - across * 2);
  pen.lineTo(x - along * back + across * side, y - across * back + along * side);
  pen.lineTo(x - along * back - across * side, y - across * back - along * side);
  pen.fill();
}

function timeAt(event) {
  const { left, width } = by("canvas").getBoundingClientRect();
  const { from, to } = shown.drawing;
  return from + ((event.clientX - left - NAMES) / (width - NAMES)) * (to - from);
}

// While a person drags, the line follows the mouse in each frame. All else follows in every fourth frame at most, and
// when the server has answered: of what the mouse said meanwhile, the last counts.
const scrub = { us: null, isUnderWay: false, isPainting: false };

async function paintSoon() {
  if (scrub.isPainting) return;
  scrub.isPainting = true;
  await frame();
  scrub.isPainting = false;
  paint(by("canvas"), shown.drawing.width);
}

const scrubTo = acts(async (event) => {
  if (!shown.drawing) return;
  shown.right ??= shown.drawing.to;
  scrub.us = Math.max(0, Math.round(timeAt(event)));
  paintSoon();
  if (scrub.isUnderWay) return;
  scrub.isUnderWay = true;
  try {
    let us = null;
    while (us !== scrub.us) {
      us = scrub.us;
      await show(many() ? { us, host: shown.moment.host } : { us });
      for (let frames = 0; frames < 3; frames += 1) await frame();
    }
  } finally {
    Object.assign(scrub, { us: null, isUnderWay: false });
    paintSoon();
  }
});

by("canvas").addEventListener("pointerdown", (event) => {
  by("canvas").setPointerCapture(event.pointerId);
  scrubTo(event);
});
by("canvas").addEventListener("pointermove", (event) => event.buttons === 1 && scrubTo(event));
by("canvas").addEventListener("wheel", (event) => {
  event.preventDefault();
  if (!shown.drawing) return;
  const factor = event.deltaY > 0 ? 1.3 : 1 / 1.3;
  const window = Math.min(600e6, Math.max(50, shown.window * factor));
  if (shown.at !== null) {
    const time = timeAt(event);
    shown.right = time + ((shown.right - time) * window) / shown.window;
  }
  shown.window = window;
  draw();
}, { passive: false });

// ---- keys, buttons

by("pause").addEventListener("click", pause);
by("step").addEventListener("click", step);
by("resume").addEventListener("click", resume);
by("live").addEventListener("click", live);
by("filter").addEventListener("input", list);
by("filter").addEventListener("submit", (event) => event.preventDefault());
by("rows").addEventListener("scroll", () => {
  const { scrollTop, filled } = by("rows");
  if (shown.status && scrollTop !== filled?.top) fillLog();
});
by("file").href = address("/recording.jsonl");
by("perfetto").href = address("/perfetto.json");

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.tagName === "INPUT") return;
  const keys = {
    " ": () => (held() ? resume() : recorded() ? undefined : pause()),
    ArrowRight: () => move(1, event.shiftKey),
    ArrowLeft: () => move(-1, event.shiftKey),
    c: toSender,
    b: toSender,
    B: back,
    h: holdNext,
    o: onlyOne,
    t: byTime,
    Escape: () => {
      shown.only = false;
      return hold(null);
    },
  };
  if (!keys[event.key] || (event.key === " " && event.target.tagName === "BUTTON")) return;
  event.preventDefault();
  keys[event.key]();
});

addEventListener("mouseover", (event) => {
  const key = event.target.dataset?.key;
  for (const marked of document.querySelectorAll(".marked")) marked.classList.remove("marked");
  if (key) for (const same of document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)) same.classList.add("marked");
});

// For the tests, and for a person at the browser's console.
Object.assign(window, { shownRequests: () => shown.requests.requests, shownMoment: () => shown.moment, shownIsDrawn: () => !isDrawing, shownChain: () => shown.chain, shownWay: () => shown.way, shownArrows: () => shown.arrows, shownLanes: () => shown.lanes, shownAt: () => shown.at ?? shown.status?.next, shownNext: () => shown.status?.next, goTo: go });

addEventListener("resize", () => draw());
listen();
const linked = /^#at=(\d+)$/.exec(location.hash);
if (linked) {
  const wait = setInterval(() => {
    if (!shown.status) return;
    clearInterval(wait);
    acts(go)(Number(linked[1]));
  }, 50);
}
