// Values that people set: as rows of names, kinds and values, or as JSON.

import { html, nothing } from "./vendor/lit-html/lit-html.js";
import { change, get } from "./api.js";
import { acts, dialog } from "./dialog.js";
import { announce, choice } from "./parts.js";

const KINDS = { number: "number", text: "text", truth: "yes or no", json: "JSON" };

const kindOf = (any) => ({ number: "number", string: "text", boolean: "truth" })[typeof any] ?? "json";

const textOf = (any) => typeof any === "string" ? any : JSON.stringify(any);

const rowsOf = (document) => Object.entries(document).map(([name, any]) => ({ name, kind: kindOf(any), text: textOf(any) }));

/** What a row says, or throws why it says nothing. */
function parsed({ name, kind, text }) {
  const refuse = (why) => { throw new Error(`${name}: ${why}`); };
  switch (kind) {
    case "text": return text;
    case "truth": return text === "true";
    case "number": {
      const value = Number(text.trim().replace(",", "."));
      return text.trim() === "" || !Number.isFinite(value) ? refuse(`“${text}” is no number`) : value;
    }
    default:
      try {
        return JSON.parse(text);
      } catch {
        return refuse("that is no JSON. A text stands between quotation marks.");
      }
  }
}

function documentOf(rows) {
  const document = {};
  for (const row of rows) {
    const name = row.name.trim();
    if (name === "") {
      throw new Error("A value has no name.");
    }
    if (name in document) {
      throw new Error(`${name} is there twice.`);
    }
    document[name] = parsed({ ...row, name });
    if (document[name] === null) {
      throw new Error(`${name}: null removes a value. Take its row away instead.`);
    }
  }
  return document;
}

const isObject = (any) => any !== null && typeof any === "object" && !Array.isArray(any);

/** RFC 7396: what makes `after` of `before`. */
export function patchOf(before, after) {
  const patch = {};
  for (const name of Object.keys(before)) {
    if (!(name in after)) {
      patch[name] = null;
    }
  }
  for (const [name, any] of Object.entries(after)) {
    if (isObject(any) && isObject(before[name])) {
      const inner = patchOf(before[name], any);
      if (Object.keys(inner).length > 0) {
        patch[name] = inner;
      }
    } else if (JSON.stringify(any) !== JSON.stringify(before[name])) {
      patch[name] = any;
    }
  }
  return patch;
}

/**
 * @param title names it
 * @param path takes the patch
 * @param known what is edited: `{values, version}`; without a version the last one to save wins
 * @param newest asks for it once more
 * @param saved told what the server answered
 */
