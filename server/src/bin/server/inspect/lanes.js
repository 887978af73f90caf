
// ---- several hosts: a lane each

const HOST = 26; // height of a lane, in points
const HOSTS = 120; // width of their names
const AXIS = 16; // height of the times below them
const WAY = "#c77f00"; // colour of what goes from one host to another

const many = () => shown.status?.hosts !== undefined;

// Of several hosts: the moment at which the page stands, and the host at which its panels are kept.
function focus() {
  if (!many()) return {};
  const { at, host } = shown;
  return { ...(at === null ? {} : { at }), ...(host === null ? {} : { host }) };
}

// Other recordings are shown than before: what is known of those is forgotten.
function forget() {
  told.clear();
  Object.assign(shown, { at: null, moment: null, task: null, chosen: null, request: null, right: null, drawing: null, host: null, only: false, view: null, lanes: null, trail: [] });
  drawn = null;
  by("rows").shownAt = undefined;
  document.body.classList.toggle("many", many());
  notice(shown.status.notes.join(" "));
  const { firstUs, state } = shown.status;
  if (recorded()) shown.window = Math.min(600e6, Math.max(1000, Math.round((state.us - (firstUs ?? 0)) * 1.05)));
  if (!many()) return;
  acts(go)(shown.status.next);
}

// ---- to other moments

// The nearest event of a host, or its next (way 1), or the one before (way -1).
const toLane = (lane, way, at = shown.at) => show({ at, lane, way });

// Where the event came from, also if that is at another host; and back again.
const toSender = acts(async () => {
  const at = shown.at;
  await toCause();
  if (shown.at !== at) shown.trail.push(at);
});

const back = acts(async () => {
  const at = shown.trail.pop();
  if (at !== undefined) await go(at);
});

// The panels stay at a host, whatever happens at the others; without one, they show the host of each event.
const hold = acts(async (host) => {
  if (!many()) return;
  shown.host = host;
  await go(shown.at);
});

function holdNext() {
  const next = (shown.host ?? -1) + 1;
  return hold(next < shown.status.hosts.length ? next : null);
}

// The arrows go to the events of the host only that the panels show.
function onlyOne() {
  if (!many()) return;
  shown.only = !shown.only;
  draw();
}

function byTime() {
  if (!many()) return;
  shown.byTime = !shown.byTime;
  draw();
}

// ---- the picture

// So many events are in sight at first.
const SIGHT = 400;

// Which places are in sight: the one at which the page stands is among them.
function view() {
  const { next } = shown.status;
  shown.view ??= { from: 0, size: Math.min(next, SIGHT) };
  const at = Math.max(0, (shown.at ?? next) - 1);
  const { from, size } = shown.view;
  if (at < from || at >= from + size) shown.view.from = at - Math.round(size / 2);
  shown.view.from = Math.max(0, Math.min(shown.view.from, next - size));
  return { from: shown.view.from, to: shown.view.from + size };
}

async function drawLanes(width) {
  if (!many()) return;
  const { from, to } = view();
  const time = Boolean(shown.byTime);
  const key = [shown.status.name, from, to, width, time].join();
  if (shown.lanes?.key !== key) {
    const made = await (await ask("/lanes", { from, to, width, time })).json();
    shown.lanes = Object.assign(made, { key, width });
  }
  paintLanes();
}

// Where a place lies in the picture: `[x of its beginning, x of its middle]`.
function placed(lanes) {
  const { from, to, us, width } = lanes;
  const part = (value, first, last) => HOSTS + ((value - first) / Math.max(1, last - first)) * (width - HOSTS - 4);
  if (shown.byTime) return { start: (_, time) => part(time, us[0], us[1]), middle: (_, time) => part(time, us[0], us[1]) };
  return { start: (place) => part(place, from, to), middle: (place) => part(place + 0.5, from, to) };
}

const middleOf = (host) => host * HOST + HOST / 2;

