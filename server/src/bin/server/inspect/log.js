// ---- the log: only the lines in sight are on the page

function drawLog() {
  const rows = by("rows");
  const { first, next } = shown.status;
  let { scrollTop: top, clientHeight: height } = rows;
  const whole = (next - first) * ROW;
  const wanted = shown.at === null ? endOfLog(top, height, whole) : middleOfLog(top, height);
  by("spacer").style.height = `${whole}px`;
  if (wanted !== top) rows.scrollTop = top = Math.max(0, Math.min(wanted, whole - height));
  Object.assign(rows, { shownAt: shown.at, first, whole });
  fillLog(top, height);
}

// Live, the log follows what happens, unless a person has scrolled away from its end: then its lines stay in sight.
function endOfLog(top, height, whole) {
  const rows = by("rows");
  const isReading = rows.shownAt === null && top + (rows.filled?.height ?? height) < rows.whole - ROW;
  by("log-stands").hidden = !isReading;
  return isReading ? top - (shown.status.first - rows.first) * ROW : whole;
}

// The line of the moment that is shown comes into the middle, if it is out of sight.
function middleOfLog(top, height) {
  by("log-stands").hidden = true;
  const place = (shown.at - shown.status.first) * ROW;
  const isInSight = place > top + ROW && place <= top + height;
  return shown.at === by("rows").shownAt || isInSight ? top : Math.round(place - height / 2);
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
