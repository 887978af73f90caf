// The pictures of the lab. Each function takes a demo's state, and gives a list of shapes and a
// sentence that says the same in words. A shape is [tag, class, attributes, text].

const square = (name, x, y, size = 26) =>
  ["rect", name, { x, y, width: size, height: size, rx: 4 }];
const circle = (name, cx, cy, r = 8) => ["circle", name, { cx, cy, r }];
const line = (x1, y1, x2, y2, name = "wire") => ["line", name, { x1, y1, x2, y2 }];
const bar = (name, x, y, width, height = 10) => ["rect", name, { x, y, width: Math.max(0, width), height, rx: 3 }];
const words = (x, y, text, anchor = "start") => ["text", "", { x, y, "text-anchor": anchor }, text];
const many = (number, make) => Array.from({ length: number }, (_, place) => make(place));

function rate(state) {
  const tokens = many(state.capacity, (n) =>
    circle(n < state.tokens ? "good" : "free", 34 + (n % 5) * 24, 104 - Math.floor(n / 5) * 24, 9));
  return {
    shapes: [
      ["path", "wire", { d: "M14 14v106h136V14" }],
      ...tokens,
      words(180, 40, `${state.tokens} tokens of ${state.capacity}`),
      words(180, 65, `${state.allowed} calls allowed`),
      words(180, 90, `${state.refused} calls refused`),
      words(180, 115, `${state.per_second} tokens a second`),
    ],
    says: `${state.tokens} of ${state.capacity} tokens. ${state.allowed} calls were allowed, ${state.refused} refused.`,
  };
}

function shed(state) {
  return {
    shapes: [
      words(14, 24, "at work"),
      ...many(Math.max(state.slots, state.running), (n) =>
        square(n < state.running ? "good" : "free", 14 + n * 34, 32)),
      words(14, 86, "in the queue"),
      ...many(Math.max(state.max_waiting, state.waiting), (n) =>
        circle(n < state.waiting ? "waits" : "free", 24 + n * 20, 102)),
      words(290, 50, `${state.done} done`),
      words(290, 108, `${state.shed} shed`),
    ],
    says: `${state.running} of ${state.slots} slots are at work, ${state.waiting} calls wait. ${state.done} are done, ${state.shed} were shed.`,
  };
}

function bulkhead(state) {
  const lane = (y, name, busy, { running, waiting }, places) => [
    words(14, y - 4, `${name}: ${running} at work, ${waiting} waiting`),
    ...many(state.max_waiting, (n) =>
      circle(n < waiting ? "waits" : "free", 24 + (state.max_waiting - 1 - n) * 20, y + 18)),
    ...many(Math.max(places, running), (n) => square(n < running ? busy : "free", 170 + n * 34, y + 5)),
  ];
  const { high, low } = state;
  return {
    shapes: [
      ...lane(24, "high priority", "good", high, state.places - low.running),
      line(14, 66, 386, 66),
      ...lane(88, "low priority", "bad", low, state.low_share),
    ],
    says: `High priority: ${high.running} at work, ${high.waiting} waiting. Low priority: ${low.running} at work of ${state.low_share}, ${low.waiting} waiting. ${state.refused} were refused.`,
  };
}

function breaker(state) {
  const at = { closed: 70, open: 200, "half-open": 330 };
  const names = Object.keys(at);
  const lamp = (name) => {
    const lit = name === "open" ? "bad" : name === "closed" ? "good" : "waits";
    return circle(name === state.state ? lit : "free", at[name], 44, 18);
  };
  const x = at[state.state];
  const rest = state.rest_ms / state.whole_rest_ms;
  return {
    shapes: [
      line(70, 44, 200, 44), line(200, 44, 330, 44),
      ["path", "wire", { d: "M70 44C70 -6 330 -6 330 44" }],
      ...names.map((name) => circle("ground", at[name], 44, 18)),
      ...names.map(lamp),
      ...names.map((name) => words(at[name], 80, name, "middle")),
      ["path", "needle", { d: `M${x} 84l-7 12h14z` }],
      bar("free", 95, 104, 120), bar("bad", 95, 104, 120 * rest),
      ...many(state.threshold, (n) => circle(n < state.failures ? "bad" : "free", 20 + n * 20, 109, 7)),
      words(386, 114, `${state.done} ok, ${state.refused} refused`, "end"),
    ],
    says: `The breaker is ${state.state}${state.rest_ms ? ` for ${Math.ceil(state.rest_ms / 1000)} more seconds` : ""}. ${state.done} calls went well, ${state.failed} failed, ${state.refused} were refused.`,
  };
}

function retry(state) {
  const x = (ms) => 20 + (ms / 3400) * 290;
  const row = (run, place) => {
    const y = 16 + place * 20;
    const last = run.attempts.at(-1);
    const end = last ? x(last.at_ms) : 20;
    const word = !run.has_ended ? "…" : last && !last.has_failed ? "went well" : "gave up";
    return [
      line(20, y, end, y),
      ...run.attempts.map((it) => circle(it.has_failed ? "bad" : "good", x(it.at_ms), y, 6)),
      words(390, y + 5, word, "end"),
    ];
  };
  return {
    shapes: state.recent.flatMap(row),
    says: `${state.done} calls went well in the end, ${state.given_up} gave up after five attempts.`,
  };
}

function supervisor(state) {
  const looks = { running: "good", pausing: "waits", stopped: "bad" };
  const worker = (it, place) => {
    const x = 50 + place * 130;
    return [
      line(200, 30, x + 20, 62),
      square("ground", x, 58, 38), square(looks[it.state], x, 58, 38),
      words(x + 19, 114, `${it.state}, ${it.restarts}×`, "middle"),
    ];
  };
  const used = many(state.max_restarts, (n) =>
    circle(n < state.recent_restarts ? "bad" : "free", 240 + n * 20, 20));
  const counts = state.workers.map((it, n) => `Worker ${n + 1} is ${it.state}, restarted ${it.restarts} times.`);
  return {
    shapes: [
      ...state.workers.flatMap(worker),
      square("ground", 185, 6, 30), square(state.has_given_up ? "bad" : "good", 185, 6, 30),
      words(172, 26, state.has_given_up ? "has given up" : "supervisor", "end"),
      ...used,
    ],
    says: `${state.has_given_up ? "The supervisor has given up. " : ""}${counts.join(" ")}`,
  };
}

function cancel(state) {
  const looks = { running: "good", "tidying-up": "waits", cancelled: "bad", done: "done" };
  const branch = (it, place) => {
    const x = 70 + place * 130;
    const leaf = (leaf, n) => {
      const cx = x + (n - 1) * 36;
      return [
        line(x, 56, cx, 92), circle("ground", cx, 92, 12), circle(looks[leaf.state], cx, 92, 12),
        words(cx, 122, leaf.steps ?? "✓", "middle"),
      ];
    };
    return [
      line(200, 16, x, 56), ...it.leaves.flatMap(leaf),
      circle("ground", x, 56, 10), circle(it.is_cancelled ? "bad" : "good", x, 56, 10),
      words(x + 16, 54, it.name),
    ];
  };
  const told = (it) => `Branch ${it.name}: ${it.leaves.map((leaf) => leaf.state.replace("-", " ")).join(", ")}.`;
  return {
    shapes: [...state.branches.flatMap(branch), circle(state.is_running ? "good" : "done", 200, 16, 12)],
    says: state.branches.map(told).join(" "),
  };
}

export const pictures = { rate, shed, bulkhead, breaker, retry, supervisor, cancel };
