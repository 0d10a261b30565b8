// One device: what it is, says, and did.

import { html, nothing, render } from "./vendor/lit-html/lit-html.js";
import { devicePath, follow, get } from "./api.js";
import { chart } from "./chart.js";
import { commandPanel } from "./command-panel.js";
import { connectionPanel, deltaPanel, factsPanel, statePanel, valueCards } from "./device-panels.js";
import { ago, dayTime, flat, fullTime, merged, number } from "./format.js";
import { choice, emptyNotice, paced, placeholderRows, problemNotice, status, time } from "./parts.js";
import { state as word } from "./timeline.js";

const RANGES = { "15m": ["15 min", 900], "1h": ["1 h", 3_600], "6h": ["6 h", 21_600], "24h": ["24 h", 86_400], "7d": ["7 d", 604_800], "30d": ["30 d", 2_592_000] };
const INTERVALS = { "": ["Readings", 0], "1m": ["1 min", 60], "15m": ["15 min", 900], "1h": ["1 hour", 3_600], "1d": ["1 day", 86_400] };
const BUCKETS_MAX = 3_000;
const POINTS = 800;
const POINTS_LIVE_MAX = 5_000;
const HISTORY = 25;
const DRAW_MILLIS = 200;
const TICK_MILLIS = 1_000;
const REFRESH_MILLIS = 1_000;

