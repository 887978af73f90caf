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
  const { from, to, spans, arrows, wakes } = shown.drawing;
  const causes = chainOf(from, to);
  const chosen = shown.task === null ? [] : [shown.task];
  const named = [...new Set([...chosen, ...causes.flatMap((link) => [link.from, link.task])])];
  const others = new Set(spans.map(([task]) => task).filter((task) => !named.includes(task)));
  // The task that is chosen stands at the top, and then those of the causes.
  const first = (task) => (task === shown.task ? -1 : scrub.isUnderWay || task === 0 || named.includes(task) ? 0 : 1);
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
  paintAxis(width, ticks(from, to, width), x);
  const some = wakes > arrows.length ? `; ${wakes} wakes, ${arrows.length} arrows` : "";
  by("span").textContent = `mouse wheel: zoom; drag: move in time; a paler green: polled for less of that time${some}`;
}

// Round times that are far enough from each other for their words: `[time, words]`.
function ticks(from, to, width) {
  const least = ((to - from) * 90) / Math.max(1, width - NAMES);
  const power = 10 ** Math.max(0, Math.floor(Math.log10(least)));
  const step = [1, 2, 5, 10].map((times) => times * power).find((step) => step >= least);
  const digits = step >= 1e6 ? 0 : step >= 1e3 ? 3 : 6;
  const words = (us) => (to < 10e6 ? `${(us / 1e3).toFixed(Math.max(0, digits - 3))} ms` : `${(us / 1e6).toFixed(digits)} s`);
  const made = [];
  for (let us = Math.ceil(from / step) * step; us <= to; us += step) made.push([us, words(us)]);
  return made;
}

// The axis stays at the top while the lanes below it are scrolled.
function paintAxis(width, times, x) {
  const pen = sized(by("axis"), width, LANE);
  pen.fillStyle = getComputedStyle(document.body).color;
  pen.font = "11px system-ui";
  for (const [us, words] of times) {
    pen.fillRect(x(us), 0, 1, LANE);
    if (x(us) + pen.measureText(words).width + 3 < width) pen.fillText(words, x(us) + 3, 11);
  }
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
  const { from, to, point, spans, arrows } = shown.drawing;
  const ink = getComputedStyle(document.body).color;
  pen.font = "11px system-ui";
  for (const [task, place] of lane) {
    pen.fillStyle = ink;
    pen.fillText(task === 0 ? "sleeps" : `task ${task}`, 2, place * LANE + 12);
    pen.fillStyle = shown.task === task ? "#3584e444" : "#8881";
    pen.fillRect(NAMES, place * LANE, width, LANE - 2);
  }
  paintForgotten(pen, from, lane, x);
  pen.fillStyle = "#8883";
  for (const [us] of ticks(from, to, width)) pen.fillRect(x(us), 0, 1, lane.size * LANE);
  for (const [task, start, end, , , busy] of spans) {
    if (!lane.has(task)) continue;
    const isFaint = task === 0 || (shown.task !== null && shown.task !== task);
    pen.globalAlpha = (0.35 + (0.65 * busy) / Math.max(end - start, point, 1)) * (isFaint ? 0.4 : 1);
    pen.fillStyle = task === 0 ? "#888" : "#2a9d4a";
    pen.fillRect(x(start), lane.get(task) * LANE + 1, Math.max(1, x(end) - x(start)), LANE - 4);
  }
  pen.globalAlpha = 1;
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

// What is older than the oldest event that is kept.
function paintForgotten(pen, from, lane, x) {
  const { firstUs } = shown.status;
  if (!(firstUs > from) || recorded()) return;
  pen.fillStyle = "#8883";
  pen.fillRect(NAMES, 0, x(firstUs) - NAMES, lane.size * LANE);
  pen.fillStyle = getComputedStyle(document.body).color;
  if (x(firstUs) > NAMES + 130) pen.fillText("older: not kept any more", NAMES + 4, 12);
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
