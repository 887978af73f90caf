// ---- keys, buttons

by("pause").addEventListener("click", pause);
by("step").addEventListener("click", step);
by("resume").addEventListener("click", resume);
by("longer").addEventListener("click", holdLonger);
by("live").addEventListener("click", live);
by("keep").addEventListener("click", () => keep());
for (const [id, way, whole] of [["poll-before", -1, true], ["event-before", -1, false], ["event-after", 1, false], ["poll-after", 1, true]]) {
  by(id).addEventListener("click", () => move(way, whole));
}
by("to-cause").addEventListener("click", () => toSender());
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
    k: () => (recorded() ? undefined : keep()),
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
addEventListener("hashchange", follow);
listen();
const wait = setInterval(() => {
  if (!shown.status) return;
  clearInterval(wait);
  follow();
}, 50);
