// One metric over time.

import uPlot from "./vendor/uplot/uPlot.esm.js";
import { number } from "./format.js";

const HEIGHT = 260;
const GAP_SECONDS_MIN = 15;
const GAP_STEPS = 6;
const DAY = 86_400;

/** What a colour of the style sheet is in the theme of the moment: a canvas knows no variables. */
function color(name) {
  const probe = document.createElement("i");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

const two = (part) => String(part).padStart(2, "0");

/** Times along the axis: seconds only where they tell something, the day where it changes. */
function ticks(_, splits, axis, space, step) {
  let day = null;
  return splits.map((split) => {
    const time = new Date(split * 1_000);
    const clock = `${two(time.getHours())}:${two(time.getMinutes())}${step < 60 ? `:${two(time.getSeconds())}` : ""}`;
    const date = time.toLocaleDateString("en-GB", { day: "numeric", month: "short" });
    const turned = day !== date;
    day = date;
    if (step >= DAY) {
      return date;
    }
    return turned ? `${clock}\n${date}` : clock;
  });
}

/** Where much more time passed than usual nothing was reported: no line goes across. */
function gapped([times, values]) {
  if (times.length < 3) {
    return [times, values];
  }
  const steps = times.slice(1).map((time, i) => time - times[i]).sort((a, b) => a - b);
  const usual = Math.max(GAP_SECONDS_MIN, steps[steps.length >> 1] * GAP_STEPS);
  const at = [];
  const what = [];
  times.forEach((time, i) => {
    if (i > 0 && time - times[i - 1] > usual) {
      at.push((time + times[i - 1]) / 2);
      what.push(null);
    }
    at.push(time);
    what.push(values[i]);
  });
  return [at, what];
}

/**
 * @param element gets the chart
 * @param point told what the pointer is at, `{at, value, min, max}`, or null
 * @param fromZero the axis of values begins there: for amounts, which are never below it
 */
export function chart(element, point, { fromZero = false } = {}) {
  let plot = null;
  let shown = { data: [[], []], band: false, from: 0, to: 1 };

  function make() {
    plot?.destroy();
    const line = color("--accent");
    const axis = {
      stroke: color("--muted"),
      font: "12px Inter, system-ui, sans-serif",
      grid: { stroke: color("--line"), width: 1 },
      ticks: { stroke: color("--line"), width: 1, size: 5 },
    };
    const edge = { stroke: "transparent", points: { show: false } };
    plot = new uPlot({
      width: Math.max(200, element.clientWidth),
      height: HEIGHT,
      padding: [12, 12, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 7, width: 2 } },
      scales: {
        x: { time: true, range: () => [shown.from, shown.to] },
        ...(fromZero ? { y: { range: (_, __, most) => [0, Math.max(1, most * 1.15)] } } : {}),
      },
      axes: [
        { ...axis, values: ticks, size: 46, space: 76 },
        { ...axis, size: (_, texts) => 18 + 7 * Math.max(3, ...(texts ?? []).map((text) => text.length)), values: (_, splits) => splits.map(number) },
      ],
      series: [
        {},
        {
          stroke: line, width: 1.75, points: { size: 5, width: 1.5, fill: color("--surface") },
          fill: shown.band ? undefined : color("--accent-wash"), spanGaps: false,
        },
        ...(shown.band ? [edge, edge] : []),
      ],
      bands: shown.band ? [{ series: [3, 2], fill: color("--accent-wash") }] : [],
      hooks: {
        setCursor: [(u) => {
          const at = u.cursor.idx;
          point(at === null || at === undefined || u.data[1][at] === undefined || u.data[1][at] === null ? null : {
            at: u.data[0][at], value: u.data[1][at], min: u.data[2]?.[at], max: u.data[3]?.[at],
          });
        }],
      },
    }, shown.data, element);
  }

  const sizes = new ResizeObserver(() => plot?.setSize({ width: Math.max(200, element.clientWidth), height: HEIGHT }));
  sizes.observe(element);
  document.addEventListener("theme", make);

  return {
    /** @param data times in seconds, values, and with a band the smallest and largest */
    show(data, from, to) {
      const band = data.length === 4;
      const same = plot !== null && band === shown.band;
      shown = { data: band ? data : gapped(data), band, from, to };
      if (same) {
        plot.setData(shown.data);
      } else {
        make();
      }
    },
    close() {
      sizes.disconnect();
      document.removeEventListener("theme", make);
      plot?.destroy();
      plot = null;
    },
  };
}
