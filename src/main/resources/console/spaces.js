// The board of spaces: what is free and what is not, place by place, as it changes.

import { html, nothing, render } from "./vendor/lit-html/lit-html.js";
import { repeat } from "./vendor/lit-html/directives/repeat.js";
import { act, followEvents, get } from "./api.js";
import { ago, count, fullTime } from "./format.js";
import { addressFilter } from "./list.js";
import { may, ofAll } from "./may.js";
import { announce, choice, emptyNotice, paced, placeholderRows, problemNotice, shape } from "./parts.js";
import { all, deviceOptions, place, placeOptions, STATES, TONES, tree, within } from "./space-parts.js";

const DRAW_MILLIS = 100;
const REFRESH_MILLIS = 1_000;
const LOOK_MILLIS = 30_000;
const TICK_MILLIS = 10_000;
const KINDS = ["site", "building", "floor", "zone"];

export function spacesPage(root) {
  const filter = addressFilter("/spaces", ["state", "location"]);
  let spaces = null;
  let complete = true;
  let locations = [];
  let devices = { sensors: [], displays: [] };
  let communities = [];
  let community = "";
  let problem = null;
  let formProblem = null;
  let adding = null;
  let busy = false;
  let closed = false;

  const draw = paced(() => render(view(), root), DRAW_MILLIS);
  const refresh = paced(load, REFRESH_MILLIS);

  async function load() {
    try {
      const [found, places] = await Promise.all([all("/api/v1/spaces"), all("/api/v1/locations")]);
      ({ items: spaces, complete } = found);
      locations = places.items;
      problem = null;
    } catch (failure) {
      problem = failure;
    }
    if (!closed) {
      draw();
    }
  }

  // a change is told as it is committed; spaces that were added or removed are looked for
  const unfollow = followEvents({ type: "space.*" }, (kind, event) => {
    const space = kind === "event" && event.type === "space.state_changed"
      ? spaces?.find(({ id }) => id === event.data.space_id)
      : null;
    if (space) {
      space.state = event.data.to;
      space.state_since = event.timestamp;
      draw();
    } else {
      refresh();
    }
  });
  const looking = setInterval(refresh, LOOK_MILLIS);
  const ticking = setInterval(draw, TICK_MILLIS);

  function addressChanged(query) {
    filter.read(query);
    draw();
  }

  async function begin(what) {
    adding = what;
    formProblem = null;
    draw();
    try {
      if (ofAll()) {
        communities = (await get("/api/v1/communities")).items;
        community ||= locations.find(({ id }) => id === filter.values.location)?.community_id ?? communities[0]?.id ?? "";
      }
      await lookForDevices();
    } catch (failure) {
      formProblem = failure;
    }
    if (!closed) {
      render(view(), root);
      root.querySelector(".rule-form input")?.focus();
    }
  }

  /** Of the community that the space is to be of. */
  async function lookForDevices() {
    const [sensors, displays] = await Promise.all([
      all("/api/v1/sensors", { orphans: true, community_id: community }), all("/api/v1/displays", { community_id: community }),
    ]);
    devices = { sensors: sensors.items, displays: displays.items };
    draw();
  }

  function chooseCommunity(event) {
    community = event.target.value;
    lookForDevices().catch((failure) => { formProblem = failure; draw(); });
  }

  function end() {
    adding = null;
    formProblem = null;
    draw();
  }

  async function add(event, path, said) {
    event.preventDefault();
    const given = Object.fromEntries([...new FormData(event.target)].filter(([, text]) => text.trim() !== ""));
    busy = true;
    draw();
    try {
      await act(path, given);
      announce(said);
      adding = null;
      formProblem = null;
      await load();
    } catch (failure) {
      formProblem = failure;
    }
    busy = false;
    draw();
  }

  // --- how it looks

  const counted = (some) => Object.fromEntries(STATES.map((state) => [state, some.filter((one) => one.state === state).length]));

  function view() {
    const here = filter.values.location === "" ? null : within(locations, filter.values.location);
    const there = (spaces ?? []).filter((one) => here === null || here.has(one.location_id));
    const shown = there.filter((one) => filter.values.state === "" || one.state === filter.values.state);
    const numbers = counted(there);
    return html`
      <div class="page">
        <div class="page-head">
          <h1>Spaces</h1>
          ${spaces ? html`<p class="muted">${count(numbers.free)} of ${count(there.length)} free${complete ? "" : "; there are more than are shown"}</p>` : nothing}
          ${may("operator") && !adding ? html`
            <span class="head-end head-acts">
              <button type="button" class="button" @click=${() => begin("location")}>Add a location</button>
              <button type="button" class="button primary" @click=${() => begin("space")}>Add a space</button>
            </span>` : nothing}
        </div>
        ${problem ? problemNotice(problem, load) : nothing}
        ${adding === "space" ? spaceForm() : adding === "location" ? locationForm() : nothing}
        ${!spaces ? (problem ? nothing : placeholderRows(6)) : spaces.length === 0 && locations.length === 0 ? none() : html`
          <div class="tools states">
            ${choice("State", [["", "All", count(there.length)], ...STATES.map((state) => [state, state[0].toUpperCase() + state.slice(1), count(numbers[state])])],
              filter.values.state, (state) => filter.narrow({ state }))}
          </div>
          <div class="board">
            ${locations.length > 0 ? places() : nothing}
            <div class="tiles-of">${sections(shown)}</div>
          </div>`}
      </div>`;
  }

  const none = () => emptyNotice("No space yet",
    "A space is a place that is free or taken: a parking lot, a desk, a room. A sensor says which, a display shows it, and people book it.");

  const link = (location) => {
    const text = new URLSearchParams(Object.entries({ ...filter.values, location }).filter(([, word]) => word !== "")).toString();
    return text === "" ? "#/spaces" : `#/spaces?${text}`;
  };

  const places = () => html`
    <nav class="panel places" aria-label="Locations">
      <a href=${link("")} aria-current=${filter.values.location === "" ? "page" : nothing}>Everywhere ${free(spaces)}</a>
      ${branch(tree(locations))}
    </nav>`;

  const free = (some) => html`<span class="figure muted">${some.filter((one) => one.state === "free").length}/${some.length}</span>`;

  const branch = (nodes) => nodes.length === 0 ? nothing : html`
    <ul>${nodes.map(({ location, inner }) => {
      const ids = within(locations, location.id);
      return html`
        <li><a href=${link(location.id)} aria-current=${filter.values.location === location.id ? "page" : nothing}>
          ${location.name} ${free(spaces.filter((one) => ids.has(one.location_id)))}</a>
          ${branch(inner)}</li>`;
    })}</ul>`;

  /** Each place with its own spaces, in the order of the tree. */
  function sections(shown) {
    const order = [];
    const walk = (nodes) => nodes.forEach(({ location, inner }) => { order.push(location.id); walk(inner); });
    walk(tree(locations));
    const groups = [...order, null]
      .map((id) => [id, shown.filter((one) => (order.includes(one.location_id) ? one.location_id : null) === id)])
      .filter(([, some]) => some.length > 0);
    return groups.length === 0 ? emptyNotice("No space here", "No space of this place is in that state.", html`<a class="button" href="#/spaces">All spaces</a>`)
      : repeat(groups, ([id]) => id ?? "", ([id, some]) => html`
        <section aria-label=${id === null ? "Nowhere" : place(locations, id)}>
          <h2 class="place-name">${id === null ? (order.length === 0 ? nothing : "Nowhere") : place(locations, id)}</h2>
          <ul class="tiles">${repeat(some, (one) => one.id, tile)}</ul>
        </section>`);
  }

  const tile = (space) => html`
    <li><a class="tile ${TONES[space.state]} is-${space.state}" data-space=${space.code} href="#/spaces/${space.id}">
      <span class="tile-state">${shape(space.state)}${space.state}</span>
      <span class="tile-code">${space.code}</span>
      ${space.name === space.code ? nothing : html`<span class="tile-name">${space.name}</span>`}
      <span class="tile-since figure" title=${fullTime(space.state_since)}>${ago(space.state_since)}</span>
    </a></li>`;

  const field = (label, input) => html`<label class="field"><span>${label}</span>${input}</label>`;

  /** Who is of one community needs not say so. */
  const communityField = () => ofAll() && communities.length > 0 ? field("Community", html`
    <select name="community_id" @change=${chooseCommunity}>${communities.map(({ id, name }) => html`
      <option value=${id} ?selected=${id === community}>${name}</option>`)}</select>`) : nothing;

  const theirs = () => locations.filter((one) => !ofAll() || one.community_id === community);

  const formActs = (text) => html`
    ${formProblem ? problemNotice(formProblem) : nothing}
    <div class="form-acts">
      <button class="button primary" ?disabled=${busy}>${text}</button>
      <button type="button" class="button quiet" @click=${end}>Cancel</button>
    </div>`;

  const spaceForm = () => html`
    <form class="panel rule-form" aria-label="New space" @submit=${(event) => add(event, "/api/v1/spaces", "The space is added")}>
      <div class="fields wide">
        ${field("Code", html`<input name="code" required maxlength="255" autocomplete="off" placeholder="A-12">`)}
        ${field("Name", html`<input name="name" maxlength="255" autocomplete="off" placeholder="as its code">`)}
        ${communityField()}
        ${field("Where", html`<select name="location_id">${placeOptions(theirs(), filter.values.location)}</select>`)}
        ${field("Sensor", html`<select name="sensor_device_id">${deviceOptions(devices.sensors)}</select>`)}
        ${field("Display", html`<select name="display_device_id">${deviceOptions(devices.displays)}</select>`)}
      </div>
      ${formActs("Add the space")}
    </form>`;

  const locationForm = () => html`
    <form class="panel rule-form" aria-label="New location" @submit=${(event) => add(event, "/api/v1/locations", "The location is added")}>
      <div class="fields wide">
        ${field("Name", html`<input name="name" required maxlength="255" autocomplete="off" placeholder="Level 1">`)}
        ${field("Kind", html`<select name="kind">${KINDS.map((kind) => html`<option value=${kind}>${kind}</option>`)}</select>`)}
        ${communityField()}
        ${field("In", html`<select name="parent_id">${placeOptions(theirs(), filter.values.location)}</select>`)}
      </div>
      ${formActs("Add the location")}
    </form>`;

  document.title = "Spaces · Tethral";
  load();
  return {
    addressChanged,
    close() {
      closed = true;
      unfollow();
      clearInterval(looking);
      clearInterval(ticking);
      draw.stop();
      refresh.stop();
    },
  };
}
