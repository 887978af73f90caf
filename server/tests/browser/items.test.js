"use strict";

const ROW = '[...document.querySelectorAll("#items tr")].find((it) => it.cells[1].innerText === "wool")';
const isRow = (page, quantity, version) =>
  page.until(`${ROW}?.innerText.includes("wool\\t${quantity}\\t${version}")`, `wool: ${quantity}, version ${version}`);

exports["items: add, a change that comes too late, delete"] = async ({ program, tab }) => {
  const [first, second] = [await tab("/items/page"), await tab()];
  await first.type('#new [name="name"]', "wool");
  await first.type('#new [name="quantity"]', "5");
  await first.click("#new button");
  await first.has("#said", "wool is added");
  await isRow(first, 5, 1);
  await second.go(program.base + "/items/page");
  await isRow(second, 5, 1);

  await first.click('[aria-label="One more wool"]');
  await isRow(first, 6, 2);
  await second.click('[aria-label="One more wool"]');
  await second.has("#said", "412: ");
  await isRow(second, 6, 2);
  await second.click('[aria-label="One wool less"]');
  await isRow(second, 5, 3);

  await second.click('[aria-label="Delete wool"]');
  await second.has("#said", "wool is deleted");
  await second.until(`!${ROW}`, "the end of the row");
  await first.click('[aria-label="Delete wool"]');
  await first.has("#said", "404: ");
  await first.until(`!${ROW}`, "the end of the row");
};

exports["items: with the keyboard, the focus is not lost"] = async ({ program, tab }) => {
  const json = { "Content-Type": "application/json" };
  await fetch(`${program.base}/items`, { method: "POST", headers: json, body: '{"name": "wool", "quantity": 1}' });
  const page = await tab("/items/page");
  const focus = (label) => page.until(`document.activeElement.getAttribute("aria-label") === "${label}"`,
    `the focus on "${label}"`);
  await isRow(page, 1, 1);
  await page.press('[aria-label="One more wool"]');
  await isRow(page, 2, 2);
  await focus("One more wool");
  await page.key("Enter");
  await isRow(page, 3, 3);
  await focus("One more wool");
  await page.press('[aria-label="Delete wool"]');
  await page.until(`!${ROW}`, "the end of the row");
  await focus("All items");
};
