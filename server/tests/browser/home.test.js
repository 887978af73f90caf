"use strict";

const assert = require("node:assert");
const { fill } = require("./viewers.js");

exports["home: the counters move"] = async ({ program, tab }) => {
  const page = await tab("/");
  const number = (id) => page.value(`Number(document.getElementById("${id}").textContent.replace(/\\D/g, ""))`);
  const isThere = 'document.querySelector("#live #requests").textContent.match(/[0-9]/)';
  await page.until(`Boolean(${isThere})`, "the first count of the requests");
  const [requests, uptime] = [await number("requests"), await page.text("#live #uptime")];
  assert.ok(await number("connections") >= 1, "the browser's own connection is counted");
  for (let n = 0; n < 7; n += 1) await fetch(`${program.base}/api/data`);
  const count = 'Number(document.getElementById("requests").textContent.replace(/\\D/g, ""))';
  await page.until(`${count} >= ${requests + 7}`, "seven more requests");
  await page.until(`document.getElementById("uptime").innerText !== ${JSON.stringify(uptime)}`, "a later uptime");
};

exports["home: the echo sends the text there and back"] = async ({ tab }) => {
  const page = await tab("/");
  await page.type("form[action='/api/echo'] textarea", "wårp <b>");
  await page.click("form[action='/api/echo'] button");
  await page.until('location.pathname === "/api/echo" && document.body.innerText.trim() === "text=wårp <b>"');
};

exports["home: a form that is sent is confirmed on a page"] = async ({ tab }) => {
  const page = await tab("/");
  await page.type("form[action='/submit'] input", "Ada <b>");
  await page.click("form[action='/submit'] button");
  await page.until('location.pathname === "/submit" && document.querySelector("main").innerText.includes("Ada <b>")');
};

exports["home: a page for which there was no room comes in later"] = async ({ program, tab }) => {
  const leave = await fill(`${program.base}/api/live`, 200);
  const page = await tab("/");
  await page.has("#pulse", "The server sends no numbers");
  leave();
  await page.until('/[0-9]/.test(document.getElementById("requests").textContent)', "the numbers");
};
