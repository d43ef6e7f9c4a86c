/* Figures of an agent's calls over time: failure rate, number, latency; for the hour, day or month in the address. */

import { html, useEffect, useMemo, useRef, useState } from './vendor/htm-preact.js';
import { agentPath } from './agent-data.js';
import { call, circuitPath, serverNow } from './api.js';
import { Failed, Loading } from './parts.js';
import { Plot, axisTime, baseOptions, isolatedPoints } from './plots.js';
import { palette } from './shapes.js';
import { aPeriod, latency, number, percent, plural, time } from './words.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** How long a chart is, how long each point is, and how often it is read again. */
export const RANGES = {
  '1h': { name: '1 h', words: 'the last hour', length: HOUR, step: 'minute', width: MINUTE, readEvery: 5000 },
  '24h': { name: '24 h', words: 'the last 24 hours', length: 24 * HOUR, step: 'minute', width: MINUTE, readEvery: MINUTE },
  '30d': { name: '30 d', words: 'the last 30 days', length: 720 * HOUR, step: 'hour', width: HOUR, readEvery: 5 * MINUTE },
};

const CHANGES = 200;
const SOON = 500;

/** @param query of the address, whose `range` says how long the charts are */
export function Charts({ agent, query, store }) {
  const [chosen, setChosen] = useState(RANGES[query.get('range')] ? query.get('range') : '1h');
  const range = RANGES[chosen];
  const [series, error, readAt] = useSeries(agent, range, store);
  const changes = useChanges(agent, store);
  const data = useMemo(() => (series ? columns(series, range) : null), [series, range]);
  const [at, setAt] = useState(null);
  const shown = useRef();
  shown.current = { changes, range, setAt };

  const choose = name => {
    setChosen(name);
    history.replaceState(null, '', `#/agents/${encodeURIComponent(agent)}${name === '1h' ? '' : `?range=${name}`}`);
  };
  return html`<section class="card rates" aria-labelledby="charts-title">
    <div class="card-head">
      <h2 id="charts-title">Calls over time</h2>
      <div class="ranges" role="group" aria-label="Time range">
        ${Object.entries(RANGES).map(([name, each]) => html`<button type="button" class="plain" key=${name}
          aria-pressed=${name === chosen ? 'true' : 'false'} onClick=${() => choose(name)}>${each.name}</button>`)}
      </div>
    </div>
    ${error && html`<${Failed} error=${error} at=${readAt} />`}
    ${!data && !error && html`<${Loading} what="Loading the figures" />`}
    ${data && html`
      <p class="readout quiet">${readout(data, at, range)}</p>
      <h3>Failure rate</h3>
      <${Plot} key=${`rate ${chosen}`} data=${data.rate} options=${(box, plot) => rateOptions(box, plot, shown)} label=${rateLabel(data, range)} />
      <p class="quiet">A tint marks the time in which the circuit was open or half-open.</p>
      <h3>Calls ${aPeriod(range.step)}</h3>
      <${Plot} key=${`calls ${chosen}`} data=${data.calls} options=${(box, plot) => countOptions(box, plot, shown)} label=${countLabel(data, range)} />
      <p class="quiet"><span class="series"><i class="whole"></i>ended</span> <span class="series"><i class="failed"></i>failed</span> <span class="series"><i class="broken"></i>refused</span></p>
      ${data.timed && html`
        <h3>Latency, p95</h3>
        <${Plot} key=${`latency ${chosen}`} data=${data.latency} options=${(box, plot) => latencyOptions(box, plot, shown)} label=${latencyLabel(data, range)} />`}`}
  </section>`;
}

/** The points of a range, read again and again: `[series, error, at]`. */
function useSeries(agent, range, store) {
  const [read, setRead] = useState({ series: null, error: null, at: null });
  useEffect(() => {
    let timer;
    let gone = false;
    setRead({ series: null, error: null, at: null });
    const look = async () => {
      clearTimeout(timer);
      if (!document.hidden) {
        const since = new Date(serverNow() - range.length).toISOString();
        await call('GET', `${agentPath(agent)}/series?step=${range.step}&since=${since}`).then(
          ({ json }) => gone || setRead({ series: json, error: null, at: Date.now() }),
          error => gone || setRead(before => ({ ...before, error })));
      }
      timer = gone ? null : setTimeout(look, range.readEvery);
    };
    look();
    const off = store.onChange(change => {
      if (change.agent_id === agent && range.step === 'minute') {
        clearTimeout(timer);
        timer = setTimeout(look, SOON);
      }
    });
    return () => {
      gone = true;
      off();
      clearTimeout(timer);
    };
  }, [agent, range]);
  return [read.series, read.error, read.at];
}

/** When the circuit changed, the oldest first: `[{ at, state }]`. */
function useChanges(agent, store) {
  const [changes, setChanges] = useState([]);
  useEffect(() => {
    let timer;
    let gone = false;
    const look = () => call('GET', `${circuitPath(agent)}/transitions?limit=${CHANGES}`).then(
      ({ json }) => gone || setChanges(json.transitions.map(row => ({ at: Date.parse(row.at), from: row.from, state: row.to })).reverse()),
      () => {});
    look();
    const off = store.onChange(change => {
      if (change.agent_id === agent) {
        clearTimeout(timer);
        timer = setTimeout(look, SOON);
      }
    });
    return () => {
      gone = true;
      off();
      clearTimeout(timer);
    };
  }, [agent]);
  return changes;
}

