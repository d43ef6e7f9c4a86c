/* A policy's settings in words, and the form that changes them. */

import { html, useState } from './vendor/htm-preact.js';
import { call } from './api.js';
import { Dialog, Field, ActionForm } from './parts.js';
import { ProbeFields, probeOf, probeRows, probeTexts } from './probe-form.js';
import { percent, plural, span } from './words.js';

/** The settings of the form; the rest of a policy is not changed. */
const FIELDS = [
  { name: 'failure_threshold', label: 'Failures in a row that open', kind: 'number', off: true },
  { name: 'failure_rate_threshold', label: 'Failure rate that opens', kind: 'rate', off: true },
  { name: 'min_requests_for_rate', label: 'Calls before a rate counts', kind: 'number' },
  { name: 'window', label: 'Window', kind: 'duration' },
  { name: 'window_calls', label: 'Window in calls', kind: 'number' },
  { name: 'cooldown', label: 'Cooldown', kind: 'duration' },
  { name: 'cooldown_multiplier', label: 'Cooldown grows by', kind: 'factor' },
  { name: 'cooldown_max', label: 'Longest cooldown', kind: 'duration' },
  { name: 'cooldowns', label: 'Cooldowns of kinds', kind: 'kinds' },
  { name: 'retry_after_min', label: 'Shortest wait', kind: 'duration' },
  { name: 'retry_after_max', label: 'Longest wait', kind: 'duration' },
  { name: 'min_callers', label: 'Failing callers before it opens', kind: 'number' },
  { name: 'mode', label: 'Mode', kind: 'mode' },
  { name: 'half_open_max_requests', label: 'Trials', kind: 'number' },
  { name: 'success_threshold', label: 'Successes that close', kind: 'number' },
  { name: 'trial_timeout', label: 'Lease of a trial', kind: 'duration' },
  { name: 'slow_call_duration', label: 'A call is slow from', kind: 'duration', off: true },
  { name: 'slow_call_rate_threshold', label: 'Rate of slow calls that opens', kind: 'rate', off: true },
  { name: 'cooldown_jitter', label: 'Random share added to cooldowns', kind: 'rate' },
  { name: 'trials_at_once', label: 'Trials at one time', kind: 'number' },
  { name: 'failure_kinds', label: 'Kinds treated differently', kind: 'treatments' },
  { name: 'upstream', label: 'What others depend on', kind: 'yes' },
  { name: 'scope', label: 'Scope', kind: 'scope' },
  { name: 'alternatives', label: 'What may be called instead', kind: 'names' },
];

/** Settings with a list of values, each value with its text. */
const CHOICES = {
  mode: [['enforce', 'enforce'], ['observe', 'observe: its own trips refuse no call']],
  yes: [['true', 'yes'], ['false', 'no']],
  scope: [['local', 'local: each process for itself'], ['shared', 'shared: one circuit over all processes']],
};

const present = (settings, field) =>
  `${field.name}_ms` in settings ? settings[`${field.name}_ms`] : settings[field.name];

const time = (value, words) => (typeof value === 'number' ? words(value) : value);

/** Kinds with their times, such as `QUOTA_EXHAUSTED 15m, AUTHENTICATION 5m`. */
const kinds = (value, words) => Object.entries(value ?? {}).map(([kind, each]) => `${kind} ${time(each, words)}`).join(', ');

function shown(field, value) {
  if (value === null) {
    return 'off';
  }
  switch (field.kind) {
    case 'rate':
      return percent(value);
    case 'duration':
      return time(value, span);
    case 'kinds':
    case 'treatments':
      return kinds(value, span) || 'none';
    case 'names':
      return value.join(', ');
    case 'yes':
      return value ? 'yes' : 'no';
    case 'factor':
      return `× ${value}`;
    default:
      return String(value);
  }
}

/** Every setting in effect, with the name that files, requests and code have for it. */
export const SettingList = ({ settings }) => html`<dl>
  ${FIELDS.filter(field => present(settings, field) !== undefined).map(field => html`<div key=${field.name}>
    <dt>${field.label} <code>${field.name}</code></dt><dd>${shown(field, present(settings, field))}</dd></div>`)}
  ${settings.probe === null && html`<div><dt>Probe <code>probe</code></dt><dd>none</dd></div>`}
  ${probeRows(settings.probe).map(([label, value]) => html`<div key=${label}><dt>${label}</dt><dd>${value}</dd></div>`)}
</dl>`;

const millis = value => (value % 1000 ? `${value}ms` : `${value / 1000}s`);

const written = (field, settings) => {
  const value = present(settings, field);
  if (value === undefined || value === null) {
    return '';
  }
  if (field.kind === 'rate') {
    return String(Math.round(value * 10_000) / 100);
  }
  if (field.kind === 'kinds' || field.kind === 'treatments') {
    return kinds(value, millis);
  }
  if (field.kind === 'names') {
    return value.join(', ');
  }
  return field.kind === 'duration' ? time(value, millis) : String(value);
};

