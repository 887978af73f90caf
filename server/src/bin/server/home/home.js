// The counters of the home page: the server sends them once a second.
'use strict';

const show = (id, value) => { document.getElementById(id).textContent = value; };

const events = new EventSource('/api/live');
events.onmessage = (event) => {
  const it = JSON.parse(event.data);
  show('requests', it.requests.toLocaleString('en'));
  show('in-flight', it.in_flight.toLocaleString('en'));
  show('connections', it.connections.toLocaleString('en'));
  show('uptime', `${it.uptime_seconds} s`);
  show('pulse', '');
};
events.onerror = () => show('pulse', 'The server does not answer; the page tries again.');
