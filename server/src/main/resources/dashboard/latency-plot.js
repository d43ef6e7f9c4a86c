/* How long an agent's calls take, over time: what its log says, or else the percentile that the server keeps. */

import { html, useEffect, useMemo, useRef, useState } from './vendor/htm-preact.js';
import { Plot, baseOptions } from './plots.js';
import { palette } from './shapes.js';
import { latency, plural, span } from './words.js';

const MOST_CALLS = 3000;
const BUCKETS = 40;
const SHORTEST = 5000;
const CALLS = ['llm_inference', 'tool_call'];

/** @param entries the newest entries of the log, or null; @param health the agent's health as it was read last, or null */
export function LatencyPlot({ entries, health }) {
  const calls = useCalls(entries);
  const samples = useSamples(health);
  const logged = calls.length > 1;
  const data = useMemo(() => (logged ? buckets(calls) : percentiles(samples)), [logged, calls, samples]);
  if (!logged && samples.every(sample => sample.p95 === null)) {
    return null;
  }
  return html`<section class="card rates" aria-labelledby="latency-title">
    <h2 id="latency-title">Latency</h2>
    <${Plot} key=${logged} data=${data} options=${element => options(element, logged)} label=${summary(calls, samples, logged)} />
    <p class="quiet">${logged
      ? html`<span class="series"><i class="whole"></i>average</span> <span class="series"><i class="broken"></i>95th percentile</span> of each ${span(width(calls))} of the logged calls`
      : 'What 95 of 100 calls of five minutes did not exceed, since this page was opened'}.</p>
  </section>`;
}

/** All calls that were seen in the log, in the order of their times. */
function useCalls(entries) {
  const [calls, setCalls] = useState([]);
  const seen = useRef(new Set());
  useEffect(() => {
    const fresh = (entries ?? []).filter(entry => CALLS.includes(entry.action_type) && entry.latency_ms !== null
      && !seen.current.has(idOf(entry)));
    if (fresh.length > 0) {
      fresh.forEach(entry => seen.current.add(idOf(entry)));
      setCalls(before => [...before, ...fresh.map(entry => ({ at: Date.parse(entry.started_at), took: entry.latency_ms }))]
        .sort((one, other) => one.at - other.at).slice(-MOST_CALLS));
    }
  }, [entries]);
  return calls;
}

const idOf = entry => entry.entry_id ?? `${entry.execution_id} ${entry.started_at} ${entry.action_name}`;

function useSamples(health) {
  const [samples, setSamples] = useState([]);
  useEffect(() => {
    health && setSamples(before => [...before, { at: Date.now(), p95: health.five_minutes.p95_ms }].slice(-MOST_CALLS));
  }, [health]);
  return samples;
}

/** How much time a point stands for. */
const width = calls => Math.max(SHORTEST, Math.ceil((calls.at(-1).at - calls[0].at) / BUCKETS / 1000) * 1000);

function buckets(calls) {
  const wide = width(calls);
  const byBucket = new Map();
  for (const { at, took } of calls) {
    const bucket = Math.floor(at / wide);
    byBucket.has(bucket) ? byBucket.get(bucket).push(took) : byBucket.set(bucket, [took]);
  }
  const points = [...byBucket].sort(([one], [other]) => one - other);
  return [
    points.map(([bucket]) => (bucket + 0.5) * wide / 1000),
    points.map(([, all]) => all.reduce((sum, took) => sum + took, 0) / all.length),
    points.map(([, all]) => percentile(all)),
  ];
}

const percentile = all => [...all].sort((one, other) => one - other)[Math.ceil(all.length * 0.95) - 1];

const percentiles = samples => [samples.map(sample => sample.at / 1000), samples.map(sample => sample.p95)];

function options(element, logged) {
  const colours = palette(element);
  const { axis, timeScale, timeAxis, ...base } = baseOptions(element, colours);
  const points = { show: plot => plot.data[0].length < 3, size: 5 };
  const p95 = { label: '95th percentile', stroke: colours.pulse, width: 2, dash: [6, 4], points };
  return {
    ...base,
    scales: { x: timeScale, y: { range: (_, low, high) => [0, Math.max(100, high * 1.1)] } },
    series: logged ? [{}, { label: 'Average', stroke: colours.pulse, width: 2, points }, p95] : [{}, { ...p95, dash: null }],
    axes: [timeAxis, { ...axis, size: 60, values: (_, ticks) => ticks.map(latency) }],
  };
}

function summary(calls, samples, logged) {
  if (!logged) {
    return `Latency: 95 of 100 calls took at most ${latency(samples.findLast(sample => sample.p95 !== null).p95)}.`;
  }
  const all = calls.map(call => call.took);
  return `Latency of ${plural(calls.length, 'call')} within ${span(calls.at(-1).at - calls[0].at)}: on average`
    + ` ${latency(all.reduce((sum, took) => sum + took, 0) / all.length)}, 95 of 100 at most ${latency(percentile(all))}.`;
}
