/* A list of any length: only the rows in view are there, each says its place, and the arrows move through all. */

import { html, useEffect, useLayoutEffect, useRef, useState } from './vendor/htm-preact.js';
import { waitLeft } from './fleet-store.js';
import { gateOver } from './gates.js';
import { useTick } from './parts.js';
import { Glyph } from './shapes.js';
import { useSteadyOrder } from './steady.js';
import { IDLE, percent, since, span, stateText, time } from './words.js';

const ROW = 46;
const MARGIN = 6;

/** @param view what was asked for: the order is kept within it while the list is used */
export function FleetList({ circuits: sorted, view: asked, stopped }) {
  useTick(1000);
  const box = useRef();
  const circuits = useSteadyOrder(box, sorted, circuit => circuit.agent_id, asked);
  const [view, setView] = useState({ top: 0, height: 600 });
  const [active, setActive] = useState(null);
  const wanted = useRef(null);

  useLayoutEffect(() => {
    const element = box.current;
    const measure = () => setView({ top: element.scrollTop, height: element.clientHeight });
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    element.addEventListener('scroll', measure, { passive: true });
    return () => observer.disconnect();
  }, []);

  const first = Math.max(0, Math.floor(view.top / ROW) - MARGIN);
  const last = Math.min(circuits.length, Math.ceil((view.top + view.height) / ROW) + MARGIN);
  const rows = circuits.slice(first, last).map((circuit, i) => ({ circuit, index: first + i }));
  if (active && !rows.some(row => row.circuit.agent_id === active) && document.activeElement?.dataset.agent === active) {
    const index = circuits.findIndex(circuit => circuit.agent_id === active);
    index >= 0 && rows.push({ circuit: circuits[index], index }); // out of view, but it has the focus
  }
  const reachable = rows.some(row => row.circuit.agent_id === active) ? active : rows[0]?.circuit.agent_id;

  useEffect(() => {
    if (wanted.current) {
      const link = [...box.current.querySelectorAll('a')].find(each => each.dataset.agent === wanted.current);
      if (link) {
        wanted.current = null;
        link.focus({ preventScroll: true });
      }
    }
  });

  const move = event => {
    const page = Math.max(1, Math.floor(view.height / ROW) - 1);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    const step = steps[event.key];
    if (step === undefined) {
      return;
    }
    event.preventDefault();
    const present = circuits.findIndex(circuit => circuit.agent_id === event.target.dataset.agent);
    const next = Math.min(circuits.length - 1, Math.max(0, present + step));
    const { agent_id: agent } = circuits[next];
    wanted.current = agent;
    setActive(agent);
    const top = next * ROW;
    const element = box.current;
    if (top < element.scrollTop) {
      element.scrollTop = top;
    } else if (top + ROW > element.scrollTop + view.height) {
      element.scrollTop = top + ROW - view.height;
    }
    setView({ top: element.scrollTop, height: element.clientHeight });
  };

  return html`<div class="list" ref=${box} onKeyDown=${move}>
    <ul style=${{ height: `${circuits.length * ROW}px` }} aria-label="Agents">
      ${rows.map(({ circuit, index }) => html`<${Row} key=${circuit.agent_id} circuit=${circuit} index=${index} size=${circuits.length}
        stopped=${stopped} reachable=${circuit.agent_id === reachable} onFocus=${() => setActive(circuit.agent_id)} />`)}
    </ul>
  </div>`;
}

function Row({ circuit, index, size, stopped, reachable, onFocus }) {
  const calls = circuit.failure_count + circuit.success_count;
  return html`<li style=${{ transform: `translateY(${index * ROW}px)` }} aria-setsize=${size} aria-posinset=${index + 1}>
    <a href=${`#/agents/${encodeURIComponent(circuit.agent_id)}`} class=${`row ${circuit.state}`} data-agent=${circuit.agent_id}
      tabindex=${reachable ? 0 : -1} onFocus=${onFocus}>
      <${Glyph} state=${circuit.state} held=${circuit.hold !== null} health=${circuit.health?.status} idle=${circuit.idle} />
      <span class="row-name">${circuit.agent_id}</span>
      <span class="row-state">${gateOver(stopped, circuit.agent_id) && html`<span class="stopped-word">stopped</span> · `}${circuit.health && html`<span class=${`health-word ${circuit.health.status}`}>${circuit.health.status}</span> · `}${circuit.mode === 'observe' && html`<span class="observe-word">observe</span> · `}${circuit.detached && html`<span class="detached-word">detached</span> · `}${stateText(circuit)}${detail(circuit)}</span>
      <span class="row-rate">${calls > 0 ? html`${percent(circuit.failure_rate)}<span class="row-unit"> failed</span>` : ''}</span>
    </a>
  </li>`;
}

function detail(circuit) {
  const age = since(circuit.since);
  if (circuit.hold) {
    return circuit.hold.until ? ` until ${time(circuit.hold.until, false)}` : ', no end';
  }
  if (circuit.state === 'open') {
    const wait = waitLeft(circuit);
    return `${age ? ` for ${age}` : ''}, ${wait > 0 ? `trial in ${span(wait)}` : 'trial due'}`;
  }
  return circuit.idle ? `, ${IDLE.toLowerCase()}` : age ? ` for ${age}` : '';
}
