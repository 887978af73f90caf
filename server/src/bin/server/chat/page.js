// The page of the chat: joins the room, shows what is said, and comes back when the connection breaks.
"use strict";

const TAKEN = 4409;
const MOST_LINES = 200;
const LONGEST_WAIT = 30000; // milliseconds

const find = (id) => document.getElementById(id);
let socket = null;
let name = "";
let members = new Set();
let wait = 1000; // before the next attempt, in milliseconds
let timer = null;
let wasIn = false; // this name has been in the room

function say(state) {
  find("state").textContent = state;
}

function connect() {
  timer = null;
  say("Connecting …");
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const mine = new WebSocket(`${scheme}://${location.host}/ws/chat?name=${encodeURIComponent(name)}`);
  socket = mine;
  mine.onmessage = (event) => hear(JSON.parse(event.data));
  mine.onclose = (event) => {
    if (mine === socket) closed(event);
  };
}

function hear(message) {
  if (message.kind === "history") {
    wait = 1000;
    wasIn = true;
    members = new Set(message.members);
    find("log").replaceChildren();
    message.lines.forEach(show);
    find("room").hidden = false;
    find("join").hidden = true;
    say(`You are in the room as ${name}.`);
    find("text").focus();
  } else if (message.kind === "refused") {
    say(message.text);
  } else {
    if (message.kind === "join") members.add(message.name);
    if (message.kind === "leave") members.delete(message.name);
    show(message);
  }
  list();
}

function show(line) {
  const log = find("log");
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
  const item = document.createElement("li");
  const time = document.createElement("time");
  time.dateTime = new Date(line.at).toISOString();
  time.textContent = new Date(line.at).toLocaleTimeString();
  const who = document.createElement("b");
  who.textContent = line.name;
  const words = { join: " has joined", leave: " has left", say: `: ${line.text}` };
  item.className = line.kind;
  item.append(time, " ", who, words[line.kind] ?? "");
  log.append(item);
  while (log.children.length > MOST_LINES) log.firstChild.remove();
  if (atEnd) log.scrollTop = log.scrollHeight;
}

function list() {
  const items = [...members].sort().map((member) => {
    const item = document.createElement("li");
    item.textContent = member;
    return item;
  });
  find("members").replaceChildren(...items);
  find("count").textContent = `(${members.size})`;
}

function closed(event) {
  socket = null;
  if (event.code === TAKEN && !wasIn) {
    outside("This name is taken. Choose another one.");
    find("name").focus();
    return;
  }
  const why = event.reason ? ` (${event.reason})` : "";
  say(`The connection has ended${why}. Next attempt in ${Math.round(wait / 1000)} s.`);
  timer = setTimeout(connect, wait);
  wait = Math.min(2 * wait, LONGEST_WAIT);
}

function outside(state) {
  clearTimeout(timer);
  wasIn = false;
  wait = 1000;
  find("room").hidden = true;
  find("join").hidden = false;
  say(state);
}

find("join").addEventListener("submit", (event) => {
  event.preventDefault();
  name = find("name").value.trim();
  clearTimeout(timer);
  if (name) connect();
});

find("say").addEventListener("submit", (event) => {
  event.preventDefault();
  if (socket?.readyState !== WebSocket.OPEN) {
    say("Not connected: the message was not sent.");
    return;
  }
  socket.send(find("text").value);
  find("text").value = "";
});

find("leave").addEventListener("click", () => {
  const mine = socket;
  socket = null;
  mine?.close(1000);
  outside("You have left the room.");
});
