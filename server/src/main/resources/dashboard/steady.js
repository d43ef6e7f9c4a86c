/*
 * A button that somebody is about to press stays where it is, and the focus is never lost, whatever a live page adds,
 * moves or takes away. One observer looks after both; it measures one element after each change, before it is painted.
 */

import { useRef } from './vendor/htm-preact.js';

/** A change that a person has just caused may move anything. */
const DOING = 600;

/** How long after a move of the pointer or a key somebody may be about to press something. */
const IN_HAND = 4000;

const MODIFIERS = ['Shift', 'Control', 'Alt', 'Meta'];

const FOCUSABLE = 'a[href]:not([tabindex="-1"]), button:not(:disabled), input:not(:disabled), select:not(:disabled), textarea:not(:disabled), [tabindex="0"]';

let pointed = null; // what the pointer is over; a finger leaves nothing behind
let anchor = null; // what is kept in place, and where that is
let top = 0;
let didAt = -Infinity;
let inHandAt = -Infinity;
let place = null; // where the focus is
let owed = 0; // by how much the page was scrolled here, and not by the person
let reached = 0;
let resting;

/** What one is likely to press next, and where it is. */
function measure() {
  const focus = document.activeElement?.matches(':focus-visible') ? document.activeElement : null;
  const candidate = focus ?? pointed;
  anchor = candidate?.isConnected && candidate.closest('main') && !candidate.closest('dialog') ? candidate : null;
  top = anchor ? anchor.getBoundingClientRect().top : 0;
}

function keepPlace() {
  const now = performance.now();
  if (anchor?.isConnected && now - inHandAt < IN_HAND && now - didAt > DOING) {
    const box = anchor.getBoundingClientRect();
    if (box.top !== top && top + box.height > 0 && top < innerHeight) {
      const before = scrollY;
      window.scrollBy({ top: box.top - top, behavior: 'instant' });
      reached = scrollY;
      owed += reached - before;
      rest();
    }
  }
  measure();
}

/** Once nothing is in hand any more, what came above is shown to somebody who was at the top of the page. */
function rest() {
  clearTimeout(resting);
  resting = owed > 0 && setTimeout(() => {
    if (performance.now() - inHandAt < IN_HAND) {
      rest();
    } else {
      scrollY === owed && window.scrollTo({ top: 0, behavior: 'instant' });
      owed = 0;
      measure();
    }
  }, IN_HAND);
}

/** What had the focus is gone. */
function keepFocus() {
  const now = document.activeElement;
  if (place && !place.element.isConnected && (!now || now === document.body)) {
    focusAt(place);
  }
}

/** An element, and what it lies in, from the inside out. */
export function placeOf(element) {
  const around = [];
  for (let each = element?.parentElement; each && each !== document.body; each = each.parentElement) {
    around.push(each);
  }
  return { element, around };
}

/** Gives the focus to an element, or if it is gone to something near where it was, or to the heading of the page. */
export function focusAt({ element, around }) {
  if (element?.isConnected) {
    element.focus();
    return;
  }
  const dialog = document.querySelector('dialog[open]');
  const main = document.querySelector('main');
  const near = around.find(each => each.isConnected && !each.contains(main) && each.querySelector(FOCUSABLE) && (!dialog || dialog.contains(each)));
  const target = near?.querySelector(FOCUSABLE) ?? (dialog ?? main)?.querySelector('h1, h2');
  target?.focus({ preventScroll: Boolean(near) });
}

/** Begins to look after a page. */
export function keepSteady(root) {
  const hear = (event, then) => window.addEventListener(event, then, { capture: true, passive: true });
  const inHand = () => {
    inHandAt = performance.now();
  };
  const did = event => {
    if (!MODIFIERS.includes(event.key)) {
      didAt = performance.now();
    }
  };
  new MutationObserver(() => {
    keepFocus();
    keepPlace();
  }).observe(root, { childList: true, subtree: true, characterData: true });
  hear('focusin', event => {
    place = placeOf(event.target);
    measure();
  });
  hear('pointermove', event => {
    pointed = event.pointerType === 'mouse' ? event.target : null;
    inHand();
    measure();
  });
  hear('keydown', inHand);
  ['click', 'input', 'keydown', 'hashchange'].forEach(event => hear(event, did));
  hear('scroll', event => {
    owed = event.target === document && scrollY !== reached ? 0 : owed;
    measure();
  });
}

/** Whether somebody points at an element, or has the focus in it. */
export const isHeld = element => Boolean(element)
  && (element.contains(document.activeElement) || (pointed !== null && element.matches(':hover')));

/** Whether somebody who does is about to press something there. */
export const isInUse = element => performance.now() - inHandAt < IN_HAND && isHeld(element);

/**
 * Keeps the order of a list while somebody is about to press something in it; what is new comes last.
 *
 * @param box a reference to the element of the list
 * @param keyOf what is different for each
 * @param view what, when it changes, begins a new order: what the person asked for
 */
export function useSteadyOrder(box, items, keyOf, view = null) {
  const before = useRef({ view: null, items: [] });
  let ordered = items;
  if (before.current.view === view && before.current.items !== items && isInUse(box.current)) {
    const left = new Map(items.map(each => [keyOf(each), each]));
    ordered = [];
    for (const each of before.current.items) {
      const key = keyOf(each);
      left.has(key) && ordered.push(left.get(key));
      left.delete(key);
    }
    ordered.push(...left.values());
  }
  before.current = { view, items: ordered };
  return ordered;
}
