/* How a state looks: a shape and a colour, so that neither is needed alone. Drawn in a square of 16 units. */

import { html } from './vendor/htm-preact.js';

/** The lines below a shape, from where to where. */
const MARKS = { degraded: [[2, 6.4], [9.6, 14]], critical: [[1.5, 14.5]] };
const MARK_AT = 14.7;
const MARK_WIDTH = 2.2;

/** How faint an agent is that was not called since the start; the style sheet has the same. */
const IDLE_ALPHA = 0.45;

/** How much smaller a shape is above such a line. */
const SHRUNK = 0.78;

/**
 * Closed: a dot. Half-open: a diamond, half filled. Open: a crossed square. Held: the same in a frame. Below it the
 * health, where it is not well: a broken line for degraded, a whole one for critical. Fainter: known from before, and not
 * called since the start.
 */
export function Glyph({ state, held = false, health = null, idle = false, size = 16 }) {
  const mark = MARKS[health];
  return html`<svg class=${`glyph ${state} ${held ? 'held' : ''} ${idle ? 'idle' : ''}`} viewBox="0 0 16 16" width=${size} height=${size} aria-hidden="true">
    <g transform=${mark ? `translate(${(16 - 16 * SHRUNK) / 2} 0) scale(${SHRUNK})` : null}>
      ${held && html`<rect class="frame" x="1" y="1" width="14" height="14" rx="2.5" />`}
      ${state === 'closed' && html`<circle class="fill" cx="8" cy="8" r=${held ? 2.8 : 3.6} />`}
      ${state === 'half_open' && html`<path class="line" d="M8 2.4 13.6 8 8 13.6 2.4 8Z" /><path class="fill" d="M8 2.4 8 13.6 2.4 8Z" />`}
      ${state === 'open' && html`<rect class="fill" x=${held ? 3.5 : 1.5} y=${held ? 3.5 : 1.5} width=${held ? 9 : 13} height=${held ? 9 : 13} rx="2" />
        <path class="cross" d=${held ? 'M6 6 10 10M10 6 6 10' : 'M5.2 5.2 10.8 10.8M10.8 5.2 5.2 10.8'} />`}
    </g>
    ${mark && html`<path class=${`mark ${health}`} d=${mark.map(([from, to]) => `M${from} ${MARK_AT}H${to}`).join('')} />`}
  </svg>`;
}

/** The colours of the style sheet, as a canvas needs them. */
export function palette(element) {
  const style = getComputedStyle(element);
  const of = name => style.getPropertyValue(`--${name}`).trim();
  return {
    open: of('open-fill'),
    half_open: of('half-fill'),
    closed: of('closed-fill'),
    held: of('held'),
    degraded: of('half-fill'),
    critical: of('open-fill'),
    cross: of('surface'),
    label: of('ink-2'),
    cursor: of('ink'),
    pulse: of('accent'),
    font: style.fontFamily,
  };
}

/** Pictures of all states at one size, drawn once: a canvas with ten thousand cells only copies them. */
export function sprites(size, scale, colours) {
  const made = new Map();
  return (state, held, health, idle, faint) => {
    const key = `${state}${held}${health}${idle}${faint}`;
    let sprite = made.get(key);
    if (!sprite) {
      sprite = document.createElement('canvas');
      sprite.width = sprite.height = Math.ceil(size * scale);
      const context = sprite.getContext('2d');
      context.scale((size * scale) / 16, (size * scale) / 16);
      context.globalAlpha = faint ? 0.16 : idle ? IDLE_ALPHA : 1;
      if (MARKS[health]) {
        mark(context, health, colours);
        context.translate((16 - 16 * SHRUNK) / 2, 0);
        context.scale(SHRUNK, SHRUNK);
      }
      draw(context, state, held, colours);
      made.set(key, sprite);
    }
    return sprite;
  };
}

function mark(context, health, colours) {
  context.strokeStyle = colours[health];
  context.lineWidth = MARK_WIDTH;
  context.beginPath();
  for (const [from, to] of MARKS[health]) {
    context.moveTo(from, MARK_AT);
    context.lineTo(to, MARK_AT);
  }
  context.stroke();
}

function draw(context, state, held, colours) {
  context.fillStyle = context.strokeStyle = colours[state];
  if (held) {
    context.strokeStyle = colours.held;
    context.lineWidth = 1.8;
    context.strokeRect(1.4, 1.4, 13.2, 13.2);
    context.strokeStyle = colours[state];
  }
  context.beginPath();
  if (state === 'closed') {
    context.arc(8, 8, held ? 2.8 : 3.6, 0, 2 * Math.PI);
    context.fill();
  } else if (state === 'half_open') {
    context.lineWidth = 1.6;
    context.moveTo(8, 1.8);
    context.lineTo(14.2, 8);
    context.lineTo(8, 14.2);
    context.lineTo(1.8, 8);
    context.closePath();
    context.stroke();
    context.beginPath();
    context.moveTo(8, 1.8);
    context.lineTo(8, 14.2);
    context.lineTo(1.8, 8);
    context.fill();
  } else {
    const inset = held ? 3.5 : 1.2;
    context.fillRect(inset, inset, 16 - 2 * inset, 16 - 2 * inset);
    context.strokeStyle = colours.cross;
    context.lineWidth = 1.6;
    const arm = held ? 6 : 5;
    context.moveTo(arm, arm);
    context.lineTo(16 - arm, 16 - arm);
    context.moveTo(16 - arm, arm);
    context.lineTo(arm, 16 - arm);
    context.stroke();
  }
}
