// What can be done to many devices at once: those that were picked, or all that a filter shows.

import { html, nothing } from "./vendor/lit-html/lit-html.js";
import { act, change, devicePath, remove } from "./api.js";
import { jobPanel, startJob } from "./bulk.js";
import { devices } from "./device-rows.js";
import { count } from "./format.js";
import { may, ofAll } from "./may.js";
import { problemNotice } from "./parts.js";
import { all } from "./space-parts.js";

/** More are not picked: each is named, so that what is confirmed is what is done. */
const PICKED_MAX = 200_000;
/** Devices that one command names: together they stay below what the server takes. */
const TOLD_TOGETHER = 1_000;

const ACTS = {
  label: { title: "Label", doing: "Label" },
  command: { title: "Command", doing: "Send to" },
  enable: { title: "Enable", doing: "Enable" },
  disable: { title: "Disable", doing: "Disable" },
  move: { title: "Move", doing: "Move" },
  remove: { title: "Remove", doing: "Remove" },
};

/**
 * @param filter gives the filter in force
 * @param total gives how many devices it shows; null: it is not known
 * @param after called when something was done
 */
export function bulkActs({ filter, total, changed, after }) {
  const picked = new Map();
  let looking = null;
  let asking = null;
  let communities = [];
  let problem = null;
  let job = null;
  let told = null;

  function pick(devices, wanted) {
    looking?.abort();
    for (const { device_id: id } of devices) {
      if (wanted) {
        picked.set(id, { device_id: id });
      } else {
        picked.delete(id);
      }
    }
    changed();
  }

  /** All that the filter shows, not only what is in the list. */
  async function pickAll() {
    const mine = new AbortController();
    looking = mine;
    problem = null;
    try {
      for await (const { device_id: id } of devices(filter(), mine.signal)) {
        if (mine.signal.aborted) {
          return;
        }
        if (picked.size === PICKED_MAX) {
          throw Object.assign(new Error(`At most ${count(PICKED_MAX)} devices can be selected.`), { status: 400 });
        }
        picked.set(id, { device_id: id });
        changed();
      }
    } catch (failure) {
      problem = failure.name === "AbortError" ? null : failure;
    } finally {
      looking = looking === mine ? null : looking;
    }
    changed();
  }

  function clear() {
    looking?.abort();
    picked.clear();
    asking = null;
    changed();
  }

  const busy = () => job !== null && ["running", "stopping"].includes(job.phase);

  const whom = () => (picked.size === 1 ? "1 device" : `${count(picked.size)} devices`);

  async function begin(what) {
    asking = what;
    problem = null;
    changed();
    if (what === "move" && communities.length === 0) {
      try {
        communities = (await all("/api/v1/communities")).items;
      } catch (failure) {
        problem = failure;
      }
      changed();
    }
  }

  function go(event) {
    event.preventDefault();
    const said = Object.fromEntries(new FormData(event.target));
    if (asking === "command") {
      command(said);
      return;
    }
    run(ACTS[asking].title, [...picked.values()], steps(said)[asking]);
  }

  function run(title, things, step, unit = "devices") {
    job = Object.assign(startJob(things, step, {
      name: ({ device_id: id, first }) => ({ id: id ?? first }), total: things.length, changed,
    }), { title: `${title} ${whom()}`, unit });
    job.ended.then(after);
    clear();
  }

  /** The newest version is changed: what somebody else changed meanwhile stays. */
  const patch = (id, said) => change(devicePath(id), said, "*");

  const steps = (said) => ({
    label: async ({ device_id: id }) => {
      await patch(id, { metadata: { [said.key.trim()]: said.value.trim() === "" ? null : said.value.trim() } });
      return said.value.trim() === "" ? "unlabelled" : "labelled";
    },
    enable: async ({ device_id: id }) => { await patch(id, { enabled: true }); return "enabled"; },
    disable: async ({ device_id: id }) => { await patch(id, { enabled: false }); return "disabled"; },
    move: async ({ device_id: id }) => { await patch(id, { community_id: said.community }); return "moved"; },
    remove: async ({ device_id: id }) => { await remove(`${devicePath(id)}?history=${said.history}`); return "removed"; },
  });

  function command({ name, payload }) {
    let values;
    try {
      values = payload.trim() === "" ? undefined : JSON.parse(payload);
    } catch {
      problem = Object.assign(new Error("The values are no JSON."), { status: 400 });
      changed();
      return;
    }
    const ids = [...picked.keys()];
    const parts = Array.from({ length: Math.ceil(ids.length / TOLD_TOGETHER) }, (_, n) => ids.slice(n * TOLD_TOGETHER, (n + 1) * TOLD_TOGETHER))
      .map((part) => ({ part, first: part[0] }));
    run("Command to", parts, async ({ part }) => {
      const answer = await act("/api/v1/command", {
        device_ids: part, command_name: name.trim(), ...(values === undefined ? {} : { payload: values }),
      });
      told = answer.command_id;
      return "issued";
    }, parts.length === 1 ? "command" : "commands");
  }

  // --- how it looks

  const panel = () => html`
    ${job ? jobPanel(job, { title: job.title, unit: job.unit, leave: () => { job = null; told = null; changed(); } }) : nothing}
    ${told ? html`<p class="muted">How it goes is at <a href="#/commands/${told}">the command</a>.</p>` : nothing}
    ${picked.size === 0 && !problem ? nothing : html`
      <section class="panel selection" aria-label="Selection">
        <p role="status"><b class="figure">${count(picked.size)} selected</b>
          ${looking ? html`<span class="muted">looking for more</span>` : total() !== null && total() <= picked.size ? nothing : html`
            <button type="button" class="button quiet" @click=${pickAll}>Select ${total() === null ? "all" : `all ${count(total())}`} that the list shows</button>`}
          <button type="button" class="button quiet" @click=${clear}>Clear</button></p>
        <div class="selection-acts">${Object.entries(ACTS)
          .filter(([what]) => what !== "move" || (may("superadmin") && ofAll()))
          .map(([what, { title }]) => html`<button type="button" class="button" aria-pressed=${asking === what} ?disabled=${busy() || looking !== null} @click=${() => begin(what)}>${title}</button>`)}</div>
        ${problem ? problemNotice(problem) : nothing}
        ${asking ? form() : nothing}
      </section>`}`;

  const form = () => html`
    <form class="rule-form" @submit=${go} aria-label=${ACTS[asking].title}>
      <div class="fields wide">${fields()[asking] ?? nothing}</div>
      <div class="form-acts">
        <button class="button primary">${ACTS[asking].doing} ${whom()}</button>
        <button type="button" class="button quiet" @click=${() => { asking = null; problem = null; changed(); }}>Cancel</button>
      </div>
    </form>`;

  const fields = () => ({
    label: html`
      <label class="field"><span>Label</span><input name="key" required maxlength="255" autocomplete="off" placeholder="room"></label>
      <label class="field"><span>Value; empty takes it away</span><input name="value" maxlength="255" autocomplete="off" placeholder="cellar"></label>`,
    command: html`
      <label class="field"><span>Command</span><input name="name" required maxlength="255" autocomplete="off" placeholder="restart"></label>
      <label class="field"><span>Values, JSON</span><input name="payload" class="mono" autocomplete="off" spellcheck="false" placeholder='{"delay": 5}'></label>`,
    disable: html`<p class="quiet-note">Their connections are closed, and they are refused until they are enabled again.</p>`,
    move: html`
      <label class="field"><span>To the community</span><select name="community" required>
        ${communities.map(({ id, name }) => html`<option value=${id}>${name}</option>`)}</select></label>`,
    remove: html`
      <label class="field"><span>What they reported</span><select name="history">
        <option value="keep">stays</option><option value="purge">goes, too: it cannot be brought back</option></select></label>`,
  });

  return {
    picked,
    pick,
    clear,
    panel,
    close() {
      looking?.abort();
      job?.stop();
    },
  };
}