/** What the form says as the API wants it; the server checks it, and reports all mistakes at once. */
function read(field, text) {
  const value = text.trim();
  if (value === '') {
    return null;
  }
  if (field.kind === 'treatments') {
    return Object.fromEntries(value.split(',').map(each => each.trim().split(/\s+/)).map(([kind, treatment]) => [kind, treatment ?? '']));
  }
  if (field.kind === 'yes') {
    return value === 'true';
  }
  if (field.kind === 'names') {
    return value.split(',').map(each => each.trim()).filter(Boolean);
  }
  if (field.kind === 'kinds') {
    return Object.fromEntries(value.split(',').map(each => each.trim().split(/\s+/))
      .map(([kind, ...rest]) => [kind, read({ kind: 'duration' }, rest.join(' '))]));
  }
  const decimal = Number(value);
  if (field.kind === 'duration' || Number.isNaN(decimal)) {
    return /^\d+$/.test(value) ? `${value}s` : value;
  }
  return field.kind === 'rate' ? decimal / 100 : decimal;
}

function settingsOf(policy, base, texts, probe) {
  const settings = policy ? { ...policy.settings } : { base };
  const probed = probeOf(probe);
  if (policy || probed) {
    settings.probe = probed;
  }
  for (const field of FIELDS) {
    const text = texts[field.name];
    if (text !== undefined && !(policy === null && text.trim() === '')) {
      delete settings[`${field.name}_ms`];
      settings[field.name] = read(field, text);
      if (settings[field.name] === null && !field.off) {
        delete settings[field.name];
      }
    }
  }
  return settings;
}

const HINTS = { duration: '30s, 2m, 1h', rate: 'percent', factor: 'factor', number: '', kinds: 'QUOTA_EXHAUSTED 15m', treatments: 'TOOL_ERROR IGNORE', names: 'model:small, model:large' };

/** What an empty field means: the value of the policy that the form begins with, or what is written there. */
function placeholder(field, policy, settings) {
  const value = policy ? undefined : present(settings ?? {}, field);
  if (value !== undefined) {
    return value === null ? 'off' : written(field, settings) || HINTS[field.kind];
  }
  return [policy && field.off ? 'off' : '', HINTS[field.kind]].filter(Boolean).join(', ');
}

/** @param builtIn the built-in policies by name @param covered how many names a pattern covers */
export function PolicyDialog({ policy, builtIn, covered, onClose, onDone }) {
  const [pattern, setPattern] = useState(policy?.pattern ?? '');
  const [base, setBase] = useState('recommended');
  const [texts, setTexts] = useState({});
  const [probe, setProbe] = useState(probeTexts(policy?.settings.probe));

  const submit = async () => {
    const { json } = await call(
      'PUT', `/api/v1/policies/${encodeURIComponent(pattern.trim())}`, settingsOf(policy, base, texts, probe));
    onDone(json);
  };
  const begun = builtIn[base];
  // a server of the release before does not know all of them; a policy without names has none
  const fields = policy ? FIELDS.filter(field => field.kind === 'names' || present(policy.settings, field) !== undefined) : FIELDS;

  return html`<${Dialog} title=${policy ? html`Policy <span class="agent-name">${policy.pattern}</span>` : 'New policy'} onClose=${onClose}>
    <${ActionForm} onSubmit=${submit} onClose=${onClose} confirm="Apply" disabled=${!pattern.trim()}>
      ${!policy && html`
        <${Field} id="pattern" label="Names" hint=${`A name, or a pattern in which * stands for any characters, such as model:*.${pattern.trim() ? ` It covers ${plural(covered(pattern.trim()), 'circuit')} now; the most specific pattern that covers a name counts.` : ''}`}>
          <input id="pattern" value=${pattern} maxlength="256" autocomplete="off" spellcheck=${false} aria-describedby="pattern-hint" onInput=${event => setPattern(event.target.value)} />
        <//>
        <${Field} id="base" label="Begin with" hint="What is left empty below has the value of this built-in policy, which is shown there.">
          <select id="base" value=${base} aria-describedby="base-hint" onChange=${event => setBase(event.target.value)}>
            <option value="recommended">recommended, for an agent alone</option>
            <option value="upstream">upstream, for a shared model, tool or key</option>
            <option value="recommended+probe">recommended, with a probe</option>
            <option value="upstream+probe">upstream, with a probe</option>
            <option value="attempts">attempts, for guards inside a retry loop</option>
            <option value="default">default</option>
          </select>
        <//>`}
      <div class="field-grid">
        ${fields.map(field => html`<${Field} key=${field.name} id=${field.name} label=${field.label} name=${field.name}>
          ${CHOICES[field.kind] ? html`<select id=${field.name} value=${texts[field.name] ?? (policy ? written(field, policy.settings) : '')}
            onChange=${event => setTexts({ ...texts, [field.name]: event.target.value })}>
            ${!policy && html`<option value="">${begun ? `${CHOICES[field.kind].find(([value]) => value === String(present(begun, field)))?.[1] ?? ''} (as it begins)` : 'as it begins'}</option>`}
            ${CHOICES[field.kind].map(([value, text]) => html`<option key=${value} value=${value}>${text}</option>`)}
          </select>` : html`<input id=${field.name} autocomplete="off" value=${texts[field.name] ?? (policy ? written(field, policy.settings) : '')}
            placeholder=${placeholder(field, policy, begun)}
            onInput=${event => setTexts({ ...texts, [field.name]: event.target.value })} />`}
        <//>`)}
      </div>
      <${ProbeFields} texts=${probe} onChange=${setProbe} />
      <p class="note">What it would have decided on recorded calls: <code>interlock replay FILE --policy …</code></p>
      <p class="note">It is in effect at once for all circuits whose name it covers best. None loses its state, its figures or a running cooldown; a window of another shape starts clean.</p>
    <//>
  <//>`;
}
