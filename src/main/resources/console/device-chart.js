// On a device's page: one of its numbers over time, for a span that ends now or did before.

import { html, nothing } from "./vendor/lit-html/lit-html.js";
import { get } from "./api.js";
import { chart } from "./chart.js";
import { dayTime, number } from "./format.js";
import { announce, choice, emptyNotice, paced, problemNotice } from "./parts.js";

export const RANGES = { "15m": ["15 min", 900], "1h": ["1 h", 3_600], "6h": ["6 h", 21_600], "24h": ["24 h", 86_400], "7d": ["7 d", 604_800], "30d": ["30 d", 2_592_000] };
const INTERVALS = { "": ["Readings", 0], "1m": ["1 min", 60], "15m": ["15 min", 900], "1h": ["1 hour", 3_600], "1d": ["1 day", 86_400] };
const BUCKETS_MAX = 3_000;
const POINTS = 800;
const POINTS_LIVE_MAX = 5_000;
const REFRESH_MILLIS = 1_000;

/**
 * @param path of the device
 * @param draw draws the page
 * @param moved called when another span of time is shown
 */
export function chartPanel(path, draw, moved) {
  let metric = null;
  let range = null;
  let end = null;
  let interval = "";
  let series = null;
  let problem = null;
  let pointed = null;
  let plot = null;
  let asked = 0;
  let answered = 0;
  let closed = false;
  const refresh = paced(load, REFRESH_MILLIS);

  const length = () => RANGES[range][1] * 1_000;

  /** The span that is shown, in milliseconds. Live, it ends now. */
  function span() {
    const to = end ?? Date.now();
    return { from: to - length(), to, live: end === null };
  }

  async function load() {
    if (metric === null) {
      return;
    }
    const mine = ++asked;
    const { from, to } = span();
    const query = { metric, from: new Date(from).toISOString(), to: new Date(to).toISOString() };
    try {
      const data = interval === "" ? await readings(query) : await averages(query);
      if (mine === asked) {
        series = { data, from: from / 1_000, to: to / 1_000 };
        problem = null;
      }
    } catch (failure) {
      problem = failure;
    }
    answered = Math.max(answered, mine);
    if (!closed) {
      draw();
    }
  }

  async function readings(query) {
    const { points } = await get(`${path}/series`, { ...query, points: POINTS });
    return [points.map((point) => Date.parse(point.at) / 1_000), points.map((point) => point.value)];
  }

  async function averages(query) {
    const { items } = await get(`${path}/aggregates`, { ...query, interval, functions: "avg,min,max" });
    const column = (name) => items.map((item) => item[name]);
    return [items.map((item) => Date.parse(item.start) / 1_000), column("avg"), column("min"), column("max")];
  }

  /** Newer readings go to the end of the chart as they come; for late ones, for averages and while it answers the server is asked. */
  function append(at, value) {
    if (end !== null) {
      return;
    }
    const times = series?.data[0];
    if (interval !== "" || asked !== answered || !times || (times.length > 0 && at <= times.at(-1)) || times.length > POINTS_LIVE_MAX) {
      refresh();
      return;
    }
    times.push(at);
    series.data[1].push(value);
    series = { ...series, data: [...series.data] };
  }

  /** What is live moves on by itself, but not under the pointer. */
  function tick() {
    if (series && interval === "" && pointed === null && end === null) {
      const now = Date.now() / 1_000;
      series = { ...series, from: now - RANGES[range][1], to: now };
    }
  }

  // --- what the person asks for

  function choose(name) {
    metric = name;
    series = null;
    draw();
    load();
  }

  const tooFine = (key) => key !== "" && RANGES[range][1] / INTERVALS[key][1] > BUCKETS_MAX;

  function chooseRange(key) {
    range = key;
    if (tooFine(interval)) {
      interval = "";
    }
    show();
  }

  function chooseInterval(event) {
    interval = event.target.value;
    load();
  }

  /** By half of what is shown. Nothing is shown of the future: there it is live again. */
  function shift(halves) {
    const to = (end ?? Date.now()) + (halves * length()) / 2;
    end = to >= Date.now() ? null : to;
    show();
    announce(end === null ? "Live" : `Until ${dayTime(end)}`);
  }

  function show() {
    pointed = null;
    load();
    moved();
    draw();
  }

  /** What is drawn, as a file. */
  function save() {
    const [times, ...columns] = series.data;
    const head = interval === "" ? ["time", metric] : ["time", `${metric} average`, `${metric} least`, `${metric} most`];
    const lines = times.map((time, at) => [new Date(time * 1_000).toISOString(), ...columns.map((column) => column[at])]);
    const text = [head.map(cell), ...lines].map((line) => `${line.join(",")}\r\n`).join("");
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
    link.download = `${decodeURIComponent(path.split("/").at(-1))} ${metric}.csv`.replace(/[\\/:*?"<>|]/g, "_");
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href));
  }

  // --- how it looks

  /** To be called when the page was drawn. */
  function plotted(root) {
    const element = root.querySelector("[aria-label=Chart] .chart-area");
    if (!element || !series) {
      plot?.close();
      plot = null;
      return;
    }
    plot ??= { ...chart(element, (point) => { pointed = point; draw(); }) };
    if (plot.series !== series) {
      plot.series = series;
      plot.show(series.data, series.from, series.to);
    }
  }

  function view() {
    if (metric === null) {
      return html`<section class="panel">${emptyNotice("Nothing to draw yet", "As soon as the device reports a number, its chart is here.")}</section>`;
    }
    const drawn = series?.data[0].length ?? 0;
    const at = pointed ?? lastPoint();
    return html`
      <section class="panel" aria-label="Chart">
        <div class="panel-head">
          <h2>${metric}</h2>
          <p class="readout" aria-hidden="true">${at ? html`<b class="figure">${number(at.value)}</b>
            ${at.min === undefined ? nothing : html`<span class="muted figure">${number(at.min)} to ${number(at.max)}</span>`}
            <span class="muted figure">${dayTime(at.at * 1_000)}</span>` : nothing}</p>
          <div class="panel-tools">
            <label class="select"><span>Show</span>
              <select @change=${chooseInterval}>
                ${Object.entries(INTERVALS).map(([key, [word]]) => html`
                  <option value=${key} .selected=${key === interval} ?disabled=${tooFine(key)}>${key === "" ? word : `Average per ${word}`}</option>`)}
              </select>
            </label>
            ${choice("Range", Object.entries(RANGES).map(([key, [word]]) => [key, word]), range, chooseRange)}
          </div>
        </div>
        ${problem ? problemNotice(problem, load) : nothing}
        <div class="chart">
          <div class="chart-area" data-points=${drawn}></div>
          ${series && drawn === 0 ? html`<p class="chart-empty">No readings of ${metric} ${end === null ? `in the last ${RANGES[range][0]}` : `in these ${RANGES[range][0]}`}.</p>` : nothing}
        </div>
        <div class="chart-foot">
          <button type="button" class="button quiet" @click=${() => shift(-1)}>← Earlier</button>
          ${end === null ? html`<span class="muted">live</span>` : html`
            <button type="button" class="button quiet" @click=${() => shift(1)}>Later →</button>
            <button type="button" class="button quiet" @click=${() => shift(Infinity)}>Live</button>
            <span class="muted figure until">until ${dayTime(end)}</span>`}
          <button type="button" class="button quiet end" ?disabled=${drawn === 0} @click=${save}>Save as CSV</button>
        </div>
      </section>`;
  }

  function lastPoint() {
    const [times, values, min, max] = series?.data ?? [[], []];
    const last = times.length - 1;
    return last < 0 ? null : { at: times[last], value: values[last], min: min?.[last], max: max?.[last] };
  }

  return {
    load,
    append,
    tick,
    choose,
    view,
    plotted,
    span,
    metric: () => metric,
    rangeWord: () => RANGES[range][0],
    /** What is shown first, of a device that is known since then. */
    begin(name, createdAt) {
      range ??= Date.now() - Date.parse(createdAt) < 3_600_000 ? "15m" : "1h";
      metric ??= name;
    },
    close() {
      closed = true;
      refresh.stop();
      plot?.close();
    },
  };
}

/** A name as one cell: a spreadsheet takes what begins with a sign for a formula. */
const cell = (text) => `"${(/^[=+\-@]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
