// Keeps the table of backends up to date.
"use strict";

const table = document.getElementById("backends");
const state = document.getElementById("state");
const PAUSE = 2000;

function cell(kind, text) {
  const made = document.createElement(kind);
  made.textContent = text;
  return made;
}

function row(backend) {
  const made = document.createElement("tr");
  const name = cell("th", backend.backend);
  name.scope = "row";
  const health = backend.healthy ? "healthy" : "fails";
  const rest = [health, backend.in_use, backend.idle, backend.requests, backend.failures];
  made.append(name, ...rest.map((text) => cell("td", text)));
  return made;
}

function say(text) {
  // The same words again would be read out again.
  if (state.textContent !== text) {
    state.textContent = text;
  }
}

async function refresh() {
  try {
    const response = await fetch("/proxy", { headers: { accept: "application/json" } });
    const { backends } = await response.json();
    if (backends.length > 0) {
      table.replaceChildren(...backends.map(row));
    }
    say("");
  } catch {
    say("(the server does not answer)");
  }
  setTimeout(refresh, PAUSE);
}

setTimeout(refresh, PAUSE);