export function devicePage(root, id) {
  const path = devicePath(id);
  const fresh = new Map();
  const history = {
    changes: { items: [], next: null, path: `/api/v1/state-history/${encodeURIComponent(id)}` },
    connections: { items: [], next: null, path: `/api/v1/device-connection-history/${encodeURIComponent(id)}` },
  };
  let device = null;
  let state = null;
  let metrics = [];
  let metric = null;
  let range = null;
  let interval = "";
  let series = null;
  let seriesProblem = null;
  let pointed = null;
  let problem = null;
  let plot = null;
  let closed = false;
  let asked = 0;

  const draw = paced(() => {
    render(view(), root);
    drawChart();
  }, DRAW_MILLIS);
  const refresh = paced(load, REFRESH_MILLIS);
  const commands = commandPanel(id, draw);
  const refreshSeries = paced(loadSeries, REFRESH_MILLIS);

  // --- what the server has

  async function load() {
    try {
      const [about, now, names] = await Promise.all([
        get(path), get(`${path}/state`), get(`${path}/metrics`),
        refill(history.changes, Math.max(100, history.changes.items.length)),
        refill(history.connections, Math.max(HISTORY, history.connections.items.length)),
      ]);
      range ??= Date.now() - Date.parse(about.created_at) < 3_600_000 ? "15m" : "1h";
      device = about;
      state = now;
      metrics = names.items;
      metric ??= metrics.find((name) => typeof readingOf(name) === "number") ?? metrics[0] ?? null;
      problem = null;
      document.title = `${device.name} · Tethral`;
      await loadSeries();
    } catch (failure) {
      problem = failure;
    }
    if (!closed) {
      draw();
    }
  }

  async function refill(list, limit) {
    const page = await get(list.path, { limit: Math.min(1_000, limit) });
    list.items = page.items;
    list.next = page.next_cursor;
  }

  async function older(list) {
    try {
      const page = await get(list.path, { limit: HISTORY, cursor: list.next });
      list.items.push(...page.items);
      list.next = page.next_cursor;
    } catch (failure) {
      problem = failure;
    }
    draw();
  }

  const readingOf = (name) => Object.fromEntries(flat(state?.reported))[name];

  async function loadSeries() {
    if (metric === null) {
      return;
    }
    const mine = ++asked;
    const to = Date.now();
    const from = to - RANGES[range][1] * 1_000;
    const query = { metric, from: new Date(from).toISOString(), to: new Date(to).toISOString() };
    try {
      const data = interval === "" ? await readings(query) : await averages(query);
      if (mine === asked) {
        series = { data, from: from / 1_000, to: to / 1_000 };
        seriesProblem = null;
      }
    } catch (failure) {
      seriesProblem = failure;
    }
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

  // --- what happens meanwhile

  const unfollow = follow(id, (kind, data) => {
    if (kind === "again" || !device) {
      refresh();
      commands.refresh();
      return;
    }
    switch (kind) {
      case "reported": reported(data); break;
      case "state": moved(data); break;
      case "connection": linked(data); break;
      case "desired": Object.assign(state, { desired: data.desired, desired_version: data.version }); break;
      case "command": commands.moved(data); break;
      case "configuration": state.configuration = data.configuration; break;
    }
    draw();
  });

  function reported({ timestamp, values }) {
    state.reported = merged(state.reported, values);
    state.reported_version += 1;
    state.last_updated = new Date().toISOString();
    heard();
    const now = performance.now();
    for (const [name, any] of flat(values)) {
      fresh.set(name, now);
      if ((typeof any === "number" || typeof any === "boolean") && !metrics.includes(name)) {
        metrics = [...metrics, name].sort();
        metric ??= name;
      }
      if (name === metric) {
        append(Date.parse(timestamp) / 1_000, Number(any));
      }
    }
  }

  /** Newer readings go to the end of the chart as they come; for late ones and averages the server is asked. */
  function append(at, value) {
    const times = series?.data[0];
    if (interval !== "" || !times || (times.length > 0 && at < times.at(-1)) || times.length > POINTS_LIVE_MAX) {
      refreshSeries();
      return;
    }
    times.push(at);
    series.data[1].push(value);
    series = { ...series, data: [...series.data] };
  }

  function moved(change) {
    history.changes.items.unshift(change);
    state.current_state = change.to_state;
    state.since = change.timestamp;
  }

  function linked(entry) {
    history.connections.items.unshift(entry);
    if (entry.event === "connected") {
      Object.assign(device, { status: "online", connected_at: entry.timestamp });
    } else if (entry.event !== "rejected") {
      Object.assign(device, { status: "offline", connected_at: null });
    }
  }

  function heard() {
    device.last_seen_at = new Date().toISOString();
    if (device.status !== "online") {
      refresh();
    }
  }

  const ticking = setInterval(() => {
    if (series && interval === "" && pointed === null) {
      const now = Date.now() / 1_000;
      series = { ...series, from: now - RANGES[range][1], to: now };
    }
    draw();
  }, TICK_MILLIS);

  // --- what the person asks for

  function chooseMetric(name) {
    metric = name;
    series = null;
    draw();
    loadSeries();
  }

  const tooFine = (key) => key !== "" && RANGES[range][1] / INTERVALS[key][1] > BUCKETS_MAX;

  function chooseRange(key) {
    range = key;
    if (tooFine(interval)) {
      interval = "";
    }
    loadSeries();
    draw();
  }

  function chooseInterval(event) {
    interval = event.target.value;
    loadSeries();
  }

  async function copyId(event) {
    const button = event.currentTarget;
    await navigator.clipboard?.writeText(id);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 1_500);
  }

  // --- how it looks

  function drawChart() {
    const element = root.querySelector(".chart-area");
    if (!element || !series) {
      plot?.close();
      plot = null;
      return;
    }
    plot ??= { element, ...chart(element, (point) => { pointed = point; draw(); }) };
    if (plot.series !== series) {
      plot.series = series;
      plot.show(series.data, series.from, series.to);
    }
  }

  function view() {
    if (problem?.status === 404) {
      return html`<div class="page">${emptyNotice("No such device", html`There is no device <code>${id}</code> in the registry.`,
        html`<a class="button" href="#/devices">All devices</a>`)}</div>`;
    }
    if (!device || !state) {
      return html`<div class="page">${crumbs(id)}${problem ? problemNotice(problem, load) : placeholderRows(6)}</div>`;
    }
    const to = Date.now();
    return html`
      <div class="page">
        ${crumbs(device.name)}
        ${head()}
        ${problem ? problemNotice(problem, load) : nothing}
        ${valueCards(state.reported, metrics, metric, fresh, chooseMetric)}
        <div class="columns">
          <div class="column">
            ${chartPanel()}
            ${commands.view()}
            ${statePanel(state, history.changes, Date.parse(device.created_at), to - RANGES[range][1] * 1_000, to, RANGES[range][0],
              () => older(history.changes))}
            ${connectionPanel(history.connections, () => older(history.connections))}
          </div>
          <div class="column">
            ${deltaPanel(state)}
            ${factsPanel(device)}
          </div>
        </div>
      </div>`;
  }

  const crumbs = (name) => html`
    <nav class="crumbs" aria-label="Breadcrumb"><a href="#/devices">Devices</a><span aria-hidden="true">/</span><span aria-current="page">${name}</span></nav>`;

  const head = () => html`
    <div class="device-head">
      <div>
        <h1>${device.name}</h1>
        <p class="id">${id} <button type="button" class="button quiet small" @click=${copyId}>Copy</button></p>
      </div>
      <dl class="vitals">
        <div><dt>Status</dt><dd>${status(device.status)}${device.enabled ? nothing : html` <span class="tag">disabled</span>`}</dd></div>
        <div><dt>State</dt><dd>${word(state.current_state)} <span class="muted">for ${ago(state.since).replace(" ago", "").replace("just now", "a moment")}</span></dd></div>
        <div><dt>Last seen</dt><dd>${time(device.last_seen_at)}</dd></div>
        ${device.connected_at ? html`<div><dt>Connected</dt><dd><time datetime=${device.connected_at} title=${fullTime(device.connected_at)}>${ago(device.connected_at)}</time></dd></div>` : nothing}
        <div><dt>Health</dt><dd class="figure">${device.health_score}<span class="muted"> / 100</span></dd></div>
      </dl>
    </div>`;

  function chartPanel() {
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
                  <option value=${key} ?selected=${key === interval} ?disabled=${tooFine(key)}>${key === "" ? word : `Average per ${word}`}</option>`)}
              </select>
            </label>
            ${choice("Range", Object.entries(RANGES).map(([key, [word]]) => [key, word]), range, chooseRange)}
          </div>
        </div>
        ${seriesProblem ? problemNotice(seriesProblem, loadSeries) : nothing}
        <div class="chart">
          <div class="chart-area" data-points=${drawn}></div>
          ${series && drawn === 0 ? html`<p class="chart-empty">No readings of ${metric} in the last ${RANGES[range][0]}.</p>` : nothing}
        </div>
      </section>`;
  }

  function lastPoint() {
    const [times, values, min, max] = series?.data ?? [[], []];
    const last = times.length - 1;
    return last < 0 ? null : { at: times[last], value: values[last], min: min?.[last], max: max?.[last] };
  }

  draw();
  load();
  return {
    close() {
      closed = true;
      unfollow();
      clearInterval(ticking);
      draw.stop();
      commands.close();
      refresh.stop();
      refreshSeries.stop();
      plot?.close();
    },
  };
}