/** The points as columns on an even grid, so that times without calls are gaps. */
function columns(series, range) {
  const byTime = new Map(series.points.map(point => [Date.parse(point.at), point]));
  const until = Date.parse(series.until);
  const first = Math.ceil((until - range.length) / range.width) * range.width;
  const points = [];
  for (let at = first; at <= until; at += range.width) {
    points.push({ at, ...byTime.get(at) });
  }
  const x = points.map(point => point.at / 1000);
  const count = name => points.map(point => point[name] ?? 0);
  const total = name => count(name).reduce((sum, each) => sum + each, 0);
  const p95 = points.map(point => point.p95_ms ?? null);
  return {
    points,
    rate: [x, points.map(point => (point.calls > 0 ? point.failures / point.calls * 100 : null))],
    calls: [x, count('calls'), count('failures'), count('refusals')],
    latency: [x, p95],
    timed: p95.some(value => value !== null),
    totals: { calls: total('calls'), failures: total('failures'), refusals: total('refusals') },
  };
}

/** The figures of the point below the pointer, or of all points together. */
function readout({ points, totals }, at, range) {
  const point = at === null ? null : points[at];
  const words = ({ calls = 0, failures = 0, refusals = 0, p95_ms: p95 }) =>
    `${plural(calls, 'call')}, ${number(failures)} failed, ${number(refusals)} refused${p95 ? `, p95 ${latency(p95)}` : ''}`;
  return point ? `${time(new Date(point.at).toISOString(), false)}: ${words(point)}` : `In ${range.words}: ${words(totals)}`;
}

const rateLabel = ({ totals }, range) => (totals.calls === 0
  ? `Failure rate over ${range.words}: no calls.`
  : `Failure rate over ${range.words}: ${percent(totals.failures / totals.calls)} of ${plural(totals.calls, 'call')}.`);

const countLabel = ({ totals }, range) =>
  `Calls over ${range.words}: ${number(totals.calls)} ended, ${number(totals.failures)} of them failed; ${number(totals.refusals)} were refused.`;

function latencyLabel({ latency: [, p95], totals }, range) {
  const known = p95.filter(value => value !== null);
  return `Latency of ${plural(totals.calls, 'call')} over ${range.words}: p95 from ${latency(Math.min(...known))} to ${latency(Math.max(...known))} ${aPeriod(range.step)}.`;
}

/** What the three have in common: a whole range that ends now, whatever of it has calls. */
function options(element, UPlot, shown, { scale, axis: own, series, tint }) {
  const colours = palette(element);
  const { axis, timeAxis, ...base } = baseOptions(element, colours, UPlot);
  return {
    ...base,
    cursor: { ...base.cursor, sync: { key: 'charts' } },
    scales: { x: { time: true, range: () => axisTime(shown.current.range.length, serverNow()) }, y: scale },
    series: [{}, ...series.map(each => ({ width: 2, points: isolatedPoints, ...each(colours) }))],
    axes: [timeAxis, { ...axis, ...own }],
    hooks: {
      drawClear: tint ? [plot => bands(plot, shown.current.changes, colours)] : [],
      setCursor: [plot => shown.current.setAt(plot.cursor.idx ?? null)],
    },
  };
}

const rateOptions = (element, UPlot, shown) => options(element, UPlot, shown, {
  scale: { range: [0, 100] },
  axis: { size: 48, splits: () => [0, 25, 50, 75, 100], values: (_, ticks) => ticks.map(tick => `${tick} %`) },
  series: [colours => ({ stroke: colours.pulse })],
  tint: true,
});

const countOptions = (element, UPlot, shown) => options(element, UPlot, shown, {
  scale: { range: (_, low, high) => [0, Math.max(4, high * 1.1)] },
  axis: { size: 56, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 1e6], values: (_, ticks) => ticks.map(number) },
  series: [
    colours => ({ stroke: colours.pulse }),
    colours => ({ stroke: colours.open }),
    colours => ({ stroke: colours.half_open, dash: [6, 4] }),
  ],
});

const latencyOptions = (element, UPlot, shown) => options(element, UPlot, shown, {
  scale: { range: (_, low, high) => [0, Math.max(100, high * 1.1)] },
  axis: { size: 60, values: (_, ticks) => ticks.map(latency) },
  series: [colours => ({ stroke: colours.pulse })],
});

/** A tint behind the time in which the circuit was open or half-open. */
function bands(plot, changes, colours) {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.globalAlpha = 0.13;
  for (let i = 0; i < changes.length; i++) {
    const { state, at } = changes[i];
    if (state !== 'closed') {
      const to = Math.min(bbox.left + bbox.width, i + 1 < changes.length ? plot.valToPos(changes[i + 1].at / 1000, 'x', true) : Infinity);
      const from = Math.max(bbox.left, plot.valToPos(at / 1000, 'x', true));
      ctx.fillStyle = colours[state];
      ctx.fillRect(from, bbox.top, Math.max(0, to - from), bbox.height);
    }
  }
  ctx.restore();
}
