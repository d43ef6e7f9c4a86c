/* Webhooks, for admins: where alerts go, whether messages arrive, and a test. */

import { html, useState } from './vendor/htm-preact.js';
import { usePolled } from './agent-data.js';
import { call } from './api.js';
import { ActionForm, Dialog, Empty, Failed, Field, Loading, PageTitle, When } from './parts.js';
import { isolated, plural } from './words.js';

const FORMATS = {
  json: 'JSON, signed: for programs of your own',
  slack: 'Slack: the address of an incoming webhook',
  pagerduty: 'PagerDuty: events, with an integration key',
  teams: 'Teams: the address of a workflow',
};

const HEARS = {
  incidents: 'Incidents: one message at the start, one at the end',
  transitions: 'Single circuits: opened, closed, held, released',
  budgets: 'Budgets: nearly used, used up, raised',
  loops: 'Loops: an execution makes the same call again and again',
  health: 'Health: agents become critical, and recover',
  stops: 'Stops and resumes',
};

const OF_CIRCUITS = ['closed', 'held', 'opened', 'released'];

const STATES = { failing: 'Failing', dead: 'Dead', disabled: 'Disabled' };

/** Its state, in a word. */
const stateText = hook => STATES[hook.state] ?? (hook.last_delivered_at ? 'Working' : 'Not used yet');

/** What a webhook is notified of, in the order of the form; unknown events last. */
function hears(words) {
  const all = OF_CIRCUITS.every(each => words.includes(each));
  const shown = [...words.filter(each => !(all && OF_CIRCUITS.includes(each))), ...(all ? ['transitions'] : [])];
  return [...Object.keys(HEARS).filter(each => shown.includes(each)), ...shown.filter(each => !HEARS[each])];
}

/** The same for people, in short. */
const heardText = words => hears(words).map(each => (HEARS[each] ?? each).split(':')[0].toLowerCase()).join(', ');

