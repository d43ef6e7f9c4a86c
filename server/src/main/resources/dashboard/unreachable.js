/* What is shown before anything is known: the server cannot be reached, or cannot answer, and is tried again by itself. */

import { html, useEffect } from './vendor/htm-preact.js';
import { useTick } from './parts.js';
import { titlePage } from './title.js';
import { span } from './words.js';

const FIRST_WAIT = 1000;
const LONGEST_WAIT = 15_000;

/** Whether the server, or the network, fails, and not a key or a right. */
export const isAway = error => error.status === 0 || error.status >= 500;

/** After which time something that failed this often is tried again; spread, so that not all pages try at once. */
export const waitAfter = failures => Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (failures - 1)) * (0.75 + Math.random() / 2);

/**
 * @param error of the last attempt; null if it has not ended
 * @param nextTry when it is tried again, by this browser's clock
 */
export function Unreachable({ error, nextTry, onRetry }) {
  useTick(500);
  const title = error === null || error.status === 0 ? 'The server cannot be reached' : 'The server cannot answer';
  useEffect(() => titlePage(title), [title]);
  const wait = nextTry - Date.now();
  return html`<div class="empty" role="alert">
    <p class="empty-title">${title}</p>
    ${error && error.status !== 0 && html`<p>${error.message}</p>`}
    <p>Nothing is known of the fleet yet. It is tried again by itself<span aria-hidden="true">${wait > 0 ? `, in ${span(wait)}` : ' now'}</span>.</p>
    <p><button type="button" onClick=${onRetry}>Try now</button></p>
  </div>`;
}
