// Alert rules: what people want to be told of, and what a new rule would have told of the last day.

import { html, nothing, render } from "./vendor/lit-html/lit-html.js";
import { act, alertRulePath, change, get, remove } from "./api.js";
import { count, dayTime, duration, fullTime } from "./format.js";
import { may, owns } from "./may.js";
import { announce, emptyNotice, placeholderRows, problemNotice, status } from "./parts.js";

const OPERATORS = [">", ">=", "<", "<=", "=", "!="];
const CONDITIONS = { metric: "a reading", battery: "the battery", state: "the state", silence: "silence" };
const SCOPES = { device: "a device", profile: "all of a profile", community: "all of a community" };

/** What a rule looks for, in a few words. */
export function told(rule) {
  const lasting = rule.for_seconds > 0 ? ` for ${duration(rule.for_seconds)}` : "";
  switch (rule.condition) {
    case "metric": {
      const until = rule.clear_threshold === rule.threshold ? "" : `, until ${rule.clear_threshold}`;
      return `${rule.metric} ${rule.operator} ${rule.threshold}${lasting}${until}`;
    }
    case "state": return `state is ${rule.state}${lasting}`;
    default: return `no report${lasting}`;
  }
}

export function alertRulesPage(root) {
  let rules = null;
  let profiles = [];
  let communities = [];
  let problem = null;
  let formProblem = null;
  let preview = null;
  let busy = false;
  let adding = false;
  let draft = {};
  let closed = false;

  async function load() {
    try {
      const [all, someProfiles, someCommunities] = await Promise.all([
        get("/api/v1/alert-rules"), get("/api/v1/profiles"), get("/api/v1/communities"),
      ]);
      rules = all.items;
      profiles = someProfiles.items;
      communities = someCommunities.items;
      problem = null;
    } catch (failure) {
      problem = failure;
    }
    if (!closed) {
      draw();
    }
  }

  function begin() {
    adding = true;
    preview = null;
    formProblem = null;
    draft = { scope: "device", condition: "metric", operator: ">", severity: "warning", for_seconds: "0" };
    draw();
    root.querySelector("form input")?.focus();
  }

  const set = (name) => (event) => {
    draft = { ...draft, [name]: event.target.value };
    if (name === "scope") {
      draft.scope_id = { profile: profiles.find(owns)?.id, community: communities[0]?.id }[draft.scope] ?? "";
    }
    preview = null;
    draw();
  };

  /** As the API takes it. */
  function request() {
    const { name, scope, scope_id, condition, severity } = draft;
    const asked = { name: name?.trim(), scope, scope_id, condition, severity, for_seconds: Number(draft.for_seconds || 0) };
    const number = (key) => (draft[key] === undefined || draft[key] === "" ? {} : { [key]: Number(draft[key]) });
    switch (condition) {
      case "metric": return { ...asked, metric: draft.metric, operator: draft.operator, ...number("threshold"), ...number("clear_threshold") };
      case "battery": return { ...asked, ...number("threshold"), ...number("clear_threshold") };
      case "state": return { ...asked, state: draft.state };
      default: return asked;
    }
  }

  async function ask(action) {
    busy = true;
    draw();
    try {
      await action();
      formProblem = null;
    } catch (failure) {
      formProblem = failure;
    }
    busy = false;
    draw();
  }

  function submit(event) {
    event.preventDefault();
    const only = event.submitter?.value === "preview";
    ask(async () => {
      if (only) {
        preview = await act("/api/v1/alert-rules/preview", request());
        announce(`${count(preview.alerts.length)} alerts in the last day`);
      } else {
        await act("/api/v1/alert-rules", request());
        adding = false;
        announce("The rule is in force");
        await load();
      }
    });
  }

  const toggle = (rule) => ask(async () => {
    await change(alertRulePath(rule.id), { enabled: !rule.enabled }, rule.version);
    await load();
  });

  const drop = (rule) => ask(async () => {
    await remove(alertRulePath(rule.id));
    announce("The rule is gone");
    await load();
  });

  const draw = () => render(html`
    <div class="page">
      <nav class="crumbs" aria-label="Breadcrumb"><a href="#/alerts">Alerts</a><span aria-hidden="true">/</span><span aria-current="page">Rules</span></nav>
      <div class="page-head">
        <h1>Alert rules</h1>
        ${adding || !may("operator") ? nothing : html`<button type="button" class="button primary head-end" @click=${begin}>Add a rule</button>`}
      </div>
      ${problem ? problemNotice(problem, load) : nothing}
      ${adding ? form() : formProblem ? problemNotice(formProblem) : nothing}
      ${rules === null ? (problem ? nothing : placeholderRows(3)) : rules.length === 0 ? none() : table()}
    </div>`, root);

  const none = () => adding ? nothing : emptyNotice("No rule yet",
    "A rule says what you want to be told of: a reading beyond a threshold, a state, silence, a low battery.");

  const table = () => html`
    <div class="panel table-panel">
      <table class="devices rules">
        <caption class="unseen">Alert rules, by name</caption>
        <thead><tr><th scope="col">Name</th><th scope="col">Severity</th><th scope="col">When</th><th scope="col">Of</th><th scope="col"><span class="unseen">What can be done</span></th></tr></thead>
        <tbody>${rules.map((rule) => html`
          <tr data-rule=${rule.name}>
            <td><span class="strong">${rule.name}</span></td>
            <td>${rule.enabled ? status(rule.severity) : html`<span class="tag">disabled</span>`}</td>
            <td class="values">${told(rule)}</td>
            <td class="seen">${scopeName(rule)}</td>
            <td class="acts">${!may("operator") || isShared(rule) ? nothing : html`
              <button type="button" class="button" ?disabled=${busy} @click=${() => toggle(rule)}>${rule.enabled ? "Disable" : "Enable"}</button>
              <button type="button" class="button quiet" ?disabled=${busy} @click=${() => drop(rule)}>Remove</button>`}
            </td>
          </tr>`)}</tbody>
      </table>
    </div>`;

  /** About a profile of all communities. */
  const isShared = (rule) => rule.scope === "profile" && profiles.some((one) => one.id === rule.scope_id && !owns(one));

  function scopeName(rule) {
    const among = { profile: profiles, community: communities }[rule.scope] ?? [];
    return `${rule.scope} ${among.find((one) => one.id === rule.scope_id)?.name ?? rule.scope_id}`;
  }

  const field = (label, input) => html`<label class="field"><span>${label}</span>${input}</label>`;

  const words = (name, options) => html`
    <select @change=${set(name)}>${options.map(([key, text]) => html`
      <option value=${key} ?selected=${draft[name] === key}>${text}</option>`)}</select>`;

  const text = (name, more = {}) => html`
    <input @input=${set(name)} value=${draft[name] ?? ""} ?required=${more.required ?? true} maxlength="255" autocomplete="off" placeholder=${more.example ?? ""}>`;

  const number = (name, more = {}) => html`
    <input type="number" step=${more.step ?? "any"} min=${more.min ?? nothing} @input=${set(name)} value=${draft[name] ?? ""} ?required=${more.required ?? true} placeholder=${more.example ?? ""}>`;

  const form = () => html`
    <form class="panel rule-form" @submit=${submit} aria-label="New rule">
      <div class="fields">
        ${field("Name", text("name", { example: "Too hot" }))}
        ${field("Severity", words("severity", ["info", "warning", "critical"].map((word) => [word, word])))}
        ${field("Of", words("scope", Object.entries(SCOPES).filter(([scope]) => scope !== "profile" || profiles.some(owns))))}
        ${draft.scope === "device" ? field("Device id", text("scope_id")) : nothing}
        ${draft.scope === "profile" ? field("Profile", words("scope_id", profiles.filter(owns).map((one) => [one.id, one.name]))) : nothing}
        ${draft.scope === "community" ? field("Community", words("scope_id", communities.map((one) => [one.id, one.name]))) : nothing}
      </div>
      <div class="fields">
        ${field("Look at", words("condition", Object.entries(CONDITIONS)))}
        ${draft.condition === "metric" ? html`
          ${field("Metric", text("metric", { example: "temperature" }))}
          ${field("Is", words("operator", OPERATORS.map((sign) => [sign, sign])))}
          ${field("Threshold", number("threshold"))}
          ${field("Until it passes", number("clear_threshold", { required: false, example: draft.threshold ?? "" }))}` : nothing}
        ${draft.condition === "battery" ? html`
          ${field("Below", number("threshold", { required: false, example: "20" }))}
          ${field("Until above", number("clear_threshold", { required: false, example: "25" }))}` : nothing}
        ${draft.condition === "state" ? field("State", text("state", { example: "error" })) : nothing}
        ${field("For, seconds", number("for_seconds", { step: "1", min: draft.condition === "silence" ? "1" : "0" }))}
      </div>
      ${formProblem ? problemNotice(formProblem) : nothing}
      <div class="form-acts">
        <button class="button primary" value="add" ?disabled=${busy}>Add the rule</button>
        <button class="button" value="preview" ?disabled=${busy}>Try it on the last day</button>
        <button type="button" class="button quiet" @click=${() => { adding = false; formProblem = null; draw(); }}>Cancel</button>
      </div>
      ${preview ? previewed() : nothing}
    </form>`;

  const previewWords = (times) => times === 0 ? "It would have told of nothing"
    : times === 1 ? "It would have told once" : `It would have told ${count(times)} times`;

  const previewed = () => html`
    <section class="previewed" aria-label="What it would have told">
      <h2>${previewWords(preview.alerts.length)}
        <span class="muted">in the last day, of ${count(preview.devices)} ${preview.devices === 1 ? "device" : "devices"}${preview.complete ? "" : "; there is more than is looked at"}</span></h2>
      ${preview.alerts.length === 0 ? nothing : html`
        <table class="list previews">
          <caption class="unseen">Alerts that there would have been</caption>
          <thead><tr><th scope="col">Device</th><th scope="col">What</th><th scope="col">When</th><th scope="col" class="right">Lasted</th></tr></thead>
          <tbody>${preview.alerts.slice(0, 50).map((one) => html`
            <tr>
              <td>${one.device_id}</td><td>${one.message}</td>
              <td class="figure"><time datetime=${one.triggered_at} title=${fullTime(one.triggered_at)}>${dayTime(one.triggered_at)}</time></td>
              <td class="right figure">${one.resolved_at ? duration((Date.parse(one.resolved_at) - Date.parse(one.triggered_at)) / 1_000) : "still"}</td>
            </tr>`)}</tbody>
        </table>`}
    </section>`;

  document.title = "Alert rules · Tethral";
  draw();
  load();
  return {
    close() {
      closed = true;
    },
  };
}
