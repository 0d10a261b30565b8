// What the pages of spaces show alike.

import { html, nothing } from "./vendor/lit-html/lit-html.js";
import { get } from "./api.js";
import { shape } from "./parts.js";

const ROWS = 1_000;

/** Lists are read to the end, but not further than that. */
const ALL_MAX = 10_000;

export const STATES = ["free", "occupied", "reserved", "maintenance", "unknown"];

/** Colour, shape and word, so that none of them is needed to understand the others. */
export const TONES = { free: "good", occupied: "bad", reserved: "warn", maintenance: "quiet", unknown: "quiet" };

export const spaceStatus = (state) =>
  state === null ? html`<span class="muted">—</span>` : html`<span class="status ${TONES[state]}">${shape(state)}${state}</span>`;

export const spacePath = (id) => `/api/v1/spaces/${encodeURIComponent(id)}`;

/** All of a list, page by page; `complete` is false where there is more than is looked at. */
export async function all(path, query = {}) {
  const items = [];
  let cursor = null;
  do {
    const page = await get(path, { ...query, limit: ROWS, cursor });
    items.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor && items.length < ALL_MAX);
  return { items, complete: cursor === null };
}

/** Locations as a tree: `{location, inner}`, by name. One whose parent is not shown stands at the top. */
export function tree(locations) {
  const known = new Set(locations.map(({ id }) => id));
  const under = (parent) => locations
    .filter(({ parent_id: of }) => (known.has(of) ? of : null) === parent)
    .map((location) => ({ location, inner: under(location.id) }));
  return under(null);
}

/** A location and all that is in it, by their ids. */
export function within(locations, id) {
  const found = new Set([id]);
  for (let before = 0; before !== found.size;) {
    before = found.size;
    locations.filter(({ parent_id: of }) => found.has(of)).forEach((one) => found.add(one.id));
  }
  return found;
}

/** `Harbour / Level 1 / East`. */
export function place(locations, id) {
  const names = [];
  for (let at = locations.find((one) => one.id === id); at && names.length < 10; at = locations.find((one) => one.id === at.parent_id)) {
    names.unshift(at.name);
  }
  return names.join(" / ");
}

/** Locations to choose from, each with what it is in. */
export const placeOptions = (locations, chosen) => html`
  <option value="">nowhere</option>
  ${locations.map(({ id }) => [id, place(locations, id)]).sort(([, a], [, b]) => a.localeCompare(b)).map(([id, text]) => html`
    <option value=${id} ?selected=${id === chosen}>${text}</option>`)}`;

export const deviceOptions = (devices, chosen = null) => html`
  <option value="">none</option>
  ${devices.map(({ device_id: id }) => html`<option value=${id} ?selected=${id === chosen}>${id}</option>`)}
  ${chosen && !devices.some(({ device_id: id }) => id === chosen) ? html`<option value=${chosen} selected>${chosen}</option>` : nothing}`;
