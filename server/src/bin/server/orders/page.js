// Orders and their jobs: a form, and two lists that are asked for again every two seconds.
'use strict';

const PACE = 2000;
const NEXT = { pending: ['cancelled'], processing: ['shipped', 'cancelled'], shipped: ['delivered'] };
const byId = (id) => document.getElementById(id);
const say = (text) => { byId('said').textContent = text; };

// Asks the server. A refusal is said in the server's own words.
async function ask(path, body, key) {
  const headers = { Accept: 'application/json' };
  if (body) headers['Content-Type'] = 'application/json';
  if (key) headers['Idempotency-Key'] = key;
  const method = body ? 'POST' : 'GET';
  const response = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${response.status}: ${answer.detail}`);
  return answer;
}

async function attempt(action) {
  try {
    say(await action());
  } catch (error) {
    say(error.message);
  }
  await refresh();
}

function row(texts, actions) {
  const made = document.createElement('tr');
  for (const text of texts) made.insertCell().textContent = text;
  const cell = made.insertCell();
  for (const [text, label, action] of actions) {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = text;
    button.setAttribute('aria-label', label);
    button.addEventListener('click', () => attempt(action));
    cell.append(button, ' ');
  }
  return made;
}

function orderRow(order) {
  const change = (status) => [status, `Order ${order.id}: ${status}`, async () => {
    await ask(`/orders/${order.id}/status`, { status });
    return `Order ${order.id} is ${status}`;
  }];
  const texts = [order.id, order.customer, order.product, order.quantity, order.status];
  return row(texts, (NEXT[order.status] || []).map(change));
}

function deadRow(job) {
  const retry = ['Retry', `Retry job ${job.id}`, async () => {
    await ask(`/orders/jobs/${job.id}/retry`, {});
    return `Job ${job.id} is in the queue again`;
  }];
  return row([job.id, job.order, job.kind, job.error], [retry]);
}

// A list is replaced only if it has changed. If a button of it had the focus, the same button of the
// new list gets it; if there is none, the list.
function show(id, items, made) {
  const text = JSON.stringify(items);
  const list = byId(id);
  if (list.dataset.shown === text) return;
  list.dataset.shown = text;
  const focused = list.contains(document.activeElement) && document.activeElement.ariaLabel;
  list.replaceChildren(...items.map(made));
  if (!focused) return;
  const successor = [...list.querySelectorAll('button')].find((it) => it.ariaLabel === focused);
  (successor || list.closest('.wide')).focus();
}

async function refresh() {
  const [orders, jobs] = await Promise.all([ask('/orders'), ask('/orders/jobs')]);
  const { queued, running, dead } = jobs.counts;
  byId('counts').textContent = `${queued} wait, ${running} run, ${dead} are dead letters`;
  show('orders', orders, orderRow);
  show('dead', jobs.dead, deadRow);
}

byId('new').addEventListener('submit', (event) => {
  event.preventDefault();
  const { customer, product, quantity } = Object.fromEntries(new FormData(event.target));
  // One key for one press of the button: the browser may send a request again by itself.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const key = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  attempt(async () => {
    const order = await ask('/orders', { customer, product, quantity: Number(quantity) }, key);
    return `Order ${order.id} is accepted`;
  });
});

async function live() {
  if (!document.hidden) {
    try {
      await refresh();
    } catch (error) {
      byId('counts').textContent = error.message;
    }
  }
  setTimeout(live, PACE);
}

live();
