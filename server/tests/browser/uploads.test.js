"use strict";

const assert = require("node:assert");
const fs = require("node:fs");
const path = require("node:path");
const { until } = require("./wait.js");

// Text of some length, none of it like the rest.
function file(scratch, name, bytes) {
  const made = path.join(scratch, name);
  let text = "";
  for (let n = 0; text.length < bytes; n += 1) text += `${n} warp and weft\n`;
  fs.writeFileSync(made, text.slice(0, bytes));
  return made;
}

const slow = (page) => page.send("Network.emulateNetworkConditions",
  { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 1 << 20 });

const isEmpty = (page) => page.until('document.querySelectorAll("#rows tr").length === 0', "an empty list");

exports["uploads: progress, listing, download, deletion"] = async ({ program, browser, scratch, tab }) => {
  const page = await tab("/uploads");
  const sent = file(scratch, "cloth.txt", 1500000);
  await slow(page);
  await page.value(`window.seen = new Set(); new MutationObserver(() => seen.add(progress.value))
    .observe(progress, { attributes: true })`);
  await page.choose("#files", [sent]);
  await page.click("#upload button");
  await page.until("!progress.hidden", "the bar of the progress");
  await page.until("[...seen].filter((it) => it > 0 && it < 1).length >= 2", "two steps of the progress");
  await page.has("#state", "Kept: cloth.txt");
  assert.ok(await page.value("progress.hidden"), "the bar is gone");
  await page.has("#rows", "cloth.txt\ttext/plain\t1.4 MiB");

  const folder = path.join(scratch, "downloads");
  await browser.send("Browser.setDownloadBehavior", { behavior: "allow", downloadPath: folder, eventsEnabled: true });
  let isDone = false;
  browser.listen("", (method, { state }) => {
    if (method === "Browser.downloadProgress" && state === "completed") isDone = true;
  });
  await page.click("#rows a");
  await until(() => isDone, "the end of the download");
  assert.ok(fs.readFileSync(path.join(folder, "cloth.txt")).equals(fs.readFileSync(sent)), "the same bytes");

  await page.click("#rows button");
  await page.has("#state", "Deleted: cloth.txt");
  await isEmpty(page);
  assert.strictEqual((await fetch(`${program.base}/uploads/cloth.txt`)).status, 404);
};

exports["uploads: one that is cancelled leaves nothing"] = async ({ program, scratch, tab }) => {
  const page = await tab("/uploads");
  const before = program.files("uploads").length;
  await slow(page);
  await page.choose("#files", [file(scratch, "long.txt", 8000000)]);
  await page.click("#upload button");
  await until(() => program.files("uploads").length > before, "a file that is being written");
  await page.click("#cancel");
  await page.has("#state", "Cancelled. Nothing was kept.");
  await isEmpty(page);
  await until(() => program.files("uploads").length === before, "the end of the file that was being written");
};

exports["uploads: a refusal is said in words"] = async ({ scratch, tab }) => {
  const page = await tab("/uploads");
  const false_ = path.join(scratch, "picture.png");
  fs.writeFileSync(false_, "no picture at all");
  await page.choose("#files", [false_]);
  await page.click("#upload button");
  await page.has("#state", "picture.png");
  await isEmpty(page);
};
