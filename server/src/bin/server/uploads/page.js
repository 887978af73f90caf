// The page of the uploads: sends files and shows how far they are, lists them, deletes them.
"use strict";

const find = (id) => document.getElementById(id);
let request = null;

function say(text) {
  find("state").textContent = text;
}

function size(bytes) {
  const units = ["bytes", "KiB", "MiB", "GiB"];
  let unit = 0;
  while (bytes >= 1024 && unit + 1 < units.length) {
    bytes /= 1024;
    unit += 1;
  }
  return `${Number(bytes.toFixed(1))} ${units[unit]}`;
}

find("upload").addEventListener("submit", (event) => {
  event.preventDefault();
  if (request) return;
  request = new XMLHttpRequest();
  request.open("POST", "/upload");
  request.setRequestHeader("Accept", "application/json");
  request.upload.onprogress = ({ loaded, total }) => {
    find("progress").value = total ? loaded / total : 0;
    say(`${size(loaded)} of ${size(total)} sent`);
  };
  request.onload = () => ended(answer(request));
  request.onerror = () => ended("The connection broke. Nothing was kept.");
  request.onabort = () => ended("Cancelled. Nothing was kept.");
  busy(true);
  request.send(new FormData(find("upload")));
});

find("cancel").addEventListener("click", () => request?.abort());

// What the server said, in words.
function answer({ status, responseText }) {
  if (status === 201) {
    find("upload").reset();
    return `Kept: ${JSON.parse(responseText).files.map((file) => file.name).join(", ")}`;
  }
  return problem(status, responseText);
}

function problem(status, text) {
  try {
    return JSON.parse(text).detail;
  } catch {
    return `The server answered ${status}.`;
  }
}

function ended(text) {
  request = null;
  busy(false);
  say(text);
  list();
}

function busy(is) {
  find("progress").hidden = !is;
  find("progress").value = 0;
  find("cancel").hidden = !is;
}

async function list() {
  try {
    const answer = await fetch("/uploads", { headers: { Accept: "application/json" } });
    const { files } = await answer.json();
    find("rows").replaceChildren(...files.map(row));
    find("count").textContent = `(${files.length})`;
  } catch {
    say("The list could not be loaded.");
  }
}

function row(file) {
  const line = document.createElement("tr");
  const link = document.createElement("a");
  link.href = file.url;
  link.textContent = file.name;
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Delete";
  button.setAttribute("aria-label", `Delete ${file.name}`);
  button.addEventListener("click", () => remove(file));
  for (const content of [link, file.type, size(file.size), button]) {
    const cell = document.createElement("td");
    cell.append(content);
    line.append(cell);
  }
  return line;
}

async function remove(file) {
  try {
    const answer = await fetch(file.url, { method: "DELETE" });
    say(answer.ok ? `Deleted: ${file.name}` : problem(answer.status, await answer.text()));
  } catch {
    say("The connection broke.");
  }
  list();
  find("files").focus();
}

list();