function paintLanes() {
  const { lanes, moment, status } = shown;
  const { width } = lanes;
  const height = status.hosts.length * HOST;
  const pen = sized(by("lanes-canvas"), width, height + AXIS);
  const at = placed(lanes);
  paintNames(pen, width);
  pen.save();
  pen.beginPath();
  pen.rect(HOSTS, 0, width - HOSTS, height + AXIS);
  pen.clip();
  for (const life of lanes.lives) paintLife(pen, life, at);
  for (const [host, from, to, fromUs, toUs, isPoll] of lanes.spans) {
    const [left, right] = [at.start(from, fromUs), at.start(to, toUs)];
    pen.fillStyle = isPoll ? "#2a9d4a" : "#888a";
    pen.fillRect(left, middleOf(host) - (isPoll ? 8 : 4), Math.max(1.5, right - left - (shown.byTime ? 0 : 0.5)), isPoll ? 16 : 8);
  }
  shown.arrows = lanes.arrows.map((ends) => ends.map(([host, place, us, isCrash]) => ({ host, place, x: isCrash ? at.start(place, us) : at.middle(place, us), y: middleOf(host) })));
  for (const [from, to] of shown.arrows) paintArrow(pen, from, to, WAY, 1.2);
  paintCauses(pen, at);
  if (moment?.event) {
    pen.fillStyle = "#d33";
    pen.fillRect(at.middle(moment.event.seq, moment.commonUs) - 0.75, 0, 1.5, height);
  }
  paintTimes(pen, at, height);
  pen.restore();
  by("by-time").textContent = shown.byTime ? "By event" : "By time";
  const count = lanes.arrowCount > lanes.arrows.length ? `; ${lanes.arrowCount} arrows, too many to draw` : "";
  by("lanes-span").textContent = `events ${lanes.from} to ${lanes.to} of ${status.next}${count}`;
  const held = shown.host === null ? "" : `panels stay at ${status.hosts[shown.host]}`;
  const only = shown.only ? `→ ← go to the events of ${status.hosts[moment?.host ?? 0]} only` : "";
  by("lanes-held").textContent = [held, only].filter(Boolean).join("; ");
}

function paintNames(pen, width) {
  const ink = getComputedStyle(document.body).color;
  pen.font = "12px system-ui";
  shown.status.hosts.forEach((name, host) => {
    const isShown = shown.moment?.host === host;
    pen.fillStyle = isShown ? "#3584e444" : "#8881";
    pen.fillRect(0, host * HOST + 1, width, HOST - 2);
    pen.fillStyle = ink;
    pen.fillText(`${isShown ? "▶ " : ""}${name}`, 4, middleOf(host) + 4, HOSTS - 8);
  });
}

// A life is a line from its first event to its crash.
function paintLife(pen, { host, from, fromUs, crash, crashUs }, at) {
  if (from === null) return;
  const y = middleOf(host);
  const end = crash === null ? shown.lanes.width : at.start(crash, crashUs);
  pen.fillStyle = "#8888";
  pen.fillRect(at.start(from, fromUs), y - 0.5, end - at.start(from, fromUs), 1);
  if (crash === null) return;
  pen.strokeStyle = "#d33";
  pen.lineWidth = 2.5;
  pen.beginPath();
  for (const way of [-1, 1]) {
    pen.moveTo(end - 5, y - 6 * way);
    pen.lineTo(end + 5, y + 6 * way);
  }
  pen.stroke();
  pen.lineWidth = 1;
}

function paintArrow(pen, from, to, colour, wide) {
  const [along, across] = [to.x - from.x, to.y - from.y];
  const length = Math.hypot(along, across) || 1;
  const [ox, oy] = [along / length, across / length];
  pen.strokeStyle = pen.fillStyle = colour;
  pen.lineWidth = wide;
  pen.beginPath();
  pen.moveTo(from.x, from.y);
  pen.lineTo(to.x, to.y);
  pen.stroke();
  pen.lineWidth = 1;
  pen.beginPath();
  pen.moveTo(to.x, to.y);
  for (const side of [-3.5, 3.5]) pen.lineTo(to.x - ox * 8 - oy * side, to.y - oy * 8 + ox * side);
  pen.fill();
}

// The causes of the event that is selected, from the first one to it, through all hosts.
function paintCauses(pen, at) {
  const { event, causes, commonUs } = shown.moment ?? {};
  const links = event && causes?.length > 0 ? [{ ...event, commonUs }, ...causes].reverse() : [];
  const x = ({ seq, crash, commonUs }) => (crash === undefined ? at.middle(seq, commonUs) : at.start(crash, commonUs));
  const points = links.map((link) => ({ seq: link.seq, host: link.host, x: x(link), y: middleOf(link.host) }));
  shown.way = points;
  points.slice(1).forEach((to, place) => {
    const from = points[place];
    if (from.x !== to.x || from.y !== to.y) paintArrow(pen, from, to, CHAIN, 2.5);
  });
}

function paintTimes(pen, at, height) {
  pen.fillStyle = getComputedStyle(document.body).color;
  pen.font = "11px system-ui";
  const [first, last] = shown.lanes.us;
  const even = [0, 1, 2, 3, 4, 5, 6, 7].map((nth) => [0, first + ((last - first) * nth) / 8]);
  let free = HOSTS;
  for (const [place, us] of shown.byTime ? even : shown.lanes.times) {
    const [x, text] = [at.start(place, us), `${(us / 1000).toFixed(3)} ms`];
    if (x < free) continue;
    pen.fillRect(x, 0, 0.5, height + 3);
    pen.fillText(text, x + 2, height + 12);
    free = x + pen.measureText(text).width + 12;
  }
}

