// The counters of the home page: the server sends them once a second. A browser connects again by
// itself, unless the server has refused, because too many watch: then it gives up.
'use strict';

const PAUSE = 5000; // milliseconds
const show = (id, value) => { document.getElementById(id).textContent = value; };

function connect() {
  const events = new EventSource('/api/live');
  events.onmessage = (event) => {
    const it = JSON.parse(event.data);
    show('requests', it.requests.toLocaleString('en'));
    show('in-flight', it.in_flight.toLocaleString('en'));
    show('connections', it.connections.toLocaleString('en'));
    show('uptime', `${it.uptime_seconds} s`);
    show('pulse', '');
  };
  events.onerror = () => {
    show('pulse', 'The server sends no numbers; the page tries again.');
    if (events.readyState === EventSource.CLOSED) setTimeout(connect, PAUSE);
  };
}

connect();