export function Webhooks({ me, store, say }) {
  const [bump, setBump] = useState(0);
  const [loaded, error, at] = usePolled('/api/v1/webhooks', null, store, bump);
  const again = () => setBump(count => count + 1);
  const [edited, setEdited] = useState(null);
  const [made, setMade] = useState(null);
  const [removed, setRemoved] = useState(null);
  const done = text => {
    setEdited(null);
    setRemoved(null);
    again();
    say(text);
  };
  return html`
    <div class="page-head">
      <${PageTitle} title="Webhooks" page="alerts.html" />
      <button type="button" class="primary" onClick=${() => setEdited({ hook: null })}>New webhook …</button>
    </div>
    <p class="lead">Where alerts of <b>${isolated(me.organization_id)}</b> go. A message is stored first, and sent until it arrives.</p>
    ${error && html`<${Failed} error=${error} onRetry=${again} at=${at} />`}
    ${!loaded && !error && html`<${Loading} what="Loading webhooks" />`}
    ${loaded?.webhooks.length === 0 && html`<${Empty} title="No webhooks yet"><p>Add one to be notified when an incident begins and when it ends.</p><//>`}
    <ul class="cards">
      ${loaded?.webhooks.map(hook => html`<li key=${hook.id} class="card policy webhook">
        <h2>${isolated(hook.name)} <span class=${`tag webhook-${hook.state}`}>${stateText(hook)}</span></h2>
        <p class="quiet">${isolated(hook.url)}</p>
        <${State} hook=${hook} />
        <dl>
          <div><dt>Hears of</dt><dd>${heardText(hook.on)}</dd></div>
          ${hook.pattern !== '*' && html`<div><dt>Circuits</dt><dd><span class="agent-name">${hook.pattern}</span></dd></div>`}
          <div><dt>Format</dt><dd>${hook.format}</dd></div>
        </dl>
        <div class="buttons start">
          <${Test} hook=${hook} onDone=${again} />
          <button type="button" onClick=${() => setEdited({ hook })} aria-label=${`Change ${isolated(hook.name)}`}>Change …</button>
          <button type="button" class="plain" onClick=${() => setRemoved(hook)} aria-label=${`Remove ${isolated(hook.name)}`}>Remove …</button>
        </div>
      </li>`)}
    </ul>
    ${edited && html`<${WebhookForm} hook=${edited.hook} onClose=${() => setEdited(null)} onDone=${answer => {
      done(edited.hook ? `${isolated(answer.name)} was changed.` : `${isolated(answer.name)} was added.`);
      answer.secret && setMade(answer);
    }} />`}
    ${made && html`<${ShowSecret} made=${made} onClose=${() => setMade(null)} />`}
    ${removed && html`<${Dialog} title="Remove this webhook?" onClose=${() => setRemoved(null)}>
      <${ActionForm} confirm="Remove" tone="grave" onClose=${() => setRemoved(null)} onSubmit=${async () => {
        await call('DELETE', `/api/v1/webhooks/${encodeURIComponent(removed.id)}`);
        done(`${isolated(removed.name)} was removed.`);
      }}>
        <p class="note"><b>${isolated(removed.name)}</b> gets no more messages${removed.waiting > 0 ? `, also not the ${plural(removed.waiting, 'message')} that ${removed.waiting === 1 ? 'waits' : 'wait'} for it` : ''}. This cannot be undone.</p>
      <//>
    <//>`}`;
}

/** The state of sending, if there is a problem. */
function State({ hook }) {
  return html`
    ${hook.problem && html`<p class="note bad">This server cannot send to it. ${hook.problem}</p>`}
    ${hook.last_error && html`<p class="note bad">The last attempt failed: ${hook.last_error}.${' '}
      ${hook.state === 'dead' ? 'Nothing is sent any more until it is changed or a test arrives. ' : ''}
      <a href="docs/alerts.html#when-it-does-not-arrive">What happens then</a>
      ${hook.next_attempt_at && html` Next attempt at <${When} at=${hook.next_attempt_at} />.`}</p>`}
    <p class="quiet">${hook.last_delivered_at ? html`The last message arrived at <${When} at=${hook.last_delivered_at} />.` : 'Nothing has arrived yet.'}
      ${hook.waiting > 0 ? ` ${plural(hook.waiting, 'message')} ${hook.waiting === 1 ? 'waits' : 'wait'}.` : ''}
      ${hook.dead > 0 ? ` ${plural(hook.dead, 'message')} ${hook.dead === 1 ? 'is' : 'are'} dead.` : ''}
      ${hook.left_out > 0 ? ` ${plural(hook.left_out, 'message')} ${hook.left_out === 1 ? 'was' : 'were'} left out, since too many waited.` : ''}</p>`;
}

/** Sends a message, and says whether it arrived. */
function Test({ hook, onDone }) {
  const [busy, setBusy] = useState(false);
  const [result, setResult] = useState(null);
  const test = async () => {
    if (busy) {
      return; // the button is not disabled meanwhile: it would lose the focus
    }
    setBusy(true);
    setResult(null);
    try {
      setResult((await call('POST', `/api/v1/webhooks/${encodeURIComponent(hook.id)}/test`)).json);
      onDone();
    } catch (error) {
      setResult({ delivered: false, detail: error.message });
    }
    setBusy(false);
  };
  return html`<button type="button" aria-disabled=${busy ? 'true' : null} onClick=${test} aria-label=${`Test ${isolated(hook.name)}`}>${busy ? 'One moment …' : 'Test'}</button>
    <span class="test-result" role="status">${result && html`<span class=${result.delivered ? 'quiet' : 'bad'}>${result.delivered ? 'The test arrived' : 'The test did not arrive'}: ${result.detail}.</span>`}</span>`;
}

/** @param hook the webhook that is changed; null for a new one */
function WebhookForm({ hook, onClose, onDone }) {
  const [name, setName] = useState(hook?.name ?? '');
  const [url, setUrl] = useState('');
  const [format, setFormat] = useState(hook?.format ?? 'json');
  const [secret, setSecret] = useState('');
  const [heard, setHeard] = useState(hook ? hears(hook.on) : ['incidents']);
  const [pattern, setPattern] = useState(hook && hook.pattern !== '*' ? hook.pattern : '');
  const [enabled, setEnabled] = useState(hook?.enabled ?? true);
  const choices = [...Object.keys(HEARS), ...(hook ? hears(hook.on).filter(each => !HEARS[each]) : [])];
  const choose = (each, chosen) => setHeard(choices.filter(other => (other === each ? chosen : heard.includes(other))));
  const submit = async () => {
    const wanted = { name: name.trim(), format, on: heard, pattern: pattern.trim() || '*', enabled };
    if (url.trim()) {
      wanted.url = url.trim();
    }
    if (secret.trim() && (format === 'json' || format === 'pagerduty')) {
      wanted.secret = secret.trim();
    }
    const answer = await call(hook ? 'PUT' : 'POST', hook ? `/api/v1/webhooks/${encodeURIComponent(hook.id)}` : '/api/v1/webhooks', wanted);
    onDone(answer.json);
  };
  return html`<${Dialog} title=${hook ? `Change ${isolated(hook.name)}` : 'New webhook'} onClose=${onClose}>
    <${ActionForm} confirm=${hook ? 'Apply' : 'Add'} onSubmit=${submit} onClose=${onClose} disabled=${!name.trim() || !(hook || url.trim()) || heard.length === 0}>
      <${Field} id="webhook-name" label="Name">
        <input id="webhook-name" value=${name} maxlength="100" autocomplete="off" onInput=${event => setName(event.target.value)} />
      <//>
      <${Field} id="webhook-format" label="Format">
        <select id="webhook-format" value=${format} onChange=${event => setFormat(event.target.value)}>
          ${Object.entries(FORMATS).map(([value, text]) => html`<option key=${value} value=${value}>${text}</option>`)}
        </select>
      <//>
      <${Field} id="webhook-url" label="Address" hint=${urlHint(format, hook)}>
        <input id="webhook-url" type="url" value=${url} maxlength="2048" autocomplete="off" spellcheck=${false} aria-describedby="webhook-url-hint" onInput=${event => setUrl(event.target.value)} />
      <//>
      ${(format === 'json' || format === 'pagerduty') && html`<${Field} id="webhook-secret" label=${format === 'json' ? 'Secret' : 'Integration key'} hint=${secretHint(format, hook)}>
        <input id="webhook-secret" type="password" value=${secret} maxlength="200" autocomplete="new-password" spellcheck=${false} aria-describedby="webhook-secret-hint" onInput=${event => setSecret(event.target.value)} />
      <//>`}
      <fieldset class="choices">
        <legend>Hears of</legend>
        ${choices.map(each => html`<label key=${each} class="choice">
          <input type="checkbox" name=${`hears-${each}`} checked=${heard.includes(each)} onChange=${event => choose(each, event.target.checked)} />
          ${HEARS[each] ?? each}
        </label>`)}
      </fieldset>
      <${Field} id="webhook-pattern" label="Circuits" hint="A pattern such as model:*; empty for all.">
        <input id="webhook-pattern" value=${pattern} maxlength="256" autocomplete="off" spellcheck=${false} aria-describedby="webhook-pattern-hint" onInput=${event => setPattern(event.target.value)} />
      <//>
      ${hook && html`<${Field} id="webhook-enabled" label="Messages">
        <select id="webhook-enabled" value=${enabled ? 'yes' : 'no'} onChange=${event => setEnabled(event.target.value === 'yes')}>
          <option value="yes">are sent</option>
          <option value="no">are not sent</option>
        </select>
      <//>`}
    <//>
  <//>`;
}

function urlHint(format, hook) {
  const how = format === 'pagerduty' ? 'With https, at events.pagerduty.com/v2/enqueue.' : 'With https or http.';
  return hook ? `Empty: it stays at ${isolated(hook.url)}.` : `${how} Its host must be on the server’s outbound-hosts.`;
}

function secretHint(format, hook) {
  const same = hook?.format === format;
  if (format === 'pagerduty') {
    return same ? 'Empty: it stays as it is.' : 'Of a service in PagerDuty: Events API v2.';
  }
  return same ? 'Empty: it stays as it is.' : 'Empty: the server makes one.';
}

function ShowSecret({ made, onClose }) {
  return html`<${Dialog} title=${`The secret of ${isolated(made.name)}`} onClose=${onClose}>
    <p>It signs each message. It is shown now and never again: give it to the receiver.</p>
    <p class="secret" tabindex="0" role="group" aria-label="Secret">${made.secret}</p>
    <div class="buttons">
      <button type="button" class="primary" onClick=${onClose}>I have kept it</button>
    </div>
  <//>`;
}
