// Every page that the navigation names, and the page of an error: what must hold for all of them.
"use strict";

const assert = require("node:assert");
const look = require("./look.js");

const NOWHERE = `/nowhere/${"x".repeat(200)}`;
const CONTROLS = ["button", "link", "textbox", "searchbox", "combobox", "slider", "spinbutton", "checkbox", "radio",
  "progressbar", "table", "img", "image"];

// What a selector's links lead to, as a browser asks for it.
async function links({ program, tab }, selector) {
  const home = await tab("/");
  const paths = await home.call((selector) => [...document.querySelectorAll(selector)]
    .map((it) => it.getAttribute("href")).filter((it) => it.startsWith("/")), selector);
  return Promise.all(paths.map(async (path) => {
    const answer = await fetch(program.base + path, { headers: { Accept: "text/html,*/*;q=0.8" } });
    await answer.body.cancel();
    return { path, status: answer.status, isPage: answer.headers.get("content-type").startsWith("text/html") };
  }));
}

// The pages of the navigation, and one of lists. The rest (metrics, say) is text for programs.
async function pages(given) {
  const found = (await links(given, "nav a")).filter((it) => it.isPage && it.status === 200).map((it) => it.path);
  assert.ok(found.includes("/") && found.length >= 8, `pages: ${found}`);
  return [...found, "/source"];
}

// Long words and much of everything: what a page must bear.
async function fill({ program }) {
  const json = { "Content-Type": "application/json" };
  const long = "W".repeat(100);
  const send = async (path, body, headers = json) => {
    const answer = await fetch(program.base + path, { method: "POST", headers, body });
    assert.ok(answer.ok, `${path}: ${answer.status} ${await answer.text()}`);
  };
  for (let n = 0; n < 12; n += 1) await send("/items", JSON.stringify({ name: `${long.slice(2)}${10 + n}`, quantity: n }));
  await send("/orders", JSON.stringify({ customer: long, product: "warp", quantity: 1 }));
  const form = new FormData();
  form.append("file", new Blob(["warp"]), `${long.slice(10)}.txt`);
  await send("/upload", form, {});
}

// Looks at each page with one check, which gives a list of faults.
function each(check, { withError = true } = {}) {
  return async (given) => {
    const faults = [];
    const tab = await given.tab();
    const all = await pages(given);
    for (const path of withError ? [...all, NOWHERE] : all) {
      const found = await check(tab, given.program.base + path, given);
      faults.push(...found.map((fault) => `${path.slice(0, 20)}: ${fault}`));
    }
    assert.deepStrictEqual(faults, []);
  };
}

// The page is there, and its script has said so, where it has one.
async function show(tab, url) {
  await tab.go(url);
  if (url.endsWith("/lab")) await tab.until('document.querySelectorAll("input:disabled").length === 0', "the knobs");
  if (url.endsWith("/events/page")) await tab.until('!document.getElementById("cut").disabled', "the button");
  if (url.endsWith("/items/page")) await tab.until("document.querySelectorAll('#items tr').length > 0", "the items");
}

exports["pages: there is something on them"] = fill;

exports["pages: each link leads somewhere"] = async (given) => {
  const all = await links(given, "a");
  assert.ok(all.length >= 10, `${all.length} links`);
  const dead = all.filter((it) => it.status !== 200 && it.path !== "/nowhere");
  assert.deepStrictEqual(dead, []);
};

exports["pages: the browser has no complaint, and loads nothing from elsewhere"] = each(async (tab, url, { program }) => {
  await show(tab, url);
  const isNowhere = url.includes("/nowhere/");
  const foreign = tab.requests.filter((it) => !it.startsWith(`${program.base}/`) && !it.startsWith("data:"));
  // The browser says of each answer above 399 that it failed: of the page of an error too.
  const faults = tab.faults.filter((it) => !(isNowhere && it.includes("404")));
  const status = tab.status === (isNowhere ? 404 : 200) ? [] : [`status ${tab.status}`];
  return [...tab.exceptions, ...faults, ...foreign.map((it) => `asks ${it}`), ...status];
});

