// A page to try a codec on bytes, or on values, before devices depend on it. Nothing is kept.

import { html, nothing, render } from "./vendor/lit-html/lit-html.js";
import { act, get } from "./api.js";
import { announce, choice, problemNotice } from "./parts.js";

const LANGUAGES = { javascript: "JavaScript", "cayenne-lpp": "Cayenne LPP", senml: "SenML", cbor: "CBOR", raw: "raw" };
const EXAMPLE = `function decodeUplink(input) {
  return {
    data: { occupied: input.bytes[0] === 1, battery: input.bytes[1] },
  };
}
`;

/** In words, why a codec gave nothing. */
const REASONS = {
  script: "The script cannot be read", error: "It threw an error", refused: "It refused the input", output: "What it gave is no codec's answer",
  time: "It took too long", memory: "It took too much memory", busy: "Too many codecs run at the moment",
};

export function codecsPage(root) {
  let language = "javascript";
  let way = "decode";
  let result = null;
  let problem = null;
  let busy = false;
  let closed = false;
  let source = EXAMPLE;
  let bytes = "";
  let port = "1";
  let of = null;

  /** From a device's page: with its codec and its last bytes. */
  async function addressChanged(query) {
    bytes = query?.get("bytes") ?? "";
    port = query?.get("port") ?? "1";
    const profile = query?.get("profile");
    const sensor = query?.get("sensor");
    result = null;
    try {
      if (profile) {
        const { name, codec } = await get(`/api/v1/profiles/${encodeURIComponent(profile)}`);
        take(codec.language ?? "javascript", codec.source);
        of = `the profile ${name}`;
      } else if (sensor) {
        const { payload_decoder: decoder } = await get(`/api/v1/sensors/${encodeURIComponent(sensor)}`);
        take(decoder in LANGUAGES ? decoder : "javascript", decoder);
        of = `the device ${sensor}`;
      }
    } catch (failure) {
      problem = failure;
    }
    if (!closed) {
      draw();
    }
  }

  function take(word, script) {
    language = word;
    source = language === "javascript" ? script ?? "" : EXAMPLE;
  }

  async function run(event) {
    event.preventDefault();
    const { f_port, data } = Object.fromEntries(new FormData(event.target));
    busy = true;
    result = null;
    problem = null;
    draw();
    try {
      const input = way === "decode" ? { bytes: bytes.replace(/[\s:-]/g, "") } : { data: parsed(data) };
      result = await act("/api/v1/codecs/test", { language, f_port: Number(f_port), ...input, ...(language === "javascript" ? { source } : {}) });
      announce(result.errors.length === 0 ? "It worked" : "It did not work");
    } catch (failure) {
      problem = failure;
    }
    busy = false;
    if (!closed) {
      draw();
    }
  }

  function parsed(text) {
    try {
      return JSON.parse(text);
    } catch {
      throw Object.assign(new Error("The values are no JSON."), { status: 400 });
    }
  }

  const set = (key) => {
    way = key;
    result = null;
    problem = null;
    draw();
  };

  const draw = () => render(html`
    <div class="page">
      <nav class="crumbs" aria-label="Breadcrumb"><a href="#/devices">Devices</a><span aria-hidden="true">/</span><span aria-current="page">Codecs</span></nav>
      <div class="page-head"><h1>Try a codec</h1>${of ? html`<p class="muted">of ${of}</p>` : nothing}</div>
      <form class="panel rule-form" @submit=${run} aria-label="Codec">
        <div class="tools">${choice("Which way", [["decode", "Decode bytes"], ["encode", "Encode values"]], way, set)}</div>
        <div class="fields wide">
          <label class="field"><span>Codec</span><select name="language" @change=${(event) => { language = event.target.value; result = null; draw(); }}>
            ${Object.entries(LANGUAGES).map(([key, text]) => html`<option value=${key} ?selected=${key === language}>${text}</option>`)}</select></label>
          <label class="field"><span>Port</span><input name="f_port" type="number" min="0" max="255" .value=${port} @input=${(event) => { port = event.target.value; }} required></label>
        </div>
        ${language === "javascript" ? html`
          <label class="field"><span>Script</span><textarea name="source" rows="12" spellcheck="false" required .value=${source} @input=${(event) => { source = event.target.value; }}></textarea></label>` : nothing}
        ${way === "decode"
          ? html`<label class="field"><span>Bytes, in hex digits</span><input class="mono" name="bytes" required maxlength="1500" autocomplete="off" spellcheck="false" placeholder="01 5f" .value=${bytes} @input=${(event) => { bytes = event.target.value; }}></label>`
          : html`<label class="field"><span>Values, JSON</span><input class="mono" name="data" required autocomplete="off" spellcheck="false" placeholder='{"state": "free"}'></label>`}
        <div class="form-acts"><button class="button primary" ?disabled=${busy}>Try it</button></div>
      </form>
      ${problem ? problemNotice(problem) : nothing}
      ${result ? shown() : nothing}
    </div>`, root);

  const shown = () => html`
    <section class="panel" aria-label="What came of it">
      <div class="panel-head"><h2>${result.errors.length === 0 ? "What came of it" : "It did not work"}</h2></div>
      ${result.errors.map((one) => html`
        <div class="notice bad"><strong>${REASONS[one.reason] ?? one.reason}${one.line === null ? nothing : `, line ${one.line}`}</strong><p>${one.message}</p></div>`)}
      ${result.warnings.map((text) => html`<p class="muted">Warning: ${text}</p>`)}
      ${result.data === null ? nothing : html`<pre class="result">${JSON.stringify(result.data, null, 2)}</pre>`}
      ${result.bytes === null ? nothing : html`<pre class="result">${result.bytes.replace(/(..)(?=.)/g, "$1 ")}${result.f_port === null ? "" : `  port ${result.f_port}`}</pre>`}
    </section>`;

  document.title = "Codecs · Tethral";
  draw();
  return {
    addressChanged,
    close() {
      closed = true;
    },
  };
}
