// What is looked at on each page. These functions run in the page.
"use strict";

// What is wrong with the page's outline.
function outline() {
  const faults = [];
  const heads = document.querySelectorAll("h1");
  if (!document.title.trim()) faults.push("the page has no title");
  if (heads.length !== 1) faults.push(`the page has ${heads.length} h1`);
  if (document.documentElement.lang !== "en") faults.push("the page does not say its language");
  if (!document.querySelector("main, nav")) faults.push("the page has no landmarks");
  // The keyboard scrolls what has the focus, and a screen reader says what that is.
  for (const element of document.querySelectorAll("main *")) {
    const { overflowX, overflowY } = getComputedStyle(element);
    const scrolls = [overflowX, overflowY].some((it) => it === "auto" || it === "scroll") && !element.matches("textarea");
    const isNamed = element.matches("[tabindex='0']:is([aria-label], [aria-labelledby])");
    if (scrolls && !isNamed) faults.push(`${element.outerHTML.slice(0, 60)} scrolls, and has no focus or no name`);
  }
  for (const { id } of document.querySelectorAll("[id]")) {
    if (document.querySelectorAll(`[id="${CSS.escape(id)}"]`).length > 1) faults.push(`two elements are #${id}`);
  }
  return faults;
}

// Texts that are too faint against what is behind them (WCAG 2.2, 1.4.3). A colour between the two
// ends of a gradient is not looked at.
function faint() {
  const LEAST = 4.5;
  const parts = (color) => color.match(/[\d.]+/g).map(Number);
  const over = ([r, g, b, a = 1], below) => [r, g, b].map((it, n) => it * a + below[n] * (1 - a));
  const light = (color) => {
    const [r, g, b] = color.map((it) => it / 255).map((it) => (it <= 0.04045 ? it / 12.92 : ((it + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    if (!element) return [255, 255, 255];
    const color = parts(getComputedStyle(element).backgroundColor);
    return color[3] === 0 ? behind(element.parentElement) : over(color, behind(element.parentElement));
  };
  const hasText = (element) => [...element.childNodes].some((it) => it.nodeType === Node.TEXT_NODE && it.data.trim());
  const isSeen = (element) => element.checkVisibility() && !element.matches(":disabled, option, noscript");
  const faults = [];
  let looked = 0;
  for (const element of [...document.querySelectorAll("body *")].filter((it) => hasText(it) && isSeen(it))) {
    const style = getComputedStyle(element);
    const below = behind(element);
    const above = over(parts(element.matches("text") ? style.fill : style.color), below);
    const [dark, bright] = [light(above), light(below)].sort((a, b) => a - b);
    const contrast = (bright + 0.05) / (dark + 0.05);
    looked += 1;
    if (contrast < LEAST) faults.push(`${element.tagName} "${element.textContent.trim().slice(0, 40)}": ${contrast.toFixed(2)}`);
  }
  return looked === 0 ? ["no text was found"] : faults;
}

// Marks what the keyboard must reach, and says how much that is.
function reachable() {
  const all = document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']");
  const seen = [...all].filter((it) => it.checkVisibility() && !it.disabled);
  for (const element of seen) element.dataset.unreached = "yes";
  return seen.length;
}

// Takes the mark from what has the focus. Says what is wrong with it, or that the focus has left
// the page.
function focused() {
  const element = document.activeElement;
  if (!element || element === document.body) return "left";
  const isNew = element.dataset.unreached === "yes";
  delete element.dataset.unreached;
  const { outlineStyle, outlineWidth } = getComputedStyle(element);
  const { top, bottom, left, right } = element.getBoundingClientRect();
  if (outlineStyle === "none" || parseFloat(outlineWidth) < 1) return `${element.outerHTML.slice(0, 80)} shows no focus`;
  if (bottom < 0 || top > innerHeight || right < 0 || left > innerWidth) return `${element.outerHTML.slice(0, 80)} is out of sight`;
  return isNew ? "" : "seen";
}

// What the keyboard has not reached.
function unreached() {
  return [...document.querySelectorAll("[data-unreached]")].map((it) => it.outerHTML.slice(0, 80));
}

// What is wider than the window: the page scrolls to the side, or an element stands out of it.
function tooWide() {
  const { scrollWidth } = document.documentElement;
  const width = window.screen.width;
  if (scrollWidth <= width) return [];
  const wide = [...document.querySelectorAll("body *")].filter((it) => it.getBoundingClientRect().right > width + 0.5);
  return [`${scrollWidth} points`, ...wide.slice(0, 5).map((it) => it.outerHTML.slice(0, 80))];
}

module.exports = { outline, faint, reachable, focused, unreached, tooWide };
