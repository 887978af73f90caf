"use strict";

const assert = require("node:assert");

async function join(page, name) {
  await page.type("#name", name);
  await page.click("#join button");
}

const members = (page, names) =>
  page.until(`[...document.querySelectorAll("#members li")].map((it) => it.textContent).join() === "${names}"`,
    `the members ${names}`);

async function say(page, text) {
  await page.type("#text", text);
  await page.click("#say button");
}

exports["chat: two tabs hear each other"] = async ({ tab }) => {
  const [ada, eve] = [await tab("/chat"), await tab("/chat")];
  await join(ada, "ada");
  await ada.has("#state", "You are in the room as ada.");
  await join(eve, "ada");
  await eve.has("#state", "This name is taken.");
  assert.strictEqual(await eve.value("document.activeElement.id"), "name", "another name can be typed at once");
  await join(eve, "eve");
  for (const page of [ada, eve]) await members(page, "ada,eve");
  await say(ada, "good <b>day</b>");
  await say(eve, "and to you");
  for (const page of [ada, eve]) {
    await page.has("#log", "ada: good <b>day</b>");
    await page.has("#log", "eve: and to you");
  }
  await eve.click("#leave");
  await eve.has("#state", "You have left the room.");
  await members(ada, "ada");
  await ada.has("#log", "eve has left");
};

exports["chat: both come back after the program was started again"] = async ({ program, tab }) => {
  const pages = [await tab("/chat"), await tab("/chat")];
  await join(pages[0], "ada");
  await join(pages[1], "eve");
  for (const page of pages) await members(page, "ada,eve");
  await program.stop();
  for (const page of pages) await page.has("#state", "The connection has ended");
  await program.start();
  await pages[0].has("#state", "You are in the room as ada.");
  await pages[1].has("#state", "You are in the room as eve.");
  for (const page of pages) await members(page, "ada,eve");
  await say(pages[1], "here again");
  for (const page of pages) await page.has("#log", "eve: here again");
};
