// ---- the machine: tasks, timers, what tasks share

function drawState(state) {
  const { host, crashed } = shown.moment ?? {};
  const name = many() && host !== undefined ? shown.status.hosts[host] : "";
  for (const place of document.querySelectorAll(".of-host")) place.textContent = name && `of ${name}`;
  by("doing").textContent = crashed ? `${name} ${crashed}` : `the thread ${state.doing}; ${state.time}`;
  const more = (count, list) => (count > list.length ? `${count}, the first ${list.length} are shown` : `${count}`);
  by("task-count").textContent = more(state.taskCount, state.tasks);
  const isStuck = (task) => state.stuck.includes(task.task);
  fill(by("tasks").querySelector("tbody"), state.tasks, (task) => taskRow(task, isStuck(task)), (task) => [isStuck(task), shown.task === task.task]);
  by("queue-count").textContent = more(state.queueCount, state.queue);
  fill(by("queue"), state.queue, (task) => thing(`task ${task}`));
  by("timer-count").textContent = more(state.timerCount, state.timers);
  const ends = (timer) => `: ${timer.fires}; ring ${timer.level}, slot ${timer.slot}; ${timer.at ?? ""}`;
  fill(by("timers"), state.timers, (timer) => item(`timer ${timer.timer}`, ends(timer)));
  drawWheel(state.timers);
  by("source-count").textContent = more(state.sourceCount, state.sources);
  const sides = (source) => [source.read && `reading ${source.read}`, source.write && `writing ${source.write}`].filter(Boolean).join(", ");
  fill(by("sources"), state.sources, (source) => item(`source ${source.source}`, `, ${source.kind}: ${sides(source)}; ${source.at}`));
  by("shared-count").textContent = more(state.sharedCount, state.shared);
  fill(by("shared"), state.shared, (it) => item(it.key, `: ${it.text}`));
  drawChains(state.chains);
}

function drawChains(chains) {
  by("chain-count").textContent = chains.length === 0 ? "no task waits for what another has" : `${chains.length}`;
  by("chains").querySelector(".scrolls").replaceChildren(...chains.map((chain) => {
    const made = element("div", "", "chain");
    made.title = chain.text;
    made.classList.toggle("circle", chain.end !== null);
    made.classList.toggle("deadlock", chain.isDeadlock);
    chain.members.forEach((member, place) => {
      if (place > 0) made.append(place % 2 === 1 ? " waits for " : " held by ");
      const box = thing(member.key);
      if (place % 2 === 1) box.classList.add("lock");
      if (member.for) box.append(` (${member.for})`);
      made.append(box);
      if (member.others > 0) made.append(` and ${member.others} more`);
    });
    if (chain.end !== null) made.append(" ", element("b", chain.end));
    return made;
  }));
}

// Something with a name. Under the mouse, it is marked wherever it is on the page. A click chooses it.
function thing(key) {
  const made = element("span", key, "thing");
  made.dataset.key = key;
  return pressed(made, () => choose(shown.chosen === key ? null : key));
}

// What is chosen is marked everywhere, too, and comes into sight where it is at home: among the tasks, or in the machine.
let isToSee = false;

function choose(key) {
  const task = /^task (\d+)$/.exec(key ?? "");
  Object.assign(shown, { chosen: key, task: task && Number(task[1]) });
  isToSee = key !== null;
  remember();
  draw();
}

function drawChosen() {
  for (const old of document.querySelectorAll(".chosen")) old.classList.remove("chosen");
  if (!shown.chosen) return;
  const all = [...document.querySelectorAll(`[data-key="${CSS.escape(shown.chosen)}"]`)];
  for (const one of all) one.classList.add("chosen");
  if (!isToSee) return;
  const home = all.find((one) => one.matches("#tasks td:first-child > *, #machine li > *"));
  if (!home) return;
  isToSee = false;
  intoSight(home.closest("tr, li"));
  if (shown.task !== null) by("canvas").parentElement.scrollTop = 0; // its lane is the first one
}

// Within its own panel: the page stays where it is.
function intoSight(row) {
  const panel = row.closest(".scrolls");
  const [{ top, bottom }, outer] = [row, panel].map((it) => it.getBoundingClientRect());
  const isInSight = top > outer.top + ROW && bottom < outer.bottom;
  if (!isInSight) panel.scrollTop += top - outer.top - panel.clientHeight / 2;
}

function item(key, text) {
  const made = element("li");
  made.append(thing(key), text);
  return made;
}

function taskRow(task, isStuck) {
  const row = element("tr");
  row.dataset.task = task.task;
  row.classList.toggle("picked", shown.task === task.task);
  const name = element("td");
  name.append(thing(`task ${task.task}`), task.name ? ` "${task.name}"` : "", ` ${task.at}`);
  const waits = element("td");
  for (const wait of task.waits) {
    const line = element("div", wait.text);
    line.dataset.key = wait.key;
    waits.append(line);
  }
  const number = (text) => element("td", text, "number");
  row.append(name, isStuck ? element("td", "stuck: nothing can wake it", "state-stranded") : element("td", task.state, `state-${task.state}`), waits, number(task.polls), number(task.spent), element("td", task.wokenBy ?? ""));
  return pressed(row, () => choose(shown.task === task.task ? null : `task ${task.task}`));
}

// Six rings of 64 slots, the fastest at the top.
function drawWheel(timers) {
  const full = new Set(timers.map((timer) => timer.level * 64 + timer.slot));
  const slots = by("wheel").children;
  if (slots.length === 0) by("wheel").append(...Array.from({ length: 6 * 64 }, () => element("span")));
  for (let slot = 0; slot < slots.length; slot += 1) slots[slot].classList.toggle("full", full.has(slot));
}