export function valuesDialog({ title, path, known, newest, saved }) {
  let { values, version } = known;
  let rows = rowsOf(values);
  let way = "rows";
  let text = "";
  let conflict = false;
  if (rows.length === 0) {
    rows.push({ name: "", kind: "number", text: "" });
  }

  function turn(to, control) {
    control.problem = null;
    try {
      if (to === "json" && way === "rows") {
        text = JSON.stringify(documentOf(rows.filter((row) => row.name !== "" || row.text !== "")), null, 2);
      } else if (to === "rows" && way === "json") {
        rows = rowsOf(whole());
      }
      way = to;
    } catch (failure) {
      control.problem = failure;
    }
    control.draw();
  }

  function whole() {
    let document;
    try {
      document = JSON.parse(text);
    } catch (failure) {
      throw new Error(`That is no JSON: ${failure.message}`);
    }
    if (!isObject(document)) {
      throw new Error("It must be an object of values: { … }");
    }
    return document;
  }

  function save(event, control) {
    event.preventDefault();
    control.ask(async () => {
      const wanted = way === "json" ? whole() : documentOf(rows.filter((row) => row.name !== "" || row.text !== ""));
      const patch = patchOf(values, wanted);
      if (Object.keys(patch).length === 0) {
        control.close();
        return;
      }
      try {
        saved(await change(path, patch, version));
        announce("Saved");
        control.close();
      } catch (failure) {
        if (failure.status !== 412) {
          throw failure;
        }
        conflict = true;
      }
    });
  }

  /** Somebody else's values come into the form; what was typed is gone. */
  const reload = (control) => control.ask(async () => {
    ({ values, version } = await newest());
    rows = rowsOf(values);
    text = JSON.stringify(values, null, 2);
    conflict = false;
  });

  dialog(title, (control) => html`
    <form class="rule-form values-form" @submit=${(event) => save(event, control)}>
      <div class="tools">${choice("Edit as", [["rows", "Values"], ["json", "JSON"]], way, (to) => turn(to, control))}</div>
      ${way === "json" ? html`
        <label class="field"><span>Values, JSON</span>
          <textarea name="json" rows="12" spellcheck="false" .value=${text} @input=${(event) => { text = event.target.value; }}></textarea></label>`
        : html`${rows.map((row, at) => valueRow(row, at, control))}
          <p><button type="button" class="button quiet" @click=${(event) => add(event, control)}>Add a value</button></p>`}
      ${conflict ? html`
        <div class="notice bad" role="alert">
          <strong>Somebody else changed it</strong>
          <p>These values are of an older version. Take over the newest, then make your change again.</p>
          <button type="button" class="button" @click=${() => reload(control)}>Take over the newest</button>
        </div>` : nothing}
      ${acts(control, "Save")}
    </form>`);

  function add(event, control) {
    const { form } = event.currentTarget;
    rows.push({ name: "", kind: "number", text: "" });
    control.draw();
    [...form.querySelectorAll("[name=value-name]")].at(-1).focus();
  }

  function valueRow(row, at, control) {
    return html`
      <div class="value-row" role="group" aria-label=${row.name === "" ? `Value ${at + 1}` : row.name}>
        <label class="field"><span>Name</span><input name="value-name" maxlength="255" autocomplete="off" spellcheck="false" .value=${row.name}
          @input=${(event) => { row.name = event.target.value; }}></label>
        <label class="field"><span>Kind</span><select name="value-kind" @change=${(event) => kind(row, event.target.value, control)}>
          ${Object.entries(KINDS).map(([key, word]) => html`<option value=${key} .selected=${key === row.kind}>${word}</option>`)}</select></label>
        <label class="field grow"><span>Value</span>${row.kind === "truth" ? html`
          <select name="value" @change=${(event) => { row.text = event.target.value; }}>
            <option value="true" .selected=${row.text === "true"}>yes</option><option value="false" .selected=${row.text !== "true"}>no</option></select>` : html`
          <input name="value" class=${row.kind === "json" ? "mono" : ""} inputmode=${row.kind === "number" ? "decimal" : "text"} autocomplete="off" spellcheck="false"
            .value=${row.text} @input=${(event) => { row.text = event.target.value; }}>`}</label>
        <button type="button" class="button quiet" aria-label="Take away ${row.name}" @click=${(event) => take(at, event, control)}>Take away</button>
      </div>`;
  }

  function kind(row, to, control) {
    row.kind = to;
    if (to === "truth") {
      row.text = String(row.text === "true");
    }
    control.draw();
  }

  function take(at, event, control) {
    const { form } = event.currentTarget;
    rows.splice(at, 1);
    control.draw();
    (form.querySelectorAll("[name=value-name]")[Math.min(at, rows.length - 1)] ?? form.querySelector("button[type=button]")).focus();
  }
}

/** Of a device: what is wanted of it. */
export const desiredDialog = (path, state, saved) => valuesDialog({
  title: "What is wanted of the device",
  path: `${path}/desired`,
  known: { values: state.desired, version: state.desired_version },
  newest: async () => {
    const { desired, desired_version: version } = await get(`${path}/state`);
    return { values: desired, version };
  },
  saved,
});

/** Of a device: how it is set up. */
export const configurationDialog = (path, state, saved) => valuesDialog({
  title: "Configuration of the device",
  path: `${path}/configuration`,
  known: { values: state.configuration },
  newest: async () => ({ values: (await get(`${path}/state`)).configuration }),
  saved,
});
