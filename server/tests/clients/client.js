// Node's clients against the program `server`: `fetch` and `http.Agent`, and its WebSocket where
// this version has one. client.js HTTP WS
const assert = require('node:assert');
const http = require('node:http');
const [base, ws] = process.argv.slice(2);

async function withFetch() {
  for (let turn = 0; turn < 3; turn++) {
    const data = await (await fetch(`http://${base}/api/data`)).json();
    assert.strictEqual(data.message, 'Hello from Treadle');
  }
  const large = new Uint8Array(1 << 20).fill(7);
  const pieces = new ReadableStream({
    start(out) {
      for (let at = 0; at < large.length; at += 65536) out.enqueue(large.slice(at, at + 65536));
      out.close();
    },
  });
  const echoed = await fetch(`http://${base}/api/echo`, { method: 'POST', body: pieces, duplex: 'half' });
  assert.deepStrictEqual(Buffer.from(await echoed.arrayBuffer()), Buffer.from(large));
}

// One connection for all requests: the agent has no other.
function withAgent() {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  let sockets = new Set();
  const ask = (turn) => new Promise((done, failed) => {
    const request = http.request(`http://${base}/api/echo`, { method: 'POST', agent }, (answer) => {
      let text = '';
      answer.on('data', (piece) => { text += piece; });
      answer.on('end', () => done(assert.strictEqual(text, `turn ${turn}`)));
    });
    request.on('socket', (socket) => sockets.add(socket));
    request.on('error', failed);
    request.end(`turn ${turn}`);
  });
  return Promise.all([0, 1, 2, 3].map(ask)).then(() => {
    assert.strictEqual(sockets.size, 1);
    agent.destroy();
  });
}

function withWebSocket() {
  if (typeof WebSocket === 'undefined') return;
  return new Promise((done, failed) => {
    const socket = new WebSocket(`ws://${ws}/`);
    socket.onopen = () => socket.send('hello');
    socket.onmessage = (message) => { assert.strictEqual(message.data, 'hello'); socket.close(1000); };
    socket.onclose = (event) => done(assert.strictEqual(event.code, 1000));
    socket.onerror = failed;
  });
}

withFetch().then(withAgent).then(withWebSocket).then(() => process.exit(0), (error) => {
  console.error(error);
  process.exit(1);
});
