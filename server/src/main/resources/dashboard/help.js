/* Which keys there are, and which words the search takes. */

import { html } from './vendor/htm-preact.js';
import { Dialog } from './parts.js';

const KEYS = [
  [['/'], 'To the search; Escape empties it'],
  [['↑', '↓'], 'In the list, or in the map: one row on; ← and → in the map'],
  [['Page ↑', 'Page ↓'], 'A screen on'],
  [['Home', 'End'], 'To the first, to the last'],
  [['Enter'], 'Opens the agent, or folds a group of the map'],
  [['Ctrl', 'Enter'], 'Sends a form'],
  [['u'], 'Undoes what the message at the foot of the page is about'],
  [['?'], 'This help; Escape closes it'],
];

const WORDS = [
  ['planner', 'has this in its name; with * the whole name must match: model:atlas-*'],
  ['kind:LOOP', 'opened by this kind of failure'],
  ['cause:failure_rate', 'changed its state last for this cause'],
  ['dep:model:kimi-k2', 'uses this'],
  ['by:ada', 'was changed or is held by her'],
  ['policy:model:*', 'follows this policy'],
  ['state:open,held', 'open, half_open, closed, held; commas mean any of them'],
  ['health:critical', 'critical, degraded, well'],
  ['team=billing', 'has this in its metadata; team:billing finds names, too'],
  ['-kind:LOOP', 'not that'],
];

const DOCUMENTS = [
  ['operations/runbook.html', 'Runbook', 'what to do now'],
  ['dashboard.html', 'The dashboard', 'what it shows'],
  ['circuit-breaker.html', 'Circuits and their states', 'why they open, how they close, overrides'],
  ['gates.html#words-of-a-query', 'The search', 'its words in full'],
  ['', 'All documents', 'of this version, from this server'],
];

export const Help = ({ onClose }) => html`<${Dialog} title="Keys and words" onClose=${onClose}>
  <h3 tabindex="-1" autofocus>Keys</h3>
  <dl class="help">${KEYS.map(([keys, does]) => html`<div key=${does}><dt>${keys.map(key => html`<kbd key=${key}>${key}</kbd> `)}</dt><dd>${does}</dd></div>`)}</dl>
  <h3>Words of the search: all must match</h3>
  <dl class="help">${WORDS.map(([word, finds]) => html`<div key=${word}><dt><code>${word}</code></dt><dd>${finds}</dd></div>`)}</dl>
  <h3>Documents</h3>
  <dl class="help">${DOCUMENTS.map(([page, name, about]) => html`<div key=${page}><dt><a href=${`docs/${page}`}>${name}</a></dt><dd>${about}</dd></div>`)}</dl>
  <div class="buttons"><button type="button" class="primary" onClick=${onClose}>Close</button></div>
<//>`;

const TYPING = /^(INPUT|TEXTAREA|SELECT)$/;
const SOON = 200;

/** Whether a key is not typed into a field, so that it is for the page. */
export const isFree = event => !(event.ctrlKey || event.metaKey || event.altKey || TYPING.test(event.target.tagName)
  || document.querySelector('dialog[open]'));

/** Listens for the keys that work on all pages. @param onHelp opens the help */
export function hearKeys(onHelp) {
  const hear = event => {
    if (!isFree(event)) {
      return;
    }
    if (event.key === '?') {
      event.preventDefault();
      onHelp();
    } else if (event.key === '/') {
      event.preventDefault();
      if (!focusSearch()) {
        location.hash = '#/';
        setTimeout(focusSearch, SOON); // the page that comes takes the focus first
      }
    }
  };
  document.addEventListener('keydown', hear);
  return () => document.removeEventListener('keydown', hear);
}

function focusSearch() {
  const field = document.querySelector('main input[type=search]');
  field?.focus();
  return Boolean(field);
}
