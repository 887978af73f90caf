// The inspector's page. Everything that is shown was told by the server in finished words; here it is only
// put where it belongs, as text. One state, one function that draws it.

const token = new URLSearchParams(location.search).get("token") ?? "";
const by = (id) => document.getElementById(id);
const ROW = 20; // height of a line of the log, in points
const LANE = 16; // height of a task in the timeline

// What is shown. `at` is the number of events that have happened; null: live.
const shown = { requests: null, request: null, status: null, at: null, moment: null, task: null, window: 10e6, right: null, drawing: null };
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

const go = async (wanted) => {
  const wish = ++wishes;
  const at = Math.max(wanted, shown.status?.first ?? 0);
  const moment = await (await ask("/state", { at })).json();
  if (wish !== wishes) return;
  Object.assign(shown, { at, moment });
  const us = moment.state.us;
  const left = (shown.right ?? us) - shown.window;
  if (shown.right === null || us > shown.right || us < left) shown.right = us + shown.window / 10;
  history.replaceState(null, "", `#at=${at}`);
  await draw();
};

function live() {
  wishes += 1;
  Object.assign(shown, { at: null, moment: null, right: null });
  history.replaceState(null, "", location.pathname + location.search);
  notice("");
  draw();
}

// The next event, or poll, in a direction. At the newest event of a held server: a step of the machine.
const move = acts(async (way, whole) => {
  if (!shown.status) return;
  const from = shown.at ?? shown.status.next;
  if (way > 0 && from >= shown.status.next) return held() ? step() : undefined;
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
  shown.status = status;
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
      shown.requests = await (await ask("/requests", { what, status, slower, open })).json();
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

// Draws all of it. What comes meanwhile is drawn once, afterwards.
async function draw() {
  isStale = true;
  if (isDrawing || !shown.status) return;
  isDrawing = true;
  try {
    while (isStale) {
      isStale = false;
      drawHead();
      drawState(shown.moment?.state ?? shown.status.state);
      drawRequests();
      drawSelected();
      drawLog();
      await drawTimeline().catch((error) => notice(error.message));
    }
  } finally {
    isDrawing = false;
  }
}

function drawHead() {
  const { standing, heldFor, lost, polls, events } = shown.status;
  const isHeld = held();
  document.body.classList.toggle("held", isHeld);
  const until = `goes on by itself in ${heldFor} s; its clients wait`;
  by("standing").textContent = isHeld ? `${standing === "held" ? "held" : "held, in a step"}; ${until}` : recorded() ? "a recording" : "runs";
  by("pause").disabled = isHeld || recorded();
  by("step").disabled = by("resume").disabled = !isHeld;
  by("live").disabled = shown.at === null;
  by("polls").textContent = polls;
  by("events").textContent = events;
  by("lost").textContent = lost > 0 ? `${lost} events were lost` : "";
}

function drawState(state) {
  by("doing").textContent = `the thread ${state.doing}; ${state.time}`;
  const more = (count, list) => (count > list.length ? `${count}, the first ${list.length} are shown` : `${count}`);
  by("task-count").textContent = more(state.taskCount, state.tasks);
  by("tasks").querySelector("tbody").replaceChildren(...state.tasks.map((task) => taskRow(task, state.stuck.includes(task.task))));
  by("queue-count").textContent = more(state.queueCount, state.queue);
  by("queue").replaceChildren(...state.queue.flatMap((task) => [thing(`task ${task}`), " "]));
  by("timer-count").textContent = more(state.timerCount, state.timers);
  const ends = (timer) => `: fires at ${timer.tick} ms, in ${timer.tick - state.elapsed} ms; ring ${timer.level}, slot ${timer.slot}; ${timer.at ?? ""}`;
  by("timers").replaceChildren(...state.timers.map((timer) => item(`timer ${timer.timer}`, ends(timer))));
  drawWheel(state.timers);
  by("source-count").textContent = more(state.sourceCount, state.sources);
  const sides = (source) => [source.read && `reading ${source.read}`, source.write && `writing ${source.write}`].filter(Boolean).join(", ");
  by("sources").replaceChildren(...state.sources.map((source) => item(`source ${source.source}`, `, ${source.kind}: ${sides(source)}; ${source.at}`)));
  by("shared-count").textContent = more(state.sharedCount, state.shared);
  by("shared").replaceChildren(...state.shared.map((it) => item(it.key, `: ${it.text}`)));
  drawChains(state.chains);
}

// ---- requests

function drawRequests() {
  const rows = by("requests").querySelector("tbody");
  const isPast = shown.moment !== null && shown.at < shown.status.next;
  if (isPast) {
    const { underWay } = shown.moment.state;
    by("request-count").textContent = `${underWay.length} under way at this moment`;
    rows.replaceChildren(...underWay.map((it) => workRow(it)));
  } else if (shown.requests) {
    by("request-count").textContent = `${shown.requests.open} under way`;
    rows.replaceChildren(...shown.requests.requests.map((it) => requestRow(it)));
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

function requestRow(request) {
  const row = element("tr");
  const key = `${request.task} ${request.id}`;
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
  if (shown.request === key) parts.append(way(request));
  const status = request.status ?? (request.isOver ? request.last : "…");
  row.append(cell(`#${request.id} ${request.asked}`), cell(request.route ?? request.refused ?? ""), cell(status), cell(request.time, "number"), parts);
  return pressed(row, () => {
    shown.request = shown.request === key ? null : key;
    shown.task = shown.request && request.task;
    draw();
  });
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
    made.classList.toggle("circle", chain.isCircle);
    made.classList.toggle("deadlock", chain.isDeadlock);
    chain.members.forEach((member, place) => {
      if (place > 0) made.append(place % 2 === 1 ? " waits for " : " held by ");
      const box = thing(member.key);
      if (place % 2 === 1) box.classList.add("lock");
      if (member.for) box.append(` (${member.for})`);
      made.append(box);
    });
    made.append(" ");
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

function drawSelected() {
  const { moment, status } = shown;
  by("at").textContent = `#${(shown.at ?? status.next) - 1}`;
  by("when").textContent = (moment?.state ?? status.state).time;
  const choose = "choose an event in the log or in the timeline.";
  const live = recorded() ? `The end of the recording: ${choose}` : `Live. Pause, or ${choose}`;
  by("sentence").textContent = moment ? (moment.event?.text ?? moment.text) : live;
  by("causes").replaceChildren(...(moment?.causes ?? []).map((cause) => {
    const line = element("li", `#${cause.seq} ${cause.text}`);
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
  by("spacer").style.height = `${(next - first) * ROW}px`;
  const place = shown.at === null ? next - first : shown.at - first;
  if (shown.at !== rows.shownAt || shown.at === null) {
    const isInSight = place * ROW > rows.scrollTop + ROW && place * ROW <= rows.scrollTop + rows.clientHeight;
    if (!isInSight) rows.scrollTop = (shown.at === null ? place : place - rows.clientHeight / ROW / 2) * ROW;
  }
  rows.shownAt = shown.at;
  fillLog();
}

function fillLog() {
  const rows = by("rows");
  const { first, next } = shown.status;
  const from = first + Math.floor(rows.scrollTop / ROW);
  const to = Math.min(next, from + Math.ceil(rows.clientHeight / ROW) + 1);
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
  row.append(element("i", `#${seq} ${event?.time ?? ""}`), event?.text ?? "…");
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
  if (told.has(from)) fillLog();
});

// ---- the timeline

async function drawTimeline() {
  const canvas = by("canvas");
  const width = canvas.parentElement.clientWidth - 20;
  const newest = shown.status.state.us;
  const right = shown.at === null ? newest : shown.right;
  const from = Math.max(0, Math.round(right - shown.window));
  shown.drawing = await (await ask("/timeline", { from, to: Math.round(right), width })).json();
  paint(canvas, width);
}

const NAMES = 70; // width of the names at the left

function paint(canvas, width) {
  const { from, to, spans, arrows, arrowCount } = shown.drawing;
  const tasks = [...new Set(spans.map(([task]) => task))].sort((left, right) => left - right).slice(0, 200);
  const lane = new Map(tasks.map((task, place) => [task, place]));
  const ratio = devicePixelRatio;
  const height = Math.max(3, tasks.length) * LANE;
  Object.assign(canvas, { width: width * ratio, height: height * ratio });
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const pen = canvas.getContext("2d");
  pen.scale(ratio, ratio);
  const ink = getComputedStyle(document.body).color;
  const x = (us) => NAMES + ((us - from) / Math.max(1, to - from)) * (width - NAMES);
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
  for (const [source, task, us] of arrows) {
    if (!lane.has(task)) continue;
    const down = lane.get(task) * LANE + LANE / 2;
    const up = lane.has(source) ? lane.get(source) * LANE + LANE / 2 : down - LANE / 2;
    pen.beginPath();
    pen.moveTo(x(us), up);
    pen.lineTo(x(us) + 2, down);
    pen.lineTo(x(us) - 1, down - Math.sign(down - up) * 4);
    pen.stroke();
  }
  if (shown.at !== null) {
    pen.fillStyle = "#d33";
    pen.fillRect(x(shown.moment.state.us), 0, 1.5, height);
  }
  const wakes = arrowCount > arrows.length ? `; ${arrowCount} wakes, too many to draw` : "";
  by("span").textContent = `${((to - from) / 1000).toFixed(3)} ms; mouse wheel: zoom; drag: move in time${wakes}`;
}

function timeAt(event) {
  const { left, width } = by("canvas").getBoundingClientRect();
  const { from, to } = shown.drawing;
  return from + ((event.clientX - left - NAMES) / (width - NAMES)) * (to - from);
}

const scrub = acts(async (event) => {
  if (!shown.drawing) return;
  shown.right ??= shown.drawing.to;
  const { at } = await (await ask("/state", { us: Math.max(0, Math.round(timeAt(event))) })).json();
  await go(at);
});

by("canvas").addEventListener("pointerdown", (event) => {
  by("canvas").setPointerCapture(event.pointerId);
  scrub(event);
});
by("canvas").addEventListener("pointermove", (event) => event.buttons === 1 && scrub(event));
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
by("rows").addEventListener("scroll", () => shown.status && fillLog());
by("file").href = address("/recording.jsonl");
by("perfetto").href = address("/perfetto.json");

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.tagName === "INPUT") return;
  const keys = {
    " ": () => (held() ? resume() : recorded() ? undefined : pause()),
    ArrowRight: () => move(1, event.shiftKey),
    ArrowLeft: () => move(-1, event.shiftKey),
    c: toCause,
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
Object.assign(window, { shownRequests: () => shown.requests.requests, shownMoment: () => shown.moment, shownAt: () => shown.at ?? shown.status?.next, shownNext: () => shown.status?.next, goTo: go });

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
