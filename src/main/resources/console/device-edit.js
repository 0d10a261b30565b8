// What is said of a device, changed by a person. What somebody else changed meanwhile stays.

import { html, nothing } from "./vendor/lit-html/lit-html.js";
import { change, devicePath, get } from "./api.js";
import { acts, dialog } from "./dialog.js";
import { value } from "./format.js";
import { may, ofAll } from "./may.js";
import { announce } from "./parts.js";
import { patchOf } from "./values-dialog.js";

const TEXTS = { device_type: "Type", manufacturer: "Manufacturer", model: "Model", firmware_version: "Firmware" };
const PROTOCOLS = ["mqtt", "http", "websocket", "coap", "lorawan", "thingspeak"];
const WORDS = {
  ...TEXTS, name: "Name", profile_id: "Profile", protocol: "Protocol", capabilities: "Capabilities", metadata: "Attributes", location: "Location",
  community_id: "Community", distributor_id: "Distributor", customer_id: "Customer", enabled: "Enabled",
};
const REFERENCES = { profile_id: "profiles", distributor_id: "distributors", customer_id: "customers" };
const LISTED = { limit: 1_000 };

const same = (one, other) => JSON.stringify(one ?? null) === JSON.stringify(other ?? null);

/** As the form shows it. */
const shown = (device) => ({
  ...device,
  capabilities: device.capabilities.join(", "),
  metadata: Object.keys(device.metadata).length === 0 ? "" : JSON.stringify(device.metadata, null, 2),
  address: device.location.address ?? "", lat: device.location.lat ?? "", lon: device.location.lon ?? "",
});

/** As the API has it, of what the form says; throws what cannot be understood. */
function said(fields, device) {
  const text = (name) => fields[name].trim() === "" ? null : fields[name].trim();
  const about = { name: fields.name.trim(), protocol: text("protocol") };
  for (const name of Object.keys(TEXTS)) {
    about[name] = text(name);
  }
  for (const name of [...Object.keys(REFERENCES), "community_id"]) {
    if (name in fields) {
      about[name] = text(name);
    }
  }
  about.capabilities = fields.capabilities.split(",").map((word) => word.trim()).filter((word) => word !== "");
  about.metadata = attributes(fields.metadata);
  about.location = place(device.location, fields);
  return about;
}

function attributes(text) {
  let given;
  try {
    given = text.trim() === "" ? {} : JSON.parse(text);
  } catch (failure) {
    throw new Error(`The attributes are no JSON: ${failure.message}`);
  }
  if (given === null || typeof given !== "object" || Array.isArray(given)) {
    throw new Error("The attributes must be an object: { … }");
  }
  return given;
}

function place(before, { address, lat, lon }) {
  const location = { ...before };
  for (const [name, text] of [["address", address.trim()], ["lat", lat], ["lon", lon]]) {
    if (text === "") {
      delete location[name];
    } else {
      location[name] = name === "address" ? text : Number(text);
    }
  }
  return location;
}

/**
 * @param device as it is shown at the moment
 * @param saved told what the server answered
 */
export async function editDialog(device, saved) {
  const path = devicePath(device.device_id);
  const known = await choices();
  const form = shown(device);
  let base = device;
  let theirs = null;

  const save = (event, control) => {
    event.preventDefault();
    const fields = Object.fromEntries(new FormData(event.target));
    control.ask(async () => {
      const patch = difference(said(fields, device));
      if (Object.keys(patch).length === 0) {
        control.close();
        return;
      }
      try {
        saved(await change(path, patch, base.version));
        announce("Saved");
        control.close();
      } catch (failure) {
        if (failure.status !== 412) {
          throw failure;
        }
        const newest = await get(path);
        theirs = Object.keys(WORDS).filter((name) => !same(newest[name], base[name])).map((name) => [name, newest[name]]);
        base = newest;
      }
    });
  };

  /** Only what the person changed since the form was opened. */
  function difference(about) {
    const patch = {};
    for (const [name, any] of Object.entries(about)) {
      if (!same(any, device[name])) {
        patch[name] = name === "metadata" || name === "location" ? patchOf(device[name], any) : any;
      }
    }
    return patch;
  }

  dialog(`Edit ${device.name}`, (control) => html`
    <form class="rule-form" @submit=${(event) => save(event, control)}>
      <div class="fields wide">
        ${input("name", "Name", form, { needed: true })}
        ${Object.entries(TEXTS).map(([name, word]) => input(name, word, form))}
        ${known.profiles.length === 0 ? nothing : select("profile_id", "Profile", known.profiles, form)}
        <label class="field"><span>Protocol</span><select name="protocol"><option value="">any</option>
          ${PROTOCOLS.map((word) => html`<option value=${word} ?selected=${word === form.protocol}>${word}</option>`)}</select></label>
        ${known.distributors.length === 0 ? nothing : select("distributor_id", "Distributor", known.distributors, form)}
        ${known.customers.length === 0 ? nothing : select("customer_id", "Customer", known.customers, form)}
        ${known.communities.length === 0 ? nothing : select("community_id", "Community", known.communities, form)}
      </div>
      <label class="field"><span>Capabilities, with commas between them</span>
        <input name="capabilities" autocomplete="off" spellcheck="false" value=${form.capabilities}></label>
      ${input("address", "Address", form)}
      <div class="fields wide">
        ${degrees("lat", "Latitude", 90, form)}
        ${degrees("lon", "Longitude", 180, form)}
      </div>
      <label class="field"><span>Attributes, JSON</span>
        <textarea name="metadata" rows="4" spellcheck="false" placeholder='{"room": "2.14"}'>${form.metadata}</textarea></label>
      ${theirs ? html`
        <div class="notice bad" role="alert">
          <strong>Somebody else changed this device</strong>
          <p>${theirs.length === 0 ? "What you see is as it was." : theirs.map(([name, any]) => `${WORDS[name]} is ${worded(name, any)} now.`).join(" ")}
            What you did not touch stays as they have it. Save again to put your changes over it.</p>
        </div>` : nothing}
      ${acts(control, "Save")}
    </form>`);

  function worded(name, any) {
    const of = known[REFERENCES[name] ?? (name === "community_id" ? "communities" : "")];
    return of?.find((one) => one.id === any)?.name ?? value(any);
  }
}

/** What a device may be given; only those who are above communities move it to another one. */
async function choices() {
  const lists = Object.values(REFERENCES);
  const known = await Promise.all([
    ...lists.map((path) => get(`/api/v1/${path}`, path === "profiles" ? {} : LISTED)),
    may("superadmin") && ofAll() ? get("/api/v1/communities", LISTED) : { items: [] },
  ]);
  return Object.fromEntries([...lists, "communities"].map((name, at) => [name, known[at].items]));
}

const input = (name, word, form, { needed = false } = {}) => html`
  <label class="field"><span>${word}</span><input name=${name} maxlength="255" autocomplete="off" ?required=${needed} value=${form[name] ?? ""}></label>`;

const degrees = (name, word, most, form) => html`
  <label class="field"><span>${word}</span><input name=${name} type="number" step="any" min=${-most} max=${most} value=${form[name]}></label>`;

const select = (name, word, items, form) => html`
  <label class="field"><span>${word}</span><select name=${name}><option value="">none</option>
    ${items.map((one) => html`<option value=${one.id} ?selected=${one.id === form[name]}>${one.name}</option>`)}</select></label>`;
