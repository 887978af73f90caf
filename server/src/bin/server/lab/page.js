// The lab's page: a stream of events moves the pictures, buttons send calls, sliders set knobs.
"use strict";

const SVG = "http://www.w3.org/2000/svg";
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const connection = document.getElementById("connection");

// Puts the shapes into the picture. A shape that was there before is changed, so that it can move.
function draw(picture, shapes) {
  shapes.forEach(([tag, name, attributes, text], place) => {
    let shape = picture.children[place];
    if (shape?.tagName !== tag) {
      const fresh = document.createElementNS(SVG, tag);
      if (shape) shape.replaceWith(fresh);
      else picture.append(fresh);
      shape = fresh;
    }
    shape.setAttribute("class", name);
    for (const [key, value] of Object.entries(attributes)) shape.setAttribute(key, value);
    if (text !== undefined) shape.textContent = text;
  });
  while (picture.children.length > shapes.length) picture.lastChild.remove();
}

// A screen reader reads a sentence to its end: so it changes only every few seconds.
const PAUSE = 4000;
const saidAt = new Map();
function say(section, text) {
  const place = section.querySelector(".says");
  if (place.textContent === text || performance.now() - (saidAt.get(section) ?? -PAUSE) < PAUSE) return;
  saidAt.set(section, performance.now());
  place.textContent = text;
}

function show(pictures, state) {
  for (const [name, picture] of Object.entries(pictures)) {
    const section = document.getElementById(name);
    const { shapes, says } = picture(state[name]);
    draw(section.querySelector("svg"), shapes);
    say(section, says);
    for (const knob of section.querySelectorAll("input[data-settings]")) follow(knob, state[name]);
  }
}

// A knob shows what any visitor has set, except while this visitor moves it.
function follow(knob, state) {
  knob.disabled = false;
  if (knob.dataset.moving) return;
  knob.value = state[knob.name];
  knob.parentElement.querySelector(".value").textContent = state[knob.name];
}

// What the server says of a request: its own sentence, and the status.
async function ask(url, options) {
  try {
    const response = await fetch(url, { method: "POST", ...options });
    const answer = await response.json();
    return `${response.status}: ${answer.said ?? answer.detail ?? "It is set."}`;
  } catch {
    return "The server did not answer.";
  }
}

for (const section of document.querySelectorAll("section")) {
  const answer = section.querySelector(".answer");
  section.querySelector("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = event.submitter;
    answer.textContent = `${button.textContent}: under way.`;
    answer.textContent = `${button.textContent}: ${await ask(button.formAction)}`;
  });
  for (const knob of section.querySelectorAll("input[data-settings]")) {
    knob.addEventListener("input", () => {
      knob.dataset.moving = "yes";
      knob.parentElement.querySelector(".value").textContent = knob.value;
    });
    knob.addEventListener("change", async () => {
      const body = JSON.stringify({ [knob.name]: Number(knob.value) });
      answer.textContent = await ask(knob.dataset.settings, { headers: { "Content-Type": "application/json" }, body });
      delete knob.dataset.moving;
    });
  }
}

// A browser connects again by itself, unless the server has refused, because too many watch: then it
// gives up.
const AGAIN = 5000; // milliseconds
function connect(pictures) {
  let shownAt = 0;
  const live = new EventSource("/lab/live");
  live.addEventListener("open", () => { connection.textContent = "The pictures are live."; });
  live.addEventListener("error", () => {
    const refused = live.readyState === EventSource.CLOSED;
    connection.textContent = `${refused ? "There is no room for a viewer." : "The connection is lost."} The page tries again in a moment.`;
    if (refused) setTimeout(connect, AGAIN, pictures);
  });
  live.addEventListener("message", (event) => {
    // Who asked for less motion gets a picture every two seconds, without movement between them.
    const now = performance.now();
    if (calm.matches && now - shownAt < 2000) return;
    shownAt = now;
    show(pictures, JSON.parse(event.data));
  });
}

import("/assets/lab-pictures.js").then(({ pictures }) => connect(pictures));
