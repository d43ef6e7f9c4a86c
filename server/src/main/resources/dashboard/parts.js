/* Small parts that several pages use. */

import { html, useEffect, useRef, useState } from './vendor/htm-preact.js';
import { Glyph } from './shapes.js';
import { focusAt, placeOf } from './steady.js';
import { arrives, titlePage } from './title.js';
import { stateText, time } from './words.js';

/** Renders again whenever the store has changed. */
export function useStore(store) {
  const [, setVersion] = useState(0);
  useEffect(() => store.subscribe(() => setVersion(store.version)), [store]);
}

/** Calculates something again at most this often, and at once when its inputs change. */
export function useSometimes(calculate, version, inputs, millis) {
  const last = useRef(null);
  const [, setDue] = useState(0);
  const now = performance.now();
  const same = last.current && inputs.every((each, i) => each === last.current.inputs[i]);
  const isDue = !same || (version !== last.current.version && now - last.current.at >= millis);
  if (isDue) {
    last.current = { value: calculate(), version, inputs, at: now };
  }
  const left = version === last.current.version ? null : last.current.at + millis - now;
  useEffect(() => {
    const timer = left === null ? null : setTimeout(() => setDue(due => due + 1), left);
    return () => clearTimeout(timer);
  }, [left !== null, last.current.at]);
  return last.current.value;
}

/** Renders again every so often, while the page can be seen. */
export function useTick(millis) {
  const [, setTick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => document.hidden || setTick(tick => tick + 1), millis);
    return () => clearInterval(timer);
  }, [millis]);
}

/** A small link to the document that explains something. @param page its address among the documents */
export const About = ({ page, of }) => html`<a class="about" href=${`docs/${page}`} title=${`About ${of}`}><span aria-hidden="true">?</span><span class="hidden">About ${of}</span></a>`;

/** The heading of a part of a page, with a link to the document that explains it. */
export const Titled = ({ id, title, page, of = title.toLowerCase() }) => html`<div class="titled">
  <h2 id=${id}>${title}</h2><${About} page=${page} of=${of} />
</div>`;

/**
 * The heading of a page; takes the focus when somebody comes to the page, so that a screen reader begins there. If a page
 * gets another title later, the focus does not move.
 *
 * @param page the document that explains it, or none
 */
export function PageTitle({ children, title, page }) {
  const heading = useRef();
  useEffect(() => titlePage(title), [title]);
  useEffect(() => {
    const comes = arrives();
    if (comes || document.activeElement === document.body) {
      heading.current.focus({ preventScroll: true });
    }
    comes && window.scrollTo(0, 0);
  }, []);
  const text = html`<h1 tabindex="-1" ref=${heading}>${children ?? title}</h1>`;
  return page ? html`<div class="titled">${text}<${About} page=${page} of=${title.toLowerCase()} /></div>` : text;
}

export const State = ({ circuit, large }) =>
  html`<span class=${`state ${circuit.state} ${circuit.hold ? 'is-held' : ''} ${large ? 'large' : ''}`}>
    <${Glyph} state=${circuit.state} held=${circuit.hold !== null} health=${circuit.health?.status} idle=${circuit.idle} size=${large ? 22 : 16} />
    <span>${stateText(circuit)}</span>
  </span>`;

/** A question or a form above the page. Escape and a click outside close it; the focus returns to where it was. */
export function Dialog({ title, onClose, children }) {
  const dialog = useRef();
  useEffect(() => {
    const before = placeOf(document.activeElement);
    const element = dialog.current;
    element.showModal();
    return () => {
      element.close();
      focusAt(before);
    };
  }, []);
  return html`<dialog ref=${dialog} aria-labelledby="dialog-title"
      onCancel=${event => {
        event.preventDefault();
        onClose();
      }}
      onMouseDown=${event => event.target === dialog.current && onClose()}>
    <div class="dialog-body">
      <h2 id="dialog-title">${title}</h2>
      ${children}
    </div>
  </dialog>`;
}

/** Enter begins a line in a longer text; with Ctrl or Cmd it sends the form. */
function sendsForm(event) {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    const button = event.currentTarget.querySelector('[type=submit]');
    button.disabled || event.currentTarget.requestSubmit(button);
  }
}

