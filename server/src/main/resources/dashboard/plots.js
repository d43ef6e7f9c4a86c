/* Plots over time: the library that draws them, and what all of them have in common. */

import { html, useEffect, useRef } from './vendor/htm-preact.js';
import { isUtc, shortTime } from './words.js';

const HEIGHT = 150;

let library = null;

/** The plot library is large, so it comes only when there is a plot. */
function uPlotLibrary() {
  library ??= import('./vendor/uplot.js').then(module => module.default);
  if (!document.querySelector('link[href="dashboard/vendor/uplot.css"]')) {
    const link = document.createElement('link');
    link.rel = 'stylesheet';
    link.href = 'dashboard/vendor/uplot.css';
    document.head.append(link);
  }
  return library;
}

/** A plot of any figures. @param options makes the library's options for the element that the plot is in */
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
        plot.current = new UPlot(latest.current.options(box.current, UPlot), latest.current.data, box.current);
      }
    };
    make();
    const resizing = new ResizeObserver(() => plot.current?.setSize({ width: box.current.clientWidth, height: HEIGHT }));
    resizing.observe(box.current);
    dark.addEventListener('change', make);
    window.addEventListener('interlock-zone', make);
    return () => {
      gone = true;
      resizing.disconnect();
      dark.removeEventListener('change', make);
      window.removeEventListener('interlock-zone', make);
      plot.current?.destroy();
    };
  }, []);

  useEffect(() => plot.current?.setData(data), [data]);

  return html`<figure class="plot" role="img" aria-label=${label}><div class="plot-box" ref=${box}></div></figure>`;
}

/** Begin and end of an axis that ends now, in seconds. */
export const axisTime = (length, now) => [(now - length) / 1000, now / 1000];

/** Lines need points only for figures without neighbours, which would otherwise not be seen. */
export const isolatedPoints = {
  show: true,
  size: 5,
  filter: (plot, index) => {
    const values = plot.data[index];
    return values.map((value, i) => i).filter(i => (values[i] ?? null) !== null
      && (values[i - 1] ?? null) === null && (values[i + 1] ?? null) === null);
  },
};

/** What all plots have in common; the series and the axis of the figures differ. */
export function baseOptions(element, colours, UPlot) {
  const line = getComputedStyle(element).getPropertyValue('--line').trim();
  const axis = { stroke: colours.label, font: `12px ${colours.font}`, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1, size: 4 } };
  return {
    axis,
    width: element.clientWidth,
    height: HEIGHT,
    padding: [8, 8, 0, 0],
    tzDate: seconds => (isUtc() ? UPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC') : new Date(seconds * 1000)),
    cursor: { y: false, drag: { setScale: false }, points: { size: 6 } },
    legend: { show: false },
    timeAxis: { ...axis, size: 30, space: 80, values: (_, ticks) => ticks.map((tick, i) => shortTime(tick * 1000, i === 0 ? null : ticks[i - 1] * 1000)) },
  };
}
