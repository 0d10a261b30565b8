// The large steps of a device's life: out of use and back, on in its life cycle, away for good.

import { html, nothing } from "./vendor/lit-html/lit-html.js";
import { act, change, devicePath, get, remove } from "./api.js";
import { acts, dialog } from "./dialog.js";
import { dayTime, fullTime } from "./format.js";
import { announce, problemNotice } from "./parts.js";

const STAGES = {
  installed: "installed", testing: "in test", active: "active", maintenance: "in maintenance", decommissioned: "decommissioned",
};

const CONFLICT = "Somebody else changed this device meanwhile. It is shown as it is now: look, and do it again.";

/** A change of the version that is shown; where that is old, the page is told, and the person. */
async function ofThisVersion(action, again) {
  try {
    return await action();
  } catch (failure) {
    if (failure.status !== 412) {
      throw failure;
    }
    await again();
    throw Object.assign(new Error(CONFLICT), { status: 412 });
  }
}

/** @param page `device()` as it is known now, `saved(device)`, `refresh()` */
export function enabledDialog(page) {
  const { device_id: id, name, enabled } = page.device();
  dialog(enabled ? `Disable ${name}?` : `Enable ${name}?`, (control) => html`
    <form class="rule-form" @submit=${(event) => {
      event.preventDefault();
      control.ask(async () => {
        page.saved(await ofThisVersion(() => change(devicePath(id), { enabled: !enabled }, page.device().version), page.refresh));
        announce(enabled ? `${name} is disabled` : `${name} is enabled`);
        control.close();
      });
    }}>
      <p>${enabled ? "Its connections are closed, and it is refused, until somebody enables it again. Its credentials, its history and what waits for it stay."
        : "It may connect again, with the credentials that it has."}</p>
      ${acts(control, enabled ? "Disable" : "Enable", { danger: enabled })}
    </form>`);
}

export function moveDialog(page) {
  const { device_id: id, name, lifecycle } = page.device();
  const stages = Object.keys(STAGES);
  const next = stages[Math.min(stages.indexOf(lifecycle) + 1, stages.length - 1)];
  let to = next === lifecycle ? stages[0] : next;
  dialog(`Move ${name} on in its life`, (control) => html`
    <form class="rule-form" @submit=${(event) => {
      event.preventDefault();
      const { reason } = Object.fromEntries(new FormData(event.target));
      control.ask(async () => {
        page.saved(await ofThisVersion(() => act(`${devicePath(id)}/lifecycle`, { lifecycle: to, reason: reason.trim() },
          { "If-Match": `"${page.device().version}"` }), page.refresh));
        announce(`${name} is ${STAGES[to]}`);
        control.close();
      });
    }}>
      <p>It is <strong>${STAGES[lifecycle]}</strong>.</p>
      <label class="field"><span>From now on it is</span><select name="lifecycle" @change=${(event) => { to = event.target.value; control.draw(); }}>
        ${stages.filter((one) => one !== lifecycle).map((one) => html`<option value=${one} ?selected=${one === to}>${STAGES[one]}</option>`)}</select></label>
      <label class="field"><span>Why, for its history</span><input name="reason" required maxlength="1000" autocomplete="off"></label>
      ${to === "decommissioned" ? html`<p class="muted">Its open alerts are resolved. It stays in the registry, with all its history; to keep it from connecting, disable it as well.</p>` : nothing}
      ${acts(control, "Move it on", { danger: to === "decommissioned" })}
    </form>`);
}

export function removeDialog(page) {
  const { device_id: id, name } = page.device();
  let history = "keep";
  dialog(`Remove ${name}?`, (control) => html`
    <form class="rule-form" @submit=${(event) => {
      event.preventDefault();
      control.ask(async () => {
        await remove(`${devicePath(id)}?history=${history}`);
        announce(`${name} is removed`);
        control.close();
        location.hash = "#/devices";
      });
    }}>
      <p>These go for good: what is said of it, its credentials, its desired values and configuration, and its place in spaces.
        Commands that wait for it are cancelled, its open alerts are resolved, its connections are closed.</p>
      <fieldset class="options">
        <legend>What it reported and did</legend>
        ${option("keep", "stays, under its id", "Snapshots, changes of state, connections and events can still be read, and a device that is registered under this id goes on with them.", control)}
        ${option("purge", "goes, too", "All its snapshots, readings, changes of state, connections and events are deleted. Only a backup has them then.", control)}
      </fieldset>
      <label class="field"><span>To be sure, its id: <code>${id}</code></span>
        <input name="sure" required autocomplete="off" spellcheck="false"
          @input=${({ target }) => target.setCustomValidity(target.value === id ? "" : "That is not its id")}></label>
      ${acts(control, history === "purge" ? "Remove it with its history" : "Remove it", { danger: true })}
    </form>`);

  function option(key, title, what, control) {
    return html`<label class="option"><input type="radio" name="history" value=${key} ?checked=${key === "keep"}
        @change=${() => { history = key; control.draw(); }}>
      <span><b>${title}</b><span class="note">${what}</span></span></label>`;
  }
}

/** How it moved through its life, with who did it and why. */
export function lifePanel(id, draw) {
  let moves = null;
  let problem = null;
  let closed = false;

  async function load() {
    try {
      moves = (await get(`${devicePath(id)}/lifecycle`)).items.reverse();
      problem = null;
    } catch (failure) {
      problem = failure;
    }
    if (!closed) {
      draw();
    }
  }

  const view = (device) => html`
    <section class="panel" aria-label="Life">
      <div class="panel-head"><h2>Life</h2><p class="muted">${STAGES[device.lifecycle]}${device.enabled ? "" : ", disabled"}</p></div>
      ${problem ? problemNotice(problem, load) : nothing}
      <ol class="moves">
        ${(moves ?? []).map((move) => html`
          <li><b>${STAGES[move.to]}</b> <span class="muted">after ${STAGES[move.from]}</span>
            <span class="note">${move.reason} · ${move.actor} · <time datetime=${move.at} title=${fullTime(move.at)}>${dayTime(move.at)}</time></span></li>`)}
        <li><b>registered</b> <span class="note"><time datetime=${device.created_at} title=${fullTime(device.created_at)}>${dayTime(device.created_at)}</time></span></li>
      </ol>
    </section>`;

  load();
  return {
    view,
    refresh: load,
    close() {
      closed = true;
    },
  };
}
