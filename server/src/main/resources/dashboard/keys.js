/* API keys, for admins: the list, new ones, and removal of those no longer needed. */

import { html, useState } from './vendor/htm-preact.js';
import { call, get, serverNow } from './api.js';
import { Dialog, Empty, Failed, Field, Loading, ActionForm, PageTitle, useLoaded } from './parts.js';
import { date, isolated, shortActor } from './words.js';

const DAY = 86_400_000;
const ENDS = { '': 'Never', 30: 'In 30 days', 90: 'In 90 days', 365: 'In a year' };

const ROLES = {
  viewer: 'sees everything, changes nothing',
  operator: 'sees everything, and takes action on circuits',
  admin: 'may do everything, keys and policies included',
  agent: 'takes permits and reports outcomes; cannot sign in here',
};

export function Keys({ me, say }) {
  const [loaded, error, again, at] = useLoaded(() => get('/api/v1/keys'), []);
  const [making, setMaking] = useState(null);
  const [made, setMade] = useState(null);
  const [removed, setRemoved] = useState(null);

  return html`
    <div class="page-head">
      <${PageTitle} title="Keys" page="security.html#api-keys" />
      <button type="button" class="primary" onClick=${() => setMaking({})}>New key …</button>
    </div>
    <p class="lead">Of the organization <b>${me.organization_id}</b>. A key is shown once, when it is created; only its hash is kept.</p>
    ${error && html`<${Failed} error=${error} onRetry=${again} at=${at} />`}
    ${!loaded && !error && html`<${Loading} what="Loading keys" />`}
    ${loaded?.keys.length === 0 && html`<${Empty} title="No keys yet"><p>Create one for each person and each program.</p><//>`}
    ${loaded?.keys.length > 0 && html`<div class="card table-card"><table>
      <thead><tr><th scope="col">Name</th><th scope="col">Role</th><th scope="col">Agents</th><th scope="col">Speaks for</th><th scope="col">Created</th><th scope="col">Last used</th><th scope="col"><span class="hidden">Actions</span></th></tr></thead>
      <tbody>${loaded.keys.map(key => html`<tr key=${key.id}>
        <th scope="row">${key.name}${key.id === me.key_id && html` <span class="tag">yours</span>`}</th>
        <td data-label="Role">${key.role}</td>
        <td data-label="Agents">${key.agents ? html`<span class="agent-name">${key.agents}</span>` : 'all'}</td>
        <td data-label="Speaks for">${key.speaks_for ? html`<span class="agent-name">${key.speaks_for}</span>` : 'itself'}</td>
        <td data-label="Created">${date(key.created_at)}${key.created_by && html`<span class="quiet"> by ${shortActor(key.created_by)}</span>`}</td>
        <td data-label="Last used">${key.last_used_at ? date(key.last_used_at) : 'never'}${key.expires_at && html`<span class="quiet">, expires ${date(key.expires_at)}</span>`}</td>
        <td class="end"><button type="button" class="plain" aria-label=${`Replace ${isolated(key.name)}`} onClick=${() => setMaking(key)}>Replace …</button>
          ${key.id !== me.key_id && html`<button type="button" class="plain" aria-label=${`Remove ${isolated(key.name)}`} onClick=${() => setRemoved(key)}>Remove …</button>`}</td>
      </tr>`)}</tbody>
    </table></div>`}
    ${making && html`<${NewKey} me=${me} like=${making} onClose=${() => setMaking(null)} onDone=${key => {
      setMaking(null);
      setMade(key);
      again();
    }} />`}
    ${made && html`<${ShowKey} made=${made} onClose=${() => setMade(null)} say=${say} />`}
    ${removed && html`<${Dialog} title="Remove this key?" onClose=${() => setRemoved(null)}>
      <${ActionForm} confirm="Remove" tone="grave" onClose=${() => setRemoved(null)} onSubmit=${async () => {
        await call('DELETE', `/api/v1/keys/${encodeURIComponent(removed.id)}`);
        setRemoved(null);
        again();
        say(`The key ${isolated(removed.name)} was removed.`);
      }}>
        <p class="note"><b>${removed.name}</b> (${removed.role}) stops working at once on this server, and within seconds on others. Anyone who uses it is signed out. This cannot be undone.</p>
      <//>
    <//>`}`;
}

/** @param like the key that it replaces, or one without an id */
function NewKey({ me, like, onClose, onDone }) {
  const [name, setName] = useState(like.name ?? '');
  const [role, setRole] = useState(like.role ?? 'viewer');
  const [agents, setAgents] = useState(like.agents ?? '');
  const [speaksFor, setSpeaksFor] = useState(like.speaks_for ?? '');
  const [days, setDays] = useState('');
  const [organization, setOrganization] = useState('');
  const submit = async () => {
    const wanted = { name: name.trim(), role };
    if (role === 'agent' && agents.trim()) {
      wanted.agents = agents.trim();
    }
    if (role === 'agent' && speaksFor.trim()) {
      wanted.speaks_for = speaksFor.trim();
    }
    if (organization.trim()) {
      wanted.organization_id = organization.trim();
    }
    if (days) {
      wanted.expires_at = new Date(serverNow() + Number(days) * DAY).toISOString();
    }
    onDone((await call('POST', '/api/v1/keys', wanted)).json);
  };
  return html`<${Dialog} title=${like.id ? `Replace ${isolated(like.name)}` : 'New key'} onClose=${onClose}>
    <${ActionForm} confirm="Create the key" onSubmit=${submit} onClose=${onClose} disabled=${!name.trim()}>
      ${like.id && html`<p class="note">The key ${isolated(like.name)} goes on working until you remove it: give the new one to all who use it first.</p>`}
      <${Field} id="name" label="Whom it is for">
        <input id="name" value=${name} maxlength="128" autocomplete="off" onInput=${event => setName(event.target.value)} />
      <//>
      <${Field} id="role" label="Role" hint=${`It ${ROLES[role]}.`}>
        <select id="role" value=${role} aria-describedby="role-hint" onChange=${event => setRole(event.target.value)}>
          ${Object.keys(ROLES).map(each => html`<option key=${each} value=${each}>${each}</option>`)}
        </select>
      <//>
      ${role === 'agent' && html`<${Field} id="agents" label="Only for agents" hint="A pattern such as planner-*; empty for all.">
        <input id="agents" value=${agents} maxlength="256" autocomplete="off" spellcheck=${false} aria-describedby="agents-hint" onInput=${event => setAgents(event.target.value)} />
      <//>`}
      ${role === 'agent' && html`<${Field} id="speaks-for" label="Speaks for" hint="Callers that it may name, such as team-*: for gateways. Empty for itself alone.">
        <input id="speaks-for" value=${speaksFor} maxlength="256" autocomplete="off" spellcheck=${false} aria-describedby="speaks-for-hint" onInput=${event => setSpeaksFor(event.target.value)} />
      <//>`}
      <${Field} id="expires" label="Expires">
        <select id="expires" value=${days} onChange=${event => setDays(event.target.value)}>
          ${Object.entries(ENDS).map(([value, text]) => html`<option key=${value} value=${value}>${text}</option>`)}
        </select>
      <//>
      ${me.installation_admin && html`<${Field} id="organization" label="Organization" hint=${`Empty for ${me.organization_id}.`}>
        <input id="organization" value=${organization} maxlength="128" autocomplete="off" spellcheck=${false} aria-describedby="organization-hint" onInput=${event => setOrganization(event.target.value)} />
      <//>`}
    <//>
  <//>`;
}

function ShowKey({ made, onClose, say }) {
  const copy = async () => {
    await navigator.clipboard.writeText(made.key);
    say('Copied.');
  };
  return html`<${Dialog} title=${`The key of ${isolated(made.name)}`} onClose=${onClose}>
    <p>It is shown now and never again. Keep it where secrets are kept.</p>
    <p class="secret" tabindex="0" role="group" aria-label="Key">${made.key}</p>
    <div class="buttons">
      ${navigator.clipboard && html`<button type="button" onClick=${copy}>Copy</button>`}
      <button type="button" class="primary" onClick=${onClose}>I have kept it</button>
    </div>
  <//>`;
}