/** A form within a dialog: one request at a time, and what the server says if it refuses. */
export function ActionForm({ onSubmit, onClose, confirm, tone = '', disabled = false, children }) {
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState(null);
  const submit = async event => {
    event.preventDefault();
    if (busy) {
      return; // the button is not disabled meanwhile: it would lose the focus
    }
    setBusy(true);
    setRefusal(null);
    try {
      await onSubmit();
    } catch (error) {
      setRefusal(error);
      setBusy(false);
    }
  };
  return html`<form onSubmit=${submit} onKeyDown=${sendsForm}>
    ${children}
    ${refusal && html`<p class="note bad" role="alert">${refusal.message} <${Meaning} error=${refusal} /></p>`}
    <div class="buttons">
      <button type="button" class="plain" onClick=${onClose}>Cancel</button>
      <button type="submit" class=${`primary ${tone}`} disabled=${disabled} aria-disabled=${busy ? 'true' : null}>${busy ? 'One moment …' : confirm}</button>
    </div>
  </form>`;
}

/** @param name how files and requests call what is entered here, if people may want to know */
export const Field = ({ id, label, name, hint, children }) =>
  html`<div class="field">
    <label for=${id}>${label}${name && html` <code>${name}</code>`}</label>
    ${children}
    ${hint && html`<p class="hint" id=${`${id}-hint`}>${hint}</p>`}
  </div>`;

/** A list to choose one value from, or any, if that has a name. A value that is in the address but not in the list is shown as it is. */
export const Choice = ({ label, any = null, value, values, onChange }) => html`
  <select aria-label=${label} value=${value} onChange=${event => onChange(event.target.value)}>
    ${any && html`<option value="">${any}</option>`}
    ${value && !values.some(([name]) => name === value) && html`<option value=${value}>${value}</option>`}
    ${values.map(([name, text]) => html`<option key=${name} value=${name}>${text}</option>`)}
  </select>`;

const ADDRESS = /(https?:\/\/[^\s<>"'“”]*[^\s<>"'“”.,;:!?)\]])/;

/** What somebody wrote, with the addresses in it as links: a ticket, a runbook. */
export const Quote = ({ text }) => html`<q>${text.split(ADDRESS).map((part, i) =>
  (i % 2 ? html`<a href=${part} target="_blank" rel="noopener noreferrer">${part}</a>` : part))}</q>`;

/** Where the documents say what a refusal means: in another tab, since a form may be half filled in. */
const Meaning = ({ error }) => error.problem?.type && error.problem.type !== 'invalid-request' && html`<a href=${`docs/errors.html#${error.problem.type}`} target="_blank">What this means</a>`;

/** A point in time, in full and by UTC below the pointer. */
export const When = ({ at }) => html`<time datetime=${at} title=${at}>${time(at)}</time>`;

/** What is shown where a list is empty. */
export const Empty = ({ title, children }) =>
  html`<div class="empty"><p class="empty-title">${title}</p>${children}</div>`;

export const Loading = ({ what }) =>
  html`<div class="loading" role="status"><span class="bars" aria-hidden="true"><i></i><i></i><i></i></span>${what}</div>`;

/** What went wrong. @param at when the data that is still shown was read, by the wall clock; null if none is shown */
export const Failed = ({ error, onRetry, at = null }) =>
  html`<div class="note bad" role="alert">
    <p>${error.message}${at && html` What is shown is as of ${time(new Date(at).toISOString())}.`} <${Meaning} error=${error} /></p>
    ${onRetry && html`<button type="button" class="plain" onClick=${onRetry}>Try again</button>`}
  </div>`;

/** Loads something: `[value, error, again, at]`; `at` is when the value was read. */
export function useLoaded(load, inputs) {
  const [loaded, setLoaded] = useState({ value: null, error: null, at: null });
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    let wanted = true;
    load().then(
      value => wanted && setLoaded({ value, error: null, at: Date.now() }),
      error => wanted && setLoaded(before => ({ ...before, error })),
    );
    return () => {
      wanted = false;
    };
  }, [...inputs, attempt]);
  return [loaded.value, loaded.error, () => setAttempt(number => number + 1), loaded.at];
}
