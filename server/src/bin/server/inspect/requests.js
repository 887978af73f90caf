// ---- requests

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
      shown.requests = await (await ask("/requests", { ...focus(), ...filter() })).json();
    }
  } finally {
    isAsking = false;
  }
  drawRequests();
});


// Under way means: at the moment that is shown.
function filter() {
  const [what, status, open] = [by("what").value, by("status").value, by("open").checked];
  const slower = Math.min(1e9, Math.max(0, Math.round(Number(by("slower").value) || 0)));
  return { what, status, slower, open, ...(isPast() ? { at: shown.at } : {}) };
}

const isPast = () => shown.moment !== null && shown.at < shown.status.next;

// A head has the number of its request.
const keyOf = ({ task, scope, id }) => `${task} ${scope} ${id}`;
const isPicked = (request) => shown.request !== null && keyOf(shown.request) === keyOf(request);

// The request that is picked stays, also when newer ones or the filter have left it out.
function listed() {
  const { requests } = shown.requests;
  const picked = requests.find(isPicked);
  if (!shown.request || picked) shown.request = picked ?? null;
  return picked || !shown.request ? requests : [shown.request, ...requests];
}

// In the past, what was under way then is marked; what is in no account any more, or is no request, stands below.
function drawRequests() {
  if (!shown.requests) return;
  const then = isPast() ? shown.moment.state.underWay : null;
  by("request-count").textContent = then ? `${then.length} under way at this moment` : `${shown.requests.open} under way`;
  const marked = new Set(then?.map(keyOf));
  const rows = new Set(listed().map(keyOf));
  const others = (then ?? []).filter((work) => !rows.has(keyOf(work)));
  const each = listed().flatMap((it) => (isPicked(it) ? [{ row: it }, { way: it }] : [{ row: it }]));
  const make = ({ row, way, work }) => (row ? requestRow(row, marked.has(keyOf(row))) : way ? wayRow(way) : workRow(work));
  const more = ({ row }) => row && [isPicked(row), marked.has(keyOf(row))];
  fill(by("requests").querySelector("tbody"), [...each, ...others.map((work) => ({ work }))], make, more);
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

function requestRow(request, isUnderWay) {
  const row = element("tr");
  row.dataset.request = keyOf(request);
  row.classList.toggle("picked", isPicked(request));
  row.classList.toggle("under-way", isUnderWay);
  const bar = element("div", "", "bar");
  for (const part of request.parts) {
    const piece = element("span", "", part.isChild ? `${part.kind} child` : part.kind);
    piece.style.flexGrow = Math.max(part.us, 1);
    piece.title = part.text;
    const toPiece = acts(() => {
      pick(request);
      return go(part.seq + 1);
    });
    bar.append(pressed(piece, toPiece));
  }
  const parts = cell("");
  parts.append(bar);
  const status = request.status ?? (request.isOver ? request.last : "…");
  row.append(cell(`#${request.id} ${request.asked}`), cell(request.route ?? request.refused ?? ""), cell(status), cell(request.time, "number"), parts);
  return pressed(row, () => pick(isPicked(request) ? null : request));
}

// The rows are made anew meanwhile, so the second press of a double click may meet another element than the first.
by("requests").addEventListener("mousedown", (event) => {
  const key = event.detail === 2 && !recorded() && event.target.closest?.("tr")?.dataset.request;
  const request = key && listed().find((it) => keyOf(it) === key);
  if (request) keep(request.parts[0].seq);
});

function pick(request) {
  shown.request = request;
  choose(request && `task ${request.task}`);
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
