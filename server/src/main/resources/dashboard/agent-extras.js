/* Health and log of an agent, where the server has them. A server without them shows nothing here. */

import { html, useEffect, useState } from './vendor/htm-preact.js';
import { call } from './api.js';
import { number, time } from './words.js';

const READ_EVERY = 10_000;

let offered = null;

/** Whether this server's contract knows of health and logs; looked up once. */
function isOffered() {
  offered ??= fetch('/openapi.yaml').then(
    async answer => answer.ok && /^ {2}\/api\/v1\/agents\//m.test(await answer.text()),
    () => {
      offered = null;
      return false;
    },
  );
  return offered;
}

async function read(agent, what) {
  try {
    return (await call('GET', `/api/v1/agents/${encodeURIComponent(agent)}/${what}`)).json;
  } catch {
    return null;
  }
}

export function AgentExtras({ agent }) {
  const [health, setHealth] = useState(null);
  const [logs, setLogs] = useState(null);
  useEffect(() => {
    let timer;
    let gone = false;
    const look = async () => {
      if (!(await isOffered()) || gone) {
        return;
      }
      const [freshHealth, freshLogs] = await Promise.all([read(agent, 'health'), read(agent, 'logs?limit=20')]);
      if (!gone) {
        setHealth(freshHealth);
        setLogs(freshLogs?.logs ?? null);
        timer = setTimeout(look, READ_EVERY);
      }
    };
    look();
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [agent]);
  return html`
    ${typeof health?.status === 'string' && html`<section class="card health" aria-labelledby="health-title">
      <h2 id="health-title">Health</h2>
      <p><strong>${health.status.toLowerCase()}</strong>${typeof health.score === 'number' ? ` ${number(health.score)} of 100` : ''}</p>
      <ul>${(health.issues ?? []).map(issue => html`<li key=${issue}>${issue}</li>`)}</ul>
    </section>`}
    ${logs?.length > 0 && html`<section class="card logs" aria-labelledby="logs-title">
      <h2 id="logs-title">Log</h2>
      <ol class="trail">${logs.map((entry, i) => html`<li key=${`${entry.execution_id} ${i}`}>
        <time datetime=${entry.timestamp}>${time(entry.timestamp)}</time>
        <span class="step">${entry.action_type} <strong>${entry.action_name}</strong></span>
        <span class="cause">${entry.status}${entry.error_message ? html` <q>${entry.error_message}</q>` : ''}</span>
      </li>`)}</ol>
    </section>`}`;
}
