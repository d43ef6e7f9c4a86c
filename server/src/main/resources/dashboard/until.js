/* Until when something lasts, as a form asks for it. */

import { html, useState } from './vendor/htm-preact.js';
import { serverNow } from './api.js';
import { Field } from './parts.js';

const LENGTHS = [
  { value: '15', name: '15 minutes' },
  { value: '60', name: '1 hour' },
  { value: '240', name: '4 hours' },
  { value: '1440', name: '24 hours' },
  { value: 'none', name: null },
  { value: 'at', name: 'until a time …' },
];

/** What was chosen, with how to change it. */
export function useEnd(first) {
  const [length, setLength] = useState(first);
  const [at, setAt] = useState('');
  return { length, at, setLength, setAt, isIncomplete: length === 'at' && Number.isNaN(new Date(at).getTime()) };
}

/** The time as the API takes it; null for no end. */
export function endOf({ length, at }) {
  if (length === 'none') {
    return null;
  }
  if (length !== 'at') {
    return new Date(serverNow() + Number(length) * 60_000).toISOString();
  }
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}

/** The fields. @param never what no end is called */
export const End = ({ end, never }) => html`
  <${Field} id="length" label="For how long">
    <select id="length" value=${end.length} onChange=${event => end.setLength(event.target.value)}>
      ${LENGTHS.map(({ value, name }) => html`<option key=${value} value=${value}>${name ?? never}</option>`)}
    </select>
  <//>
  ${end.length === 'at' && html`<${Field} id="at" label="Until" hint="In the time zone of this browser.">
    <input id="at" type="datetime-local" value=${end.at} aria-describedby="at-hint" required onInput=${event => end.setAt(event.target.value)} />
  <//>`}`;
