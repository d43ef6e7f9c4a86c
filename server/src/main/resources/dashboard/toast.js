/* A message at the foot of the page that goes by itself, with a way back where there is one. */

import { html, useEffect, useRef } from './vendor/htm-preact.js';
import { isFree } from './help.js';
import { isHeld } from './steady.js';

const SHOWN = 6000;
const SHOWN_WITH_ACTION = 30_000;

/** @param toast a text, or `{ text, action: { name, run } }`; null for none */
export function Toast({ toast, onEnd }) {
  const box = useRef();
  const action = toast?.action;
  const act = () => {
    onEnd();
    action.run();
  };
  useEffect(() => {
    if (!toast) {
      return undefined;
    }
    let timer;
    const end = () => (isHeld(box.current) ? wait(SHOWN) : onEnd());
    const wait = millis => {
      timer = setTimeout(end, millis);
    };
    const hear = event => {
      if (action && event.key === 'u' && isFree(event)) {
        event.preventDefault();
        act();
      } else if (event.key === 'Escape' && isFree(event)) {
        onEnd();
      }
    };
    wait(action ? SHOWN_WITH_ACTION : SHOWN);
    document.addEventListener('keydown', hear);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('keydown', hear);
    };
  }, [toast]);
  return html`<div class="toast-place" role="status" aria-live="polite" ref=${box}>${toast && html`<p class="toast">${toast.text ?? toast}${action && html`
    <button type="button" aria-keyshortcuts="u" onClick=${act}>${action.name} <kbd aria-hidden="true">u</kbd></button>`}</p>`}</div>`;
}
