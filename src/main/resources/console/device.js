// One device: what it is, says, and did, and what a person does with it.

import { html, nothing, render } from "./vendor/lit-html/lit-html.js";
import { devicePath, follow, get } from "./api.js";
import { commandPanel } from "./command-panel.js";
import { chartPanel } from "./device-chart.js";
import { codecPanel } from "./device-codec.js";
import { credentialPanel } from "./device-credentials.js";
import { editDialog } from "./device-edit.js";
import { eventPanel } from "./device-events.js";
import { enabledDialog, lifePanel, moveDialog, removeDialog } from "./device-life.js";
import { configurationPanel, connectionPanel, deltaPanel, factsPanel, statePanel, valueCards } from "./device-panels.js";
import { ago, flat, fullTime, merged } from "./format.js";
import { may } from "./may.js";
import { announce, emptyNotice, paced, placeholderRows, problemNotice, status, time } from "./parts.js";
import { state as word } from "./timeline.js";
import { configurationDialog, desiredDialog } from "./values-dialog.js";

const HISTORY = 25;
const CHANGES = 100;
const CHANGES_MAX = 1_000;
const DRAW_MILLIS = 200;
const TICK_MILLIS = 1_000;
const REFRESH_MILLIS = 1_000;
/** What is not in the live stream, but an event: what others did to the device itself, and what its codec could not read. */
const CHANGED = new Set(["device.updated", "device.lifecycle", "codec.failed"]);

/** What the live stream tells may have come with the list already. */
function addNewest(items, one) {
  const told = JSON.stringify(one);
  if (!items.slice(0, HISTORY).some((other) => JSON.stringify(other) === told)) {
    items.unshift(one);
  }
}

