/*
 * The map: a cell for each agent, at a place that depends on its name alone, so that the eye finds it again. Only what
 * can be seen is drawn, from pictures made once. The list next to it says the same to people who do not see it.
 */

import { html, useEffect, useLayoutEffect, useMemo, useRef, useState } from './vendor/htm-preact.js';
import { foldKey, GroupHeading, groupsOf, membersOf } from './map-groups.js';
import { matches } from './orders.js';
import { palette, sprites } from './shapes.js';
import { carriedOver, causeText, IDLE, isolated, plural, since, stateText } from './words.js';

const SIZES = [30, 26, 23, 20, 17, 15, 13, 11];
const LABEL = 30;
const GAP = 8;
const PULSE = 2500;
const TIP_BELOW = 18;

/** Until the first frame: a pointer or a key may come before it. */
const NOTHING_YET = { cell: SIZES[0], columns: 1, placed: [], height: 0 };

class MapPainter {
  constructor(scroller, canvas, spacer, onPoint, onArrange) {
    Object.assign(this, { scroller, canvas, spacer, onPoint, onArrange });
    this.context = canvas.getContext('2d');
    this.cursor = null;
    this.layout = NOTHING_YET;
    this.calm = matchMedia('(prefers-reduced-motion: reduce)');
    this.dark = matchMedia('(prefers-color-scheme: dark)');
    this.retint = () => {
      this.colours = null;
      this.draw();
    };
    this.dark.addEventListener('change', this.retint);
    this.resizing = new ResizeObserver(() => this.draw());
    this.resizing.observe(scroller);
    this.scrolled = () => this.draw();
    scroller.addEventListener('scroll', this.scrolled, { passive: true });
  }

  close() {
    this.dark.removeEventListener('change', this.retint);
    this.scroller.removeEventListener('scroll', this.scrolled);
    this.resizing.disconnect();
    cancelAnimationFrame(this.frame);
  }

  show(store, wanted, groups) {
    Object.assign(this, { store, wanted, groups });
    this.draw();
  }

