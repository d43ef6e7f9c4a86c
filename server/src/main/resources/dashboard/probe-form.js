/* The probe of a policy: in words, and the part of the form that changes it. */

import { html } from './vendor/htm-preact.js';
import { Field } from './parts.js';
import { span } from './words.js';

/** When it is made; the rest of the settings says what is asked. */
const TIMES = [
  { name: 'interval', label: 'Probe again after', hint: '30s', duration: true },
  { name: 'needed', label: 'Good probes before trials', hint: '5' },
  { name: 'spacing', label: 'Between good probes', hint: '1s', duration: true },
  { name: 'real_trial_after', label: 'Real trial after', hint: '1h', duration: true },
  { name: 'suspicion', label: 'Probes at a first failure', hint: '2, 0 = off' },
  { name: 'timeout', label: 'Answer within', hint: '5s', duration: true },
];

const millis = value => (value % 1000 ? `${value}ms` : `${value / 1000}s`);

const present = (probe, { name }) => probe?.[`${name}_ms`] ?? probe?.[name];

/** A probe as pairs of texts; none if there is none. */
export function probeRows(probe) {
  if (!probe) {
    return [];
  }
  const times = TIMES.filter(field => present(probe, field) !== undefined).map(field => {
    const value = present(probe, field);
    return [field.label, field.duration && typeof value === 'number' ? span(value) : String(value)];
  });
  return [['Probe', probe.url ? `${probe.method} ${probe.url}` : 'no request'], ...times];
}

/** What the form begins with, each as a text. */
export function probeTexts(probe) {
  const texts = {
    url: probe?.url ?? '',
    method: probe?.method ?? 'GET',
    headers: Object.entries(probe?.headers ?? {}).map(([name, value]) => `${name}: ${value}`).join('\n'),
    body: probe?.body ?? '',
    expect: (probe?.expect ?? []).join(', '),
  };
  for (const field of TIMES) {
    const value = present(probe, field);
    texts[field.name] = value === undefined ? '' : field.duration && typeof value === 'number' ? millis(value) : String(value);
  }
  return texts;
}

const headersOf = text => Object.fromEntries(text.split('\n').filter(line => line.trim() !== '').map(line => {
  const colon = line.indexOf(':');
  return colon < 0 ? [line.trim(), ''] : [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
}));

/** What the form says as the API wants it; null without an address. The server checks it. */
export function probeOf(texts) {
  if (texts.url.trim() === '') {
    return null;
  }
  const probe = { url: texts.url.trim(), method: texts.method, headers: headersOf(texts.headers) };
  if (texts.body !== '') {
    probe.body = texts.body;
  }
  if (texts.expect.trim() !== '') {
    probe.expect = texts.expect.split(/[\s,]+/).filter(Boolean).map(each => (/^\d+$/.test(each) ? Number(each) : each));
  }
  for (const { name, duration } of TIMES) {
    const text = texts[name].trim();
    if (text !== '') {
      probe[name] = !/^\d+$/.test(text) ? text : duration ? `${text}s` : Number(text);
    }
  }
  return probe;
}

export function ProbeFields({ texts, onChange }) {
  const input = name => event => onChange({ ...texts, [name]: event.target.value });
  return html`<fieldset class="probe-fields">
    <legend>Probe</legend>
    <${Field} id="probe-url" label="Address" hint="Whole, with https, such as that of a provider's list of models. Without one there is no probe; its host must be on the server's list of hosts.">
      <input id="probe-url" value=${texts.url} autocomplete="off" spellcheck=${false} aria-describedby="probe-url-hint" onInput=${input('url')} />
    <//>
    ${texts.url.trim() !== '' && html`
      <div class="field-grid">
        <${Field} id="probe-method" label="Method">
          <select id="probe-method" value=${texts.method} onChange=${input('method')}>
            ${['GET', 'HEAD', 'OPTIONS', 'POST'].map(each => html`<option key=${each} value=${each}>${each}</option>`)}
          </select>
        <//>
        <${Field} id="probe-expect" label="Good statuses">
          <input id="probe-expect" value=${texts.expect} autocomplete="off" placeholder="200" onInput=${input('expect')} />
        <//>
      </div>
      <${Field} id="probe-headers" label="Headers" hint=${'One a line, such as Authorization: Bearer ${secret:NAME}. Secrets are listed in the server\'s file.'}>
        <textarea id="probe-headers" rows="2" spellcheck=${false} value=${texts.headers} aria-describedby="probe-headers-hint" onInput=${input('headers')}></textarea>
      <//>
      ${texts.method === 'POST' && html`<${Field} id="probe-body" label="Body">
        <textarea id="probe-body" rows="3" spellcheck=${false} value=${texts.body} onInput=${input('body')}></textarea>
      <//>`}
      <div class="field-grid">
        ${TIMES.map(({ name, label, hint }) => html`<${Field} key=${name} id=${`probe-${name}`} label=${label}>
          <input id=${`probe-${name}`} value=${texts[name]} autocomplete="off" placeholder=${hint} onInput=${input(name)} />
        <//>`)}
      </div>`}
  </fieldset>`;
}