export function devicePage(root, id) {
  const path = devicePath(id);
  const fresh = new Map();
  const history = {
    changes: { items: [], next: null, path: `/api/v1/state-history/${encodeURIComponent(id)}`, query: until },
    connections: { items: [], next: null, path: `/api/v1/device-connection-history/${encodeURIComponent(id)}`, query: () => ({}) },
  };
  let device = null;
  let state = null;
  let metrics = [];
  let problem = null;
  let closed = false;
  let newest = null;

  const draw = paced(() => {
    render(view(), root);
    chart.plotted(root);
  }, DRAW_MILLIS);
  const refresh = paced(load, REFRESH_MILLIS);
  const chart = chartPanel(path, draw, () => { refreshChanges(); });
  const commands = commandPanel(id, draw);
  const credentials = credentialPanel(id, draw);
  const events = eventPanel(id, draw, happened);
  const life = lifePanel(id, draw);
  const codec = codecPanel(id, draw);
  const panels = [chart, commands, credentials, events, life, codec];

  // --- what the server has

  async function load() {
    try {
      const [about, now, names] = await Promise.all([
        get(path), get(`${path}/state`), get(`${path}/metrics`),
        device === null ? null : refillChanges(),
        refill(history.connections, Math.max(HISTORY, history.connections.items.length)),
      ]);
      metrics = names.items;
      state = newestOf(now);
      chart.begin(metrics.find((name) => typeof readingOf(name) === "number") ?? metrics[0] ?? null, about.created_at);
      if (device === null) {
        await refillChanges();
      }
      device = about;
      problem = null;
      document.title = `${device.name} · Tethral`;
      codec.load(device);
      await chart.load();
    } catch (failure) {
      problem = failure;
    }
    if (!closed) {
      draw();
    }
  }

  /** What the server had when it was asked may be older than what the live stream has told meanwhile. */
  function newestOf(now) {
    return state !== null && state.reported_version > now.reported_version
      ? { ...now, reported: state.reported, reported_version: state.reported_version, last_updated: state.last_updated }
      : now;
  }

  /** Live, all there are; else those until the end of what is shown. */
  function until() {
    const { to, live } = chart.span();
    return live ? {} : { to: new Date(to).toISOString() };
  }

  async function refill(list, limit) {
    const page = await get(list.path, { ...list.query(), limit: Math.min(CHANGES_MAX, limit) });
    list.items = page.items;
    list.next = page.next_cursor;
  }

  /** As many as the time line needs, up to a limit. */
  async function refillChanges() {
    const { changes } = history;
    await refill(changes, Math.max(CHANGES, changes.items.length));
    if (changes.next !== null && changes.items.length < CHANGES_MAX && Date.parse(changes.items.at(-1).timestamp) > chart.span().from) {
      await refill(changes, CHANGES_MAX);
    }
  }

  const refreshChanges = () => attempt(refillChanges);

  const older = (list) => attempt(async () => {
    const page = await get(list.path, { ...list.query(), limit: HISTORY, cursor: list.next });
    list.items.push(...page.items);
    list.next = page.next_cursor;
  });

  async function attempt(action) {
    try {
      await action();
    } catch (failure) {
      problem = failure;
    }
    if (!closed) {
      draw();
    }
  }

  const readingOf = (name) => Object.fromEntries(flat(state?.reported))[name];

  // --- what happens meanwhile

  const unfollow = follow(id, (kind, data) => {
    if (kind === "again" || !device) {
      state = device ? { ...state, reported_version: -1 } : null; // counted no further: the server knows
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
        chart.begin(name, device.created_at);
      }
      if (name === chart.metric()) {
        chart.append(Date.parse(timestamp) / 1_000, Number(any));
      }
    }
  }

  function moved(change) {
    state.current_state = change.to_state;
    state.since = change.timestamp;
    if (chart.span().live) {
      addNewest(history.changes.items, change);
    }
  }

  function linked(entry) {
    addNewest(history.connections.items, entry);
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

  function happened(items) {
    const change = items.find((event) => CHANGED.has(event.type))?.sequence ?? 0;
    if (newest !== null && change > newest) {
      refresh(); // the codec's panel with it
      life.refresh();
    }
    newest = Math.max(newest ?? 0, change);
  }

  const ticking = setInterval(() => {
    chart.tick();
    draw();
  }, TICK_MILLIS);

  // --- what the person does

  function saved(after) {
    device = after;
    document.title = `${device.name} · Tethral`;
    life.refresh();
    codec.load(device);
    draw();
  }

  function settled(after) {
    state = after;
    draw();
  }

  const page = { device: () => device, saved, refresh: load };

  const edit = () => attempt(() => editDialog(device, saved));

  async function copyId(event) {
    const button = event.currentTarget;
    await navigator.clipboard.writeText(id);
    announce("Copied");
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 1_500);
  }

  // --- how it looks

  function view() {
    if (problem?.status === 404) {
      return html`<div class="page">${emptyNotice("No such device", html`There is no device <code>${id}</code> in the registry.`,
        html`<a class="button" href="#/devices">All devices</a>`)}</div>`;
    }
    if (!device || !state) {
      return html`<div class="page">${crumbs(id)}${problem ? problemNotice(problem, load) : placeholderRows(6)}</div>`;
    }
    const changing = may("operator");
    return html`
      <div class="page">
        ${crumbs(device.name)}
        ${head()}
        ${changing ? tools() : nothing}
        ${problem ? problemNotice(problem, load) : nothing}
        ${valueCards(state.reported, metrics, chart.metric(), fresh, chart.choose)}
        <div class="columns">
          <div class="column">
            ${chart.view()}
            ${commands.view()}
            ${statePanel(state, history.changes, Date.parse(device.created_at), chart.span(), chart.rangeWord(), () => older(history.changes))}
            ${events.view()}
            ${connectionPanel(history.connections, () => older(history.connections))}
            ${credentials.view()}
          </div>
          <div class="column">
            ${deltaPanel(state, changing ? () => desiredDialog(path, state, settled) : null)}
            ${configurationPanel(state, changing ? () => configurationDialog(path, state, settled) : null)}
            ${codec.view(state)}
            ${factsPanel(device)}
            ${life.view(device)}
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
        <p class="id">${id} ${navigator.clipboard ? html`<button type="button" class="button quiet small" @click=${copyId}>Copy</button>` : nothing}</p>
      </div>
      <dl class="vitals">
        <div><dt>Status</dt><dd>${status(device.status)}${device.enabled ? nothing : html` <span class="tag">disabled</span>`}</dd></div>
        <div><dt>State</dt><dd>${word(state.current_state)} <span class="muted">for ${ago(state.since).replace(" ago", "").replace("just now", "a moment")}</span></dd></div>
        <div><dt>Last seen</dt><dd>${time(device.last_seen_at)}</dd></div>
        ${device.connected_at ? html`<div><dt>Connected</dt><dd><time datetime=${device.connected_at} title=${fullTime(device.connected_at)}>${ago(device.connected_at)}</time></dd></div>` : nothing}
        <div><dt>Health</dt><dd class="figure">${device.health_score}<span class="muted"> / 100</span></dd></div>
      </dl>
    </div>`;

  const tools = () => html`
    <div class="head-end device-acts" role="group" aria-label="What can be done with it">
      <button type="button" class="button" @click=${edit}>Edit</button>
      <button type="button" class="button" @click=${() => moveDialog(page)}>Move on…</button>
      <button type="button" class="button" @click=${() => enabledDialog(page)}>${device.enabled ? "Disable…" : "Enable…"}</button>
      <button type="button" class="button quiet" @click=${() => removeDialog(page)}>Remove…</button>
    </div>`;

  draw();
  load();
  return {
    close() {
      closed = true;
      unfollow();
      clearInterval(ticking);
      draw.stop();
      refresh.stop();
      panels.forEach((panel) => panel.close());
    },
  };
}