exports["pages: a fault would be seen"] = async ({ tab }) => {
  const page = await tab("/");
  await page.value(`document.body.insertAdjacentHTML("beforeend", '<p style="color: red">')`);
  await page.until("true");
  await page.value('fetch("/nowhere").then(() => 1)');
  assert.ok(page.faults.some((it) => it.includes("Content Security Policy")), `${page.faults}`);
  assert.ok(page.faults.some((it) => it.includes("/nowhere: 404")), `${page.faults}`);
};

exports["pages: title, one h1, language, names of all controls"] = each(async (tab, url) => {
  await show(tab, url);
  const { nodes } = await tab.send("Accessibility.getFullAXTree");
  const controls = nodes.filter((it) => !it.ignored && CONTROLS.includes(it.role?.value));
  const nameless = controls.filter((it) => !it.name?.value.trim()).map((it) => `a ${it.role.value} without a name`);
  const few = controls.length < 9 ? [`only ${controls.length} controls`] : [];
  return [...(await tab.call(look.outline)), ...nameless, ...few];
});

exports["pages: the keyboard reaches everything, and the focus is seen"] = each(async (tab, url) => {
  await show(tab, url);
  const faults = [];
  const number = await tab.call(look.reachable);
  for (let n = 0; n < 2 * number + 10; n += 1) {
    await tab.key("Tab");
    const said = await tab.call(look.focused);
    if (said === "left" || said === "seen") {
      if ((await tab.call(look.unreached)).length === 0) break;
    } else if (said) faults.push(said);
  }
  const missed = await tab.call(look.unreached);
  return [...faults, ...missed.map((it) => `the keyboard does not reach ${it}`)];
});

exports["pages: no scrolling to the side on a phone"] = each(async (tab, url) => {
  await tab.size(360, 740);
  await show(tab, url);
  return tab.call(look.tooWide);
});

for (const scheme of ["light", "dark"]) {
  exports[`pages: contrast, ${scheme}`] = each(async (tab, url) => {
    await tab.scheme(scheme);
    await show(tab, url);
    return tab.call(look.faint);
  });
}

exports["pages: light and dark differ"] = async ({ tab }) => {
  const page = await tab("/");
  const paper = () => page.value("getComputedStyle(document.body).backgroundColor");
  await page.scheme("light");
  const light = await paper();
  await page.scheme("dark");
  assert.notStrictEqual(await paper(), light);
};

exports["pages: without a script they say what they are, and how to use them from a terminal"] = each(async (tab, url) => {
  await tab.send("Emulation.setScriptExecutionDisabled", { value: true });
  await tab.go(url);
  const { root } = await tab.send("DOM.getDocument");
  const { outerHTML } = await tab.send("DOM.getOuterHTML", { nodeId: root.nodeId });
  const faults = [];
  if (!/<h1>[^<]+<\/h1>/.test(outerHTML)) faults.push("no h1");
  if (!/<pre[^>]*>[^]*(curl|websocat) /.test(outerHTML)) faults.push("no command for a terminal");
  return faults;
}, { withError: false });

exports["pages: an error is a page that leads home"] = async ({ program, tab }) => {
  const page = await tab(NOWHERE);
  assert.strictEqual(page.status, 404);
  assert.strictEqual(await page.text("h1"), "404 Not Found");
  await page.click("main a");
  await page.until(`location.href === "${program.base}/"`, "the home page");
};

exports["pages: what a form answers is such a page too"] = async ({ tab }) => {
  const page = await tab("/");
  await page.type("form[action='/submit'] input", "W".repeat(100));
  await page.type("form[action='/submit'] textarea", "W".repeat(1000));
  await page.size(360, 740);
  await page.click("form[action='/submit'] button");
  await page.until('location.pathname === "/submit" && document.readyState === "complete"');
  for (const check of [look.outline, look.faint, look.tooWide]) assert.deepStrictEqual(await page.call(check), []);
};
