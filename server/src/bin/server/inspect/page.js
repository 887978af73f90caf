// The inspector's page. Everything that is shown was told by the server in finished words; here it is only
// put where it belongs, as text. One state, one function that draws it.

const token = new URLSearchParams(location.search).get("token") ?? "";
const by = (id) => document.getElementById(id);
const ROW = 20; // height of a line of the log, in points
const LANE = 16; // height of a task in the timeline

// What is shown. `at` is the number of events that have happened; null: live.
const shown = { requests: null, request: null, status: null, at: null, moment: null, task: null, chosen: null, window: 10e6, right: null, drawing: null, host: null, only: false, byTime: false, isGone: false, view: null, lanes: null, trail: [] };
const told = new Map(); // events of the log, by number
const asked = new Set(); // pieces of the log that were asked for

function address(path, query = {}) {
  return `${path}?${new URLSearchParams({ ...query, token })}`;
}

async function ask(path, query, method = "GET") {
  const headers = method === "POST" ? { "x-treadle-inspect": "1" } : {};
  const answer = await fetch(address(path, query), { method, headers }).catch(() => {
    throw new Error("The server does not answer.");
  });
  if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).detail ?? `status ${answer.status}`);
  return answer;
}

function notice(text, isGood = false) {
  by("notice").textContent = text;
  by("notice").classList.toggle("good", isGood);
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

const LONGER = 600; // seconds

const holdLonger = acts(async () => {
  take(await (await ask("/pause", { seconds: LONGER }, "POST")).json());
  drawHead();
});

// Writes what has happened into a file: from an event on, or in the last seconds.
const keep = acts(async (from) => {
  const { text } = await (await ask("/keep", from === undefined ? {} : { from }, "POST")).json();
  notice(text, true);
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
  if (shown.right === null || us > shown.right || us < left) shown.right = rightOf(us);
  remember();
  await draw();
}

// The right edge of a window around a time. A recording that fits into it is in sight as a whole.
function rightOf(us) {
  const { firstUs, state } = shown.status;
  const isWhole = recorded() && state.us - (firstUs ?? 0) <= shown.window;
  return isWhole ? Math.round(state.us + shown.window / 50) : us + shown.window / 10;
}

// The address leads to this moment, and to what is chosen. A browser allows a page so many changes of it.
let isToRemember = false;

function remember() {
  if (isToRemember) return;
  isToRemember = true;
  setTimeout(() => {
    isToRemember = false;
    const { at, chosen, status } = shown;
    const parts = Object.entries({ at, chosen, of: at && (status?.name || null) }).filter(([, part]) => part !== null);
    const here = new URLSearchParams(parts).toString();
    history.replaceState(null, "", here ? `#${here}` : location.pathname + location.search);
  }, 250);
}

// Goes where the address leads: `#at=46&chosen=task+5`. `of` names the recordings that were shown.
const follow = acts(async () => {
  const link = new URLSearchParams(location.hash.slice(1));
  const at = Number(link.get("at") ?? 0);
  if (link.has("of") && link.get("of") !== shown.status.name) throw new Error("This address leads into other files than those that are shown.");
  if (link.has("chosen")) choose(link.get("chosen"));
  if (link.has("at") && Number.isSafeInteger(at) && at !== shown.at) await go(at);
});

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
  const isNew = status.name !== shown.status?.name;
  shown.status = status;
  if (isNew) forget();
  const now = performance.now();
  if (before && now - before.now > 900) {
    const seconds = (now - before.now) / 1000;
    by("request-rate").textContent = Math.round((status.requests - before.status.requests) / seconds);
    by("streams").textContent = status.state.streamCount;
    by("lag").textContent = status.lag ?? "–";
    by("rate").textContent = Math.round((status.polls - before.status.polls) / seconds);
    const watching = ((status.events - before.status.events) * status.costNs) / seconds / 1e7;
    if (!recorded()) by("cost").textContent = `watching costs about ${watching.toFixed(watching < 1 ? 2 : 0)} % of the thread`;
    by("cost").title = `an event takes about ${status.costNs} ns, measured when the server started`;
    by("busy").textContent = Math.min(100, Math.round((status.busyUs - before.status.busyUs) / seconds / 1e4));
    before = null;
  }
  before ??= { now, status };
}

function listen() {
  const stream = new EventSource(address("/live"));
  stream.onopen = () => isGone(false);
  stream.onerror = () => {
    isGone(true);
    // An answer that is no stream ends it: the page gets no other one.
    if (stream.readyState === EventSource.CLOSED) notice("This page gets no news: too many pages watch. Close one, and load this one anew.");
  };
  stream.onmessage = (message) => {
    take(JSON.parse(message.data));
    list();
    draw();
  };
}

// What was shown last stays. As soon as the server answers again, the page goes on.
function isGone(is) {
  if (shown.isGone === is) return;
  shown.isGone = is;
  document.body.classList.toggle("gone", is);
  notice(is ? "The server does not answer: it has ended, or is stopped. The page shows what was known of it last." : "");
  if (shown.status) drawHead();
  else by("standing").textContent = "no connection";
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
      drawChosen();
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
  by("standing").textContent = shown.isGone ? "no connection" : isHeld ? `${standing === "held" ? "held" : "held, in a step"}; ${until}` : many() ? `recordings of ${shown.status.hosts.length} hosts` : recorded() ? "a recording" : "runs";
  by("pause").disabled = shown.isGone || isHeld || recorded();
  by("step").disabled = by("resume").disabled = shown.isGone || !isHeld;
  by("live").disabled = shown.at === null;
  document.body.classList.toggle("recorded", recorded());
  by("up-time").textContent = recorded() ? "" : `up ${clock(shown.status.state.us)}`;
  by("to-cause").disabled = !shown.moment?.causes?.length;
  by("polls").textContent = polls;
  by("events").textContent = events;
  by("lost").textContent = lost > 0 ? `${lost} events were lost` : "";
}

// Hours, minutes and seconds: `2:11`, `1:02:11`.
function clock(us) {
  const seconds = Math.floor(us / 1e6);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const two = (number) => String(number).padStart(2, "0");
  return `${hours > 0 ? `${hours}:${two(minutes)}` : minutes}:${two(seconds % 60)}`;
}

// ---- the event that is selected

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
