// Lists of the API: page by page, asked for again as time goes, narrowed by what stands in the address.

import { html, nothing } from "./vendor/lit-html/lit-html.js";
import { get } from "./api.js";
import { count } from "./format.js";
import { announce, placeholderRows, problemNotice } from "./parts.js";

const ROWS_MAX = 1_000;

/**
 * @param path of the list; `noun` names what it holds, for people
 * @param rows asked for at first, and with each "Show more"
 * @param every milliseconds until it is asked again; 0: only when told to
 * @param query gives the filter in force; an answer to another one is thrown away
 * @param changed called when there is something new to draw
 */
export function listOf(path, { noun, rows, every = 0, query = () => ({}), changed }) {
  const list = { items: [], next: null, phase: "loading", problem: null, load, more, anew, shown, ending, close };
  let asking = new AbortController();
  let timer;
  let closed = false;

  /** What is shown, once more. */
  async function load() {
    await ask(async (signal) => {
      const limit = Math.min(ROWS_MAX, Math.max(rows, list.items.length));
      return get(path, { ...query(), limit }, signal);
    });
  }

  async function more() {
    const before = list.items;
    await ask(async (signal) => {
      const page = await get(path, { ...query(), limit: rows, cursor: list.next }, signal);
      return { ...page, items: [...before, ...page.items] };
    });
    announce(`${count(list.items.length)} ${noun} are shown`);
  }

  /** With another filter. */
  function anew() {
    list.items = [];
    list.phase = "loading";
    changed();
    return load();
  }

  async function ask(step) {
    clearTimeout(timer);
    asking.abort();
    asking = new AbortController();
    try {
      const page = await step(asking.signal);
      list.items = page.items;
      list.next = page.next_cursor;
      list.phase = "ready";
      list.problem = null;
    } catch (failure) {
      if (failure.name === "AbortError") {
        return;
      }
      list.problem = failure;
      list.phase = list.items.length > 0 ? "ready" : "failed";
    }
    if (!closed) {
      changed();
      if (every > 0) {
        clearTimeout(timer);
        timer = setTimeout(load, every);
      }
    }
  }

  /** The list in each of its states: loading, failed, empty, or as a table. */
  function shown(table, none) {
    return html`
      ${list.problem ? problemNotice(list.problem, load) : nothing}
      ${list.phase === "loading" ? placeholderRows(4) : nothing}
      ${list.phase === "ready" && list.items.length === 0 ? none() : nothing}
      ${list.items.length > 0 ? html`${table()}${ending()}` : nothing}`;
  }

  function ending() {
    return list.next
      ? html`<div class="more"><button type="button" class="button" @click=${more}>Show more</button></div>`
      : nothing;
  }

  function close() {
    closed = true;
    asking.abort();
    clearTimeout(timer);
  }

  return list;
}

/** A filter that stands in the address, so that a link and the back button have it too. */
export function addressFilter(place, names) {
  const values = Object.fromEntries(names.map((name) => [name, ""]));
  return {
    values,
    any: () => names.some((name) => values[name] !== ""),
    read(query) {
      names.forEach((name) => { values[name] = query?.get(name) ?? ""; });
    },
    /** By way of the address: whoever shows it is told by `addressChanged`. */
    narrow(change) {
      const text = new URLSearchParams(Object.entries({ ...values, ...change }).filter(([, word]) => word !== "")).toString();
      const address = text === "" ? `#${place}` : `#${place}?${text}`;
      if (location.hash !== address) {
        location.hash = address;
      }
    },
  };
}
