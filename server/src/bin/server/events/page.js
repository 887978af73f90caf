// The page of the events: shows the ticks and the connection's state, and comes back after a cut.
"use strict";

const MOST_LINES = 100;
const AWAY = 5000; // milliseconds
const LONGEST_WAIT = 30000;
const SOON = 300; // what comes so soon after the connection was opened again was missed

const find = (id) => document.getElementById(id);
let source = null;
let last = ""; // the id of the last tick
let ticks = 0;
let missed = 0; // ticks that came late
let back = 0; // when the connection was opened again, in milliseconds since 1970
let wait = 1000; // before the next attempt, if the server has refused

function connect() {
  say("being opened");
  const query = last ? `?after=${encodeURIComponent(last)}` : "";
  source = new EventSource(`/events${query}`);
  source.onopen = () => {
    wait = 1000;
    back = last ? Date.now() : 0;
    say("open");
    find("cut").disabled = false;
  };
  source.onmessage = (event) => {
    last = event.lastEventId;
    tick(JSON.parse(event.data));
  };
  source.addEventListener("gap", (event) => gap(JSON.parse(event.data)));
  source.onerror = failed;
}

// A browser connects again by itself, unless the server has refused: then it gives up.
function failed() {
  if (source.readyState === EventSource.CONNECTING) {
    say("broken; the browser opens it again");
    return;
  }
  say(`refused; next attempt in ${Math.round(wait / 1000)} s`);
  setTimeout(connect, wait);
  wait = Math.min(2 * wait, LONGEST_WAIT);
}

function say(state) {
  find("state").textContent = state;
}

function tick({ number, at }) {
  ticks += 1;
  const isLate = Date.now() - back < SOON;
  if (isLate) missed += 1;
  add(`${number}`, new Date(at).toLocaleTimeString() + (isLate ? " – missed, and sent now" : ""));
  find("counts").textContent = `${ticks} ticks, ${missed} of them after a cut.`;
}

function gap({ missed }) {
  add("gap", missed === null ? "the server was started again" : `${missed} ticks are missing`);
}

function add(title, text) {
  const item = document.createElement("li");
  const name = document.createElement("b");
  name.textContent = title;
  item.append(name, " ", text);
  const log = find("log");
  log.prepend(item);
  while (log.children.length > MOST_LINES) log.lastChild.remove();
}

find("cut").addEventListener("click", () => {
  source.close();
  find("cut").disabled = true;
  say(`cut; it is opened again in ${AWAY / 1000} s`);
  setTimeout(connect, AWAY);
});

find("cut").disabled = true;
connect();
