// All devices: a table that lives.

import { html, nothing, render } from "./vendor/lit-html/lit-html.js";
import { repeat } from "./vendor/lit-html/directives/repeat.js";
import { follow, get } from "./api.js";
import { bulkActs } from "./bulk-acts.js";
import { count, flat, merged, value } from "./format.js";
import { addressFilter } from "./list.js";
import { may, ofAll } from "./may.js";
import { announce, choice, emptyNotice, paced, placeholderRows, problemNotice, status, time } from "./parts.js";
import { state as word } from "./timeline.js";

const ROWS = 50;
/** Of a large fleet so many rows are in the page at a time: those before them are asked for again when somebody scrolls back. */
const ROWS_MAX = 400;
/** So far from its end the list goes on by itself, once somebody asked it to. */
const AHEAD_PIXELS = 700;
const VALUES_SHOWN = 3;
const DRAW_MILLIS = 200;
const REFRESH_MILLIS = 1_000;
/** Counting a large fleet takes the server longer than a page of it. */
const COUNT_MILLIS = 5_000;
const TICK_MILLIS = 5_000;
const FRESH_MILLIS = 1_200;

export function devicesPage(root) {
  const rows = new Map();
  /** `begins[n]` is where the n-th part of the list begins; `first` is the part with which the rows begin. */
  let begins = [null];
  let first = 0;
  let going = false;
  let closed = false;
  const filter = addressFilter("/devices", ["status", "protocol", "device_type", "q"]);
  let statistics = null;
  let next = null;
  let phase = "loading";
  let problem = null;
  let asking = new AbortController();
  const leaving = new AbortController();

  const draw = paced(() => closed || render(view(), root), DRAW_MILLIS);
  const refresh = paced(() => phase !== "more" && load(Math.max(ROWS, rows.size)), REFRESH_MILLIS);
  const recount = paced(countAll, COUNT_MILLIS);

  // --- what the server has

  async function load(limit) {
    asking.abort();
    asking = new AbortController();
    const { signal } = asking;
    if (statistics) {
      recount();
    } else {
      countAll();
    }
    try {
      const page = await part(limit, begins[first], signal);
      const before = new Map(rows);
      rows.clear();
      take(page, before);
      phase = "ready";
      problem = null;
    } catch (failure) {
      if (failure.name === "AbortError") {
        return;
      }
      problem = failure;
      phase = rows.size > 0 ? "ready" : "failed";
    }
    draw();
  }

  async function countAll() {
    try {
      statistics = await get("/api/v1/devices/statistics", {}, leaving.signal);
      draw();
    } catch {
      // the list says what is wrong
    }
  }

  const part = (limit, cursor, signal) => get("/api/v1/devices", { ...filter.values, include: "state", limit, cursor }, signal);

  async function go(step) {
    phase = "more";
    asking.abort(); // what is asked for meanwhile would come in between
    asking = new AbortController();
    draw();
    try {
      await step(asking.signal);
      problem = null;
    } catch (failure) {
      if (failure.name === "AbortError") {
        return;
      }
      going = false;
      problem = failure;
    }
    phase = "ready";
    draw();
  }

  const more = () => go(async (signal) => {
    const page = await part(ROWS, next, signal);
    const [seen] = [...rows.keys()].slice(-1);
    begins = [...begins.slice(0, first + Math.ceil(rows.size / ROWS)), next];
    take(page);
    if (rows.size > ROWS_MAX) {
      [...rows.keys()].slice(0, ROWS).forEach((id) => rows.delete(id));
      first++;
    }
    drawAround(seen);
    announce(`${count(first * ROWS + rows.size)} devices are shown`);
  });

  const earlier = () => go(async (signal) => {
    const page = await part(ROWS, begins[first - 1], signal);
    const [seen] = rows.keys();
    const kept = [...rows].slice(0, ROWS_MAX - page.items.length);
    const cut = kept.length < rows.size;
    first--;
    rows.clear();
    const after = next;
    take(page);
    kept.forEach(([id, row]) => rows.set(id, row));
    next = cut ? begins[first + ROWS_MAX / ROWS] : after;
    drawAround(seen);
  });

  /** That row stays where it is on the screen, whatever comes and goes above it. */
  function drawAround(id) {
    const top = () => root.querySelector(`tr[data-device="${CSS.escape(id)}"]`)?.getBoundingClientRect().top;
    const before = top();
    render(view(), root);
    const after = top();
    if (before !== undefined && after !== undefined) {
      scrollBy(0, after - before);
    }
  }

  /** Whoever asked for more once need not ask again. */
  function scrolled() {
    if (!going || phase !== "ready") {
      return;
    }
    const panel = root.querySelector(".table-panel")?.getBoundingClientRect();
    if (panel && next && panel.bottom < innerHeight + AHEAD_PIXELS) {
      more();
    } else if (panel && first > 0 && panel.top > -AHEAD_PIXELS) {
      earlier();
    }
  }
  addEventListener("scroll", scrolled, { passive: true });

  function take(page, before = new Map()) {
    for (const device of page.items) {
      rows.set(device.device_id, { device, state: device.state ?? { current_state: "unknown", reported: {} }, fresh: before.get(device.device_id)?.fresh ?? new Map() });
    }
    next = page.next_cursor;
  }

  // --- many at once

  const bulk = bulkActs({
    filter: () => filter.values,
    total: () => (filter.any() || !statistics ? null : statistics.total),
    changed: () => draw(),
    after: () => closed || load(Math.max(ROWS, rows.size)),
  });

  const picking = may("operator");

  // --- what happens meanwhile

  const unfollow = follow(null, (kind, data) => {
    const row = rows.get(data.device_id);
    if (kind === "again" || !row) {
      refresh();
      return;
    }
    const { device, state } = row;
    if (kind === "reported") {
      state.reported = merged(state.reported, data.values);
      const now = performance.now();
      for (const [name] of flat(data.values)) {
        row.fresh.set(name, now);
      }
      heard(row);
    } else if (kind === "state") {
      state.current_state = data.to_state;
      heard(row);
    } else if (kind === "connection" && data.event !== "rejected") {
      const is = data.event === "connected" ? "online" : "offline";
      if (device.status !== is) {
        device.status = is;
        refresh();
      }
    }
    draw();
  });

  function heard(row) {
    row.device.last_seen_at = new Date().toISOString();
    if (row.device.status !== "online" && row.state.current_state !== "offline") {
      row.device.status = "online";
      refresh();
    }
  }

  const ticking = setInterval(draw, TICK_MILLIS);

  // --- what the person asks for

  function addressChanged(query) {
    filter.read(query);
    begins = [null];
    first = 0;
    going = false;
    bulk.clear();
    phase = rows.size === 0 ? "loading" : "narrowing";
    document.title = "Devices · Tethral";
    draw();
    load(ROWS);
  }

  let typing;
  function search(event) {
    clearTimeout(typing);
    const q = event.target.value.trim();
    typing = setTimeout(() => filter.narrow({ q }), 250);
  }

  function slash(event) {
    if (event.key === "/" && !event.target.closest?.("input, select, textarea")) {
      event.preventDefault();
      document.getElementById("search")?.focus();
    }
  }
  document.addEventListener("keydown", slash);

  // --- how it looks

  const view = () => html`
    <div class="page">
      <div class="page-head">
        <h1>Devices</h1>
        ${statistics ? html`<p class="muted">${count(statistics.total)} registered</p>` : nothing}
        <div class="head-end head-acts">
          ${ofAll() ? html`<a class="button" href="#/inbox">Inbox</a>` : nothing}
          <a class="button" href="#/import${filter.any() ? `?${new URLSearchParams(Object.entries(filter.values).filter(([, word]) => word !== ""))}` : ""}">${picking ? "Import, export" : "Export"}</a>
          ${picking ? html`<a class="button" href="#/codecs">Try a codec</a>` : nothing}
        </div>
      </div>
      ${tools()}
      ${bulk.panel()}
      ${problem && phase === "ready" ? problemNotice(problem, () => load(ROWS)) : nothing}
      ${phase === "failed" ? problemNotice(problem, () => load(ROWS)) : phase === "loading" ? placeholderRows(8) : table()}
    </div>`;

  function tools() {
    const by = statistics?.by_status ?? {};
    const statuses = [
      ["", "All", statistics ? count(statistics.total) : undefined],
      ["online", "Online", statistics ? count(by.online ?? 0) : undefined],
      ["offline", "Offline", statistics ? count(by.offline ?? 0) : undefined],
      ["unknown", "Never seen", statistics ? count(by.unknown ?? 0) : undefined],
    ];
    return html`
      <div class="tools">
        ${choice("Status", statuses, filter.values.status, (chosen) => filter.narrow({ status: chosen }))}
        <div class="search">
          <svg viewBox="0 0 16 16" aria-hidden="true"><circle cx="7" cy="7" r="4.5"/><path d="M10.5 10.5L14 14"/></svg>
          <label class="unseen" for="search">Search by name or id</label>
          <input id="search" type="search" placeholder="Search name or id" autocomplete="off" spellcheck="false"
            .value=${filter.values.q} @input=${search}>
          <kbd aria-hidden="true">/</kbd>
        </div>
        <div class="selects">
          ${select("Protocol", "protocol", Object.keys(statistics?.by_protocol ?? {}))}
          ${select("Type", "device_type", Object.keys(statistics?.by_type ?? {}))}
        </div>
      </div>`;
  }

  function select(label, name, words) {
    const known = words.filter((word) => word !== "" && word !== "unknown");
    const all = filter.values[name] === "" || known.includes(filter.values[name]) ? known : [...known, filter.values[name]];
    return all.length === 0 ? nothing : html`
      <label class="select"><span>${label}</span>
        <select .value=${filter.values[name]} @change=${(event) => filter.narrow({ [name]: event.target.value })}>
          <option value="">All</option>
          ${all.sort().map((word) => html`<option value=${word} ?selected=${word === filter.values[name]}>${word}</option>`)}
        </select>
      </label>`;
  }

  function table() {
    if (rows.size === 0) {
      return filter.any()
        ? emptyNotice("No device matches", "Nothing in the registry fits this search and these filters.",
            html`<a class="button" href="#/devices">Show all devices</a>`)
        : emptyNotice("No devices yet", html`Register the first one where the server runs, and give it the token that this prints:
            <code>tethral device add pump-7</code>`, html`<a class="button" href="/docs/">Or use the API</a>`);
    }
    return html`
      ${first === 0 ? nothing : html`<p class="more">
        <span class="muted">${count(first * ROWS)} come before these</span>
        <button type="button" class="button" ?disabled=${phase === "more"} @click=${earlier}>Show earlier</button></p>`}
      <div class="panel table-panel" aria-busy=${phase === "narrowing"}>
        <table class="devices">
          <caption class="unseen">Devices with their newest values</caption>
          <thead><tr>
            ${picking ? html`<td class="pick"><input type="checkbox" aria-label="Select all that are shown"
              .checked=${bulk.picked.size > 0 && [...rows.keys()].every((id) => bulk.picked.has(id))} @change=${(event) => bulk.pick([...rows.values()].map(({ device }) => device), event.target.checked)}></td>` : nothing}
            <th scope="col">Device</th><th scope="col">Status</th><th scope="col">State</th>
            <th scope="col">Newest values</th><th scope="col" class="type">Type</th><th scope="col">Protocol</th>
            <th scope="col" class="right">Last seen</th>
          </tr></thead>
          <tbody>${repeat(rows.values(), (row) => row.device.device_id, line)}</tbody>
        </table>
      </div>
      <p class="more">
        <span class="muted">${first === 0 ? `${count(rows.size)}${next ? "" : rows.size === 1 ? " device" : " devices"} shown` : `${count(first * ROWS + 1)} to ${count(first * ROWS + rows.size)} shown`}</span>
        ${next ? html`<button type="button" class="button" ?disabled=${phase === "more"} @click=${() => { going = true; more(); }}>
          ${phase === "more" ? "Loading" : "Show more"}</button>` : nothing}
      </p>`;
  }

  const line = ({ device, state, fresh }) => html`
    <tr data-device=${device.device_id}>
      ${picking ? html`<td class="pick"><input type="checkbox" aria-label="${device.name}, select" .checked=${bulk.picked.has(device.device_id)} @change=${(event) => bulk.pick([device], event.target.checked)}></td>` : nothing}
      <td class="device">
        <a href=${`#/devices/${encodeURIComponent(device.device_id)}`}>${device.name}</a>
        ${device.name === device.device_id ? nothing : html`<span class="id">${device.device_id}</span>`}
      </td>
      <td>${status(device.enabled ? device.status : "offline")}${device.enabled ? nothing : html` <span class="tag">disabled</span>`}</td>
      <td class="word">${word(state.current_state)}</td>
      <td class="values">${values(state.reported, fresh)}</td>
      <td class="type">${device.device_type ?? html`<span class="muted">—</span>`}</td>
      <td class="protocol">${device.protocol ?? html`<span class="muted">—</span>`}</td>
      <td class="right seen">${time(device.last_seen_at)}</td>
    </tr>`;

  function values(reported, fresh) {
    const all = flat(reported);
    if (all.length === 0) {
      return html`<span class="muted">nothing reported</span>`;
    }
    const shown = all
      .sort(([, a], [, b]) => (typeof b === "number") - (typeof a === "number"))
      .slice(0, VALUES_SHOWN);
    const now = performance.now();
    return html`
      ${shown.map(([name, any]) => html`
        <span class="reading ${now - (fresh.get(name) ?? -Infinity) < FRESH_MILLIS ? "fresh" : ""}">
          <span class="name">${name}</span> <span class="figure">${value(any)}</span></span>`)}
      ${all.length > shown.length ? html`<span class="muted">+${all.length - shown.length}</span>` : nothing}`;
  }

  return {
    addressChanged,
    close() {
      closed = true;
      unfollow();
      bulk.close();
      removeEventListener("scroll", scrolled);
      clearInterval(ticking);
      clearTimeout(typing);
      asking.abort();
      draw.stop();
      refresh.stop();
      recount.stop();
      leaving.abort();
      document.removeEventListener("keydown", slash);
    },
  };
}
