/* Plots over time; and of those the failure rate, as far as this page has seen it, with the circuit's states behind it. */

import { html, useEffect, useMemo, useRef } from './vendor/htm-preact.js';
import { Loading } from './parts.js';
import { palette } from './shapes.js';
import { percent, plural, span } from './words.js';

const HEIGHT = 180;

let library = null;

/** The plot library is large, so it comes only when there is a plot. */
function uPlotLibrary() {
  library ??= import('./vendor/uplot.js').then(module => module.default);
  if (!document.querySelector('link[href="/dashboard/vendor/uplot.css"]')) {
    const link = document.createElement('link');
    link.rel = 'stylesheet';
    link.href = '/dashboard/vendor/uplot.css';
    document.head.append(link);
  }
  return library;
}

/** A plot of any figures. @param options makes the library's options for the element that it stands in */
export function Plot({ data, options, label }) {
  const box = useRef();
  const plot = useRef(null);
  const latest = useRef();
  latest.current = { data, options };

  useEffect(() => {
    const dark = matchMedia('(prefers-color-scheme: dark)');
    let gone = false;
    const make = async () => {
      const UPlot = await uPlotLibrary();
      if (!gone) {
        plot.current?.destroy();
        plot.current = new UPlot(latest.current.options(box.current), latest.current.data, box.current);
      }
    };
    make();
    const resizing = new ResizeObserver(() => plot.current?.setSize({ width: box.current.clientWidth, height: HEIGHT }));
    resizing.observe(box.current);
    dark.addEventListener('change', make);
    return () => {
      gone = true;
      resizing.disconnect();
      dark.removeEventListener('change', make);
      plot.current?.destroy();
    };
  }, []);

  useEffect(() => plot.current?.setData(data), [data]);

  return html`<figure class="plot" role="img" aria-label=${label}><div class="plot-box" ref=${box}></div></figure>`;
}

export function RatePlot({ samples }) {
  const shown = useRef(samples);
  shown.current = samples;
  const data = useMemo(() => rates(samples), [samples.length, samples.at(-1)?.at]);
  return samples.length > 0
    ? html`<${Plot} data=${data} options=${element => rateOptions(element, shown)} label=${summary(samples)} />`
    : html`<div class="plot"><${Loading} what="Waiting for figures" /></div>`;
}

const rates = samples => [samples.map(sample => sample.at / 1000), samples.map(sample => (sample.calls > 0 ? sample.rate * 100 : null))];

/** What all plots have in common; the series and the axis of the figures differ. */
export function baseOptions(element, colours) {
  const line = getComputedStyle(element).getPropertyValue('--line').trim();
  const axis = { stroke: colours.label, font: `12px ${colours.font}`, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1, size: 4 } };
  return {
    axis,
    width: element.clientWidth,
    height: HEIGHT,
    padding: [8, 8, 0, 0],
    cursor: { y: false, drag: { setScale: false }, points: { size: 6 } },
    legend: { show: false },
    timeScale: { time: true, range: (_, low, high) => [low, Math.max(high, low + 60)] },
    timeAxis: { ...axis, size: 30, space: 80, values: (_, ticks) => ticks.map(clockText) },
  };
}

function rateOptions(element, shown) {
  const colours = palette(element);
  const { axis, timeScale, timeAxis, ...base } = baseOptions(element, colours);
  return {
    ...base,
    scales: { x: timeScale, y: { range: [0, 100] } },
    series: [
      {},
      { label: 'Failed', stroke: colours.pulse, width: 2, points: { show: plot => plot.data[0].length < 2, size: 5 } },
    ],
    axes: [timeAxis, { ...axis, size: 48, splits: () => [0, 25, 50, 75, 100], values: (_, ticks) => ticks.map(tick => `${tick} %`) }],
    hooks: { drawClear: [plot => bands(plot, shown.current, colours)] },
  };
}

const hours = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false });
const clockText = seconds => hours.format(new Date(seconds * 1000));

/** A tint behind the time in which the circuit was open or half-open. */
function bands(plot, samples, colours) {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.globalAlpha = 0.13;
  for (let i = 0; i < samples.length; i++) {
    const { state, at } = samples[i];
    if (state !== 'closed') {
      const from = Math.max(bbox.left, plot.valToPos(at / 1000, 'x', true));
      const to = plot.valToPos((i + 1 < samples.length ? samples[i + 1] : samples[i]).at / 1000, 'x', true);
      ctx.fillStyle = colours[state];
      ctx.fillRect(from, bbox.top, Math.max(0, Math.min(to, bbox.left + bbox.width) - from), bbox.height);
    }
  }
  ctx.restore();
}

function summary(samples) {
  const last = samples.at(-1);
  const known = samples.filter(sample => sample.calls > 0).map(sample => sample.rate);
  if (!last || known.length === 0) {
    return 'Failure rate over time: no calls seen yet.';
  }
  return `Failure rate over the last ${span(last.at - samples[0].at)}: now ${percent(last.rate)},`
    + ` lowest ${percent(Math.min(...known))}, highest ${percent(Math.max(...known))}, of ${plural(last.calls, 'call')} in the window.`;
}
