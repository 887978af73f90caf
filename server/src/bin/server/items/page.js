// The list of items: read, add, change, delete. Each change says which version it is for.
'use strict';

const byId = (id) => document.getElementById(id);
let page = 1;

const say = (text) => { byId('said').textContent = text; };

// Asks the server. A refusal is said in the server's own words.
async function ask(method, path, body, tag) {
  const headers = { Accept: 'application/json' };
  if (body) headers['Content-Type'] = 'application/json';
  if (tag) headers['If-Match'] = tag;
  const response = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
  const answer = response.status === 204 ? null : await response.json();
  if (!response.ok) throw new Error(`${response.status}: ${answer.detail}`);
  return answer;
}

async function attempt(action, done) {
  try {
    await action();
    say(done);
  } catch (error) {
    say(error.message);
  }
  await list();
}

function cell(row, text) {
  const made = row.insertCell();
  made.textContent = text;
  return made;
}

function button(cell, text, label, action) {
  const made = document.createElement('button');
  made.type = 'button';
  made.textContent = text;
  made.setAttribute('aria-label', label);
  made.addEventListener('click', action);
  cell.append(made, ' ');
}

function show(item) {
  const row = byId('items').insertRow();
  const [path, tag] = [`/items/${item.id}`, `"${item.id}-${item.version}"`];
  for (const text of [item.id, item.name, item.quantity, item.version]) cell(row, text);
  const actions = cell(row, '');
  const add = (more) => () =>
    attempt(() => ask('PATCH', path, { quantity: item.quantity + more }, tag), `${item.name}: ${item.quantity + more}`);
  button(actions, '+1', `One more ${item.name}`, add(1));
  if (item.quantity > 0) button(actions, '−1', `One ${item.name} less`, add(-1));
  button(actions, 'Delete', `Delete ${item.name}`, () =>
    attempt(() => ask('DELETE', path, null, tag), `${item.name} is deleted`));
}

async function list() {
  const answer = await ask('GET', `/items?page=${page}&per_page=10`);
  const last = Math.max(1, Math.ceil(answer.total / answer.per_page));
  const focused = byId('items').contains(document.activeElement) && document.activeElement.ariaLabel;
  byId('items').replaceChildren();
  answer.items.forEach(show);
  if (focused) refocus(focused);
  byId('where').textContent = `Page ${page} of ${last}, ${answer.total} items`;
  byId('back').disabled = page <= 1;
  byId('on').disabled = page >= last;
}

// A button that had the focus has been replaced. Its successor gets it; if there is none, the list.
function refocus(label) {
  const successor = [...byId('items').querySelectorAll('button')].find((it) => it.ariaLabel === label);
  (successor || byId('items').closest('.wide')).focus();
}

function turn(pages) {
  page += pages;
  list().catch((error) => say(error.message));
}

byId('back').addEventListener('click', () => turn(-1));
byId('on').addEventListener('click', () => turn(1));
byId('new').addEventListener('submit', (event) => {
  event.preventDefault();
  const form = new FormData(event.target);
  const item = { name: form.get('name'), quantity: Number(form.get('quantity')) };
  attempt(() => ask('POST', '/items', item), `${item.name} is added`);
});
turn(0);
