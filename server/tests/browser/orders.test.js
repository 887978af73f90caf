"use strict";

const ROW = '[...document.querySelectorAll("#orders tr")].find((it) => it.cells[1].innerText === "Grace")';
const is = (page, status) => page.until(`${ROW}?.cells[4].innerText === "${status}"`, `an order that is ${status}`);

exports["orders: one is accepted, processed, shipped and delivered"] = async ({ tab }) => {
  const page = await tab("/orders/page");
  await page.type('[name="customer"]', "Grace");
  await page.type('[name="quantity"]', "2");
  await page.click("#new button");
  await page.has("#said", "is accepted");
  await is(page, "processing");
  const id = await page.value(`${ROW}.cells[0].innerText`);
  for (const status of ["shipped", "delivered"]) {
    await page.press(`[aria-label="Order ${id}: ${status}"]`);
    await page.has("#said", `Order ${id} is ${status}`);
    await is(page, status);
    const kept = 'document.activeElement.getAttribute("aria-label") === "Orders"';
    await page.until(kept, "the focus on the list, whose button is gone");
  }
  await page.has("#counts", "0 wait, 0 run, 0 are dead letters");
};