// ---- the mouse

function underMouse(event) {
  const { left, top } = by("lanes-canvas").getBoundingClientRect();
  const { lanes } = shown;
  const host = Math.floor((event.clientY - top) / HOST);
  const x = event.clientX - left;
  const part = (x - HOSTS) / (lanes.width - HOSTS - 4);
  let place = Math.floor(lanes.from + part * (lanes.to - lanes.from));
  if (shown.byTime) {
    const us = lanes.us[0] + part * (lanes.us[1] - lanes.us[0]);
    place = lanes.from;
    for (const [, from, to, fromUs, toUs] of lanes.spans) {
      const passed = toUs > us ? (us - fromUs) / (toUs - fromUs) : 1;
      if (fromUs <= us) place = Math.max(place, from + Math.floor(passed * (to - 1 - from)));
    }
  }
  place = Math.max(lanes.from, Math.min(lanes.to - 1, place));
  return { host: host >= 0 && host < shown.status.hosts.length ? host : null, place, isName: x < HOSTS };
}

// One question at a time; of what the mouse said meanwhile, the last counts.
let wanted = null;
let isGoing = false;
let pressedAt = NaN; // where a drag may begin

const goSoon = acts(async (place) => {
  wanted = place;
  if (isGoing) return;
  isGoing = true;
  try {
    while (wanted !== null) {
      const next = wanted;
      wanted = null;
      await go(next);
    }
  } finally {
    isGoing = false;
  }
});

by("lanes-canvas").addEventListener("pointerdown", (event) => {
  if (!shown.lanes || event.button !== 0) return;
  const { host, place, isName } = underMouse(event);
  if (isName) {
    if (host !== null) hold(shown.host === host ? null : host);
    return;
  }
  by("lanes-canvas").setPointerCapture(event.pointerId);
  pressedAt = event.clientX;
  if (host === null) goSoon(place + 1);
  else acts(toLane)(host, 0, place + 1);
});
by("lanes-canvas").addEventListener("pointermove", (event) => {
  if (event.buttons !== 1 || !shown.lanes || !by("lanes-canvas").hasPointerCapture(event.pointerId)) return;
  // A hand that trembles does not drag.
  if (Math.abs(event.clientX - pressedAt) < 4) return;
  pressedAt = NaN;
  goSoon(underMouse(event).place + 1);
});
by("lanes-canvas").addEventListener("wheel", (event) => {
  event.preventDefault();
  if (!shown.lanes) return;
  const { next } = shown.status;
  const { from, size } = shown.view;
  const { place } = underMouse(event);
  const grown = event.deltaY > 0 ? Math.ceil(size * 1.3) : Math.floor(size / 1.3);
  const now = Math.min(next, Math.max(10, grown));
  shown.view = { size: now, from: Math.round(place - ((place - from) * now) / Math.max(1, size)) };
  draw();
}, { passive: false });

by("by-time").addEventListener("click", byTime);

// ---- other files

const openFiles = acts(async (files) => {
  if (!recorded()) throw new Error("This page is of a server that runs. Files are shown by: server --show FILE");
  const form = new FormData();
  for (const file of files) if (file.name.endsWith(".jsonl")) form.append("file", file, file.name);
  if (![...form.keys()].length) throw new Error("There is no recording among the files: the name of one ends in .jsonl.");
  const headers = { "x-treadle-inspect": "1" };
  const answer = await fetch(address("/open"), { method: "POST", headers, body: form });
  if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).detail ?? `status ${answer.status}`);
  take(await answer.json());
  draw();
});

// The files that were dropped, and those in folders that were dropped.
async function droppedFiles(items) {
  const entries = [...items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  const files = [];
  const read = (entry) => new Promise((done, fail) => entry.file(done, fail));
  const list = (reader) => new Promise((done, fail) => reader.readEntries(done, fail));
  for (const entry of entries) {
    if (entry.isFile) files.push(await read(entry));
    if (!entry.isDirectory) continue;
    const reader = entry.createReader();
    // A browser gives a hundred at a time.
    for (let some = await list(reader); some.length > 0; some = await list(reader)) {
      for (const inner of some) if (inner.isFile) files.push(await read(inner));
    }
  }
  return files;
}

for (const id of ["choose-files", "choose-folder"]) {
  by(id).addEventListener("change", async () => {
    by(id).blur(); // the keys are the page's again
    await openFiles([...by(id).files]);
    by(id).value = "";
  });
  by(id).addEventListener("cancel", () => by(id).blur());
}
addEventListener("dragover", (event) => event.preventDefault());
addEventListener("drop", (event) => {
  event.preventDefault();
  const files = droppedFiles(event.dataTransfer.items);
  acts(async () => openFiles(await files))();
});