  draw() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      if (this.store) {
        this.arrange();
        this.paint();
      }
    });
  }

  /** The largest cells that all fit into the box, or else the smallest. */
  arrange() {
    const width = this.scroller.clientWidth;
    const room = parseFloat(getComputedStyle(this.scroller).maxHeight) || 400;
    const { groups } = this;
    const labelled = isLabelled(groups);
    const layout = cell => {
      const columns = Math.max(1, Math.floor(width / cell));
      let y = 0;
      const placed = groups.map(({ names, folded }) => {
        const top = y + (labelled ? LABEL : 0);
        const rows = folded ? 0 : Math.ceil(names.length / columns);
        y = top + rows * cell + (folded ? 0 : GAP);
        return { names: folded ? [] : names, top, rows };
      });
      return { cell, columns, placed, height: y };
    };
    this.layout = SIZES.map(layout).find(each => each.height <= room) ?? layout(SIZES.at(-1));
    this.spacer.style.height = `${this.layout.height}px`;
    this.width = width;
    this.height = Math.min(room, this.layout.height);
    this.onArrange(labelled ? this.layout.placed.map(group => group.top - LABEL) : []);
  }

  paint() {
    const scale = devicePixelRatio || 1;
    const { canvas, context, layout } = this;
    if (canvas.width !== Math.round(this.width * scale) || canvas.height !== Math.round(this.height * scale)) {
      canvas.width = Math.round(this.width * scale);
      canvas.height = Math.round(this.height * scale);
      canvas.style.width = `${this.width}px`;
      canvas.style.height = `${this.height}px`;
    }
    const size = Math.min(26, layout.cell - (layout.cell > 15 ? 4 : 2));
    if (!this.colours || this.made !== `${size} ${scale}`) {
      this.colours = palette(canvas);
      this.sprite = sprites(size, scale, this.colours);
      this.made = `${size} ${scale}`;
    }
    const top = this.scroller.scrollTop;
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, this.width, this.height);
    const now = performance.now();
    const inset = (layout.cell - size) / 2;
    let pulsing = false;
    for (const group of layout.placed) {
      const firstRow = Math.max(0, Math.floor((top - group.top) / layout.cell));
      const lastRow = Math.min(group.rows, Math.ceil((top + this.height - group.top) / layout.cell));
      const last = Math.min(group.names.length, lastRow * layout.columns);
      for (let i = firstRow * layout.columns; i < last; i++) {
        const circuit = this.store.circuits.get(group.names[i]);
        if (circuit) {
          const x = (i % layout.columns) * layout.cell;
          const y = group.top + Math.floor(i / layout.columns) * layout.cell - top;
          const faint = !matches(circuit, this.wanted);
          const sprite = this.sprite(circuit.state, circuit.hold !== null, circuit.health?.status, circuit.idle, faint);
          context.drawImage(sprite, x + inset, y + inset, size, size);
          pulsing = this.pulse(circuit, x, y, now) || pulsing;
          if (circuit.agent_id === this.cursor) {
            this.frameCell(x, y, this.colours.cursor, 2);
          }
        }
      }
    }
    if (pulsing) {
      this.draw();
    }
  }

  /** A frame that fades, around what has just changed. */
  pulse(circuit, x, y, now) {
    const age = now - (this.store.changedAt.get(circuit.agent_id) ?? -PULSE);
    if (age >= PULSE) {
      return false;
    }
    this.context.globalAlpha = this.calm.matches ? 1 : 1 - age / PULSE;
    this.frameCell(x, y, this.colours.pulse, 2);
    this.context.globalAlpha = 1;
    return true;
  }

  frameCell(x, y, colour, width) {
    this.context.strokeStyle = colour;
    this.context.lineWidth = width;
    this.context.strokeRect(x + 0.5, y + 0.5, this.layout.cell - 1, this.layout.cell - 1);
  }

  /** Whose cell lies at a point of the canvas, or null. */
  at(event) {
    const box = this.canvas.getBoundingClientRect();
    const x = event.clientX - box.left;
    const y = event.clientY - box.top + this.scroller.scrollTop;
    const { cell, columns, placed } = this.layout;
    const group = placed.find(each => y >= each.top && y < each.top + each.rows * cell);
    const column = Math.floor(x / cell);
    return group && column < columns ? group.names[Math.floor((y - group.top) / cell) * columns + column] ?? null : null;
  }

  /** Puts the cursor on an agent, or on none; `event` is the pointer's event, if a pointer moved it. */
  point(agent, event = null) {
    if (agent !== this.cursor) {
      this.cursor = agent;
      const circuit = agent && this.store.circuits.get(agent);
      const text = circuit ? describe(circuit) : null;
      this.onPoint(text, event && text ? this.beside(event) : null);
      this.draw();
    }
  }

  /** A place beside the pointer, within the map's card, for a text of any length. */
  beside(event) {
    const box = this.scroller.parentElement.getBoundingClientRect();
    const x = event.clientX - box.left;
    const y = event.clientY - box.top + TIP_BELOW;
    return x < box.width / 2 ? { left: `${x}px`, top: `${y}px` } : { right: `${box.width - x}px`, top: `${y}px` };
  }

  /** Moves the cursor; the cells of all groups count as one row after another. */
  move(key) {
    const all = this.layout.placed.flatMap(group => group.names);
    if (all.length === 0) {
      return;
    }
    const { columns } = this.layout;
    const present = all.indexOf(this.cursor);
    const page = columns * Math.max(1, Math.floor(this.height / this.layout.cell) - 1);
    const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns, PageDown: page, PageUp: -page };
    const next = key === 'Home' ? 0 : key === 'End' ? all.length - 1 : Math.max(0, present) + (present < 0 ? 0 : steps[key]);
    const agent = all[Math.min(all.length - 1, Math.max(0, next))];
    this.point(agent);
    const group = this.layout.placed.find(each => each.names.includes(agent));
    const y = group.top + Math.floor(group.names.indexOf(agent) / columns) * this.layout.cell;
    const { scrollTop } = this.scroller;
    if (y < scrollTop) {
      this.scroller.scrollTop = y - LABEL;
    } else if (y + this.layout.cell > scrollTop + this.height) {
      this.scroller.scrollTop = y + this.layout.cell - this.height;
    }
  }
}

/** A fleet of agents only needs no heading. */
const isLabelled = groups => groups.length > 1 || groups[0]?.key !== 'agent';

const describe = circuit => {
  const age = since(circuit.since);
  return `${isolated(circuit.agent_id)}: ${stateText(circuit).toLowerCase()}${age ? ` for ${age}` : ''}`
    + `${circuit.cause && circuit.state !== 'closed' ? `, ${causeText(circuit.cause)}${carriedOver(circuit)}` : ''}`
    + `${circuit.idle ? `; ${IDLE.toLowerCase()}` : ''}`
    + `${circuit.health ? `; its health is ${circuit.health.status}` : ''}`;
};

const KEYS = ['ArrowRight', 'ArrowLeft', 'ArrowDown', 'ArrowUp', 'PageDown', 'PageUp', 'Home', 'End'];

const open = agent => {
  location.hash = `#/agents/${encodeURIComponent(agent)}`;
};

/** @param by how it is grouped */
export function FleetMap({ store, wanted, by, onPoint }) {
  const scroller = useRef();
  const canvas = useRef();
  const spacer = useRef();
  const painter = useRef(null);
  const [tip, setTip] = useState(null);
  const [tops, setTops] = useState([]);
  const [folds, setFolds] = useState(new Map());
  const members = useMemo(() => membersOf(store, by), [store.names, by === 'kind' ? 0 : store.grouping, by]);
  const groups = useMemo(() => groupsOf(store, members, by, folds), [store.version, members, folds]);
  useLayoutEffect(() => {
    const pointed = (text, place) => {
      onPoint(text);
      setTip(place && { text, place });
    };
    const arranged = fresh => setTops(before => (before.length === fresh.length && before.every((top, i) => top === fresh[i]) ? before : fresh));
    painter.current = new MapPainter(scroller.current, canvas.current, spacer.current, pointed, arranged);
    return () => painter.current.close();
  }, []);
  useEffect(() => painter.current.show(store, wanted, groups), [groups, wanted]);

  const onKey = event => {
    if (KEYS.includes(event.key)) {
      event.preventDefault();
      painter.current.move(event.key);
    } else if (event.key === 'Enter' && painter.current.cursor) {
      open(painter.current.cursor);
    }
  };
  return html`${tip && html`<div class="map-tip" style=${tip.place} aria-hidden="true">${tip.text}</div>`}<div class="map" ref=${scroller}>
    <div class="map-spacer" ref=${spacer}>
      ${isLabelled(groups) && groups.map((group, i) => tops[i] !== undefined && html`<${GroupHeading} key=${group.key} group=${group} top=${tops[i]}
        onFold=${() => setFolds(new Map(folds).set(foldKey(by, group.key), !group.folded))} />`)}
      <canvas ref=${canvas} tabindex="0" role="application" aria-roledescription="map"
        aria-label=${`Map of ${plural(store.counts.all, 'circuit')}: arrows move, Enter opens. The list shows the same.`}
        onMouseMove=${event => painter.current.point(painter.current.at(event), event)}
        onMouseLeave=${() => painter.current.point(null)}
        onBlur=${() => painter.current.point(null)}
        onKeyDown=${onKey}
        onClick=${event => {
          const agent = painter.current.at(event);
          agent && open(agent);
        }}></canvas>
    </div>
  </div>`;
}
