// On a device's page: what makes values of its bytes, and when that went wrong. Only of devices that have such a thing.

import { html, nothing } from "./vendor/lit-html/lit-html.js";
import { get } from "./api.js";
import { dayTime, fullTime } from "./format.js";
import { may } from "./may.js";

const ROWS = 3;

/** @param draw draws the page */
export function codecPanel(id, draw) {
  let codec = null;
  let failures = [];
  let closed = false;

  async function load(device) {
    try {
      const [own, profile, failed] = await Promise.all([
        device.protocol === "lorawan" ? sensor() : null,
        device.profile_id === null ? null : get(`/api/v1/profiles/${device.profile_id}`),
        get("/api/v1/events", { device_id: id, type: "codec.failed", limit: ROWS }),
      ]);
      failures = failed.items;
      codec = chosen(own, profile);
    } catch {
      return; // the page itself tells that the server does not answer; what is known stays
    }
    if (!closed) {
      draw();
    }
  }

  /** What the device is as a sensor; it need not be one. */
  async function sensor() {
    try {
      return await get(`/api/v1/sensors/${encodeURIComponent(id)}`);
    } catch (failure) {
      if (failure.status === 404) {
        return null;
      }
      throw failure;
    }
  }

  /** Its own before that of its profile, as the server takes them. */
  function chosen(own, profile) {
    if (own?.payload_decoder) {
      return { by: "its own", language: own.payload_decoder.includes("function") ? "javascript" : own.payload_decoder, link: { sensor: id } };
    }
    if (profile && Object.keys(profile.codec).length > 0) {
      return { by: `of the profile ${profile.name}`, language: profile.codec.language ?? "javascript", link: { profile: profile.id } };
    }
    return null;
  }

  /** The last bytes that are known: those that failed, or those that nothing decodes. */
  function raw(reported) {
    const failed = failures[0]?.data;
    if (failed?.input) {
      return { bytes: failed.input, port: failed.f_port };
    }
    return reported._raw ? { bytes: reported._raw, port: reported.f_port } : {};
  }

  function view(state) {
    const known = raw(state.reported);
    if (codec === null && failures.length === 0 && known.bytes === undefined) {
      return nothing;
    }
    const query = new URLSearchParams(Object.entries({ ...(codec?.link ?? {}), ...known }).filter(([, text]) => text !== undefined));
    return html`
      <section class="panel" aria-label="Codec">
        <div class="panel-head"><h2>Codec</h2><p class="muted">${codec ? `${codec.language}, ${codec.by}` : "none"}</p></div>
        ${codec === null ? html`<p class="quiet-note">Nothing decodes its bytes. Give its profile a codec, and its values are shown.</p>` : nothing}
        ${known.bytes ? html`<p>The last bytes that ${codec ? "it could not read" : "came"}: <code class="bytes">${known.bytes}</code></p>` : nothing}
        ${codec && failures.length === 0 ? html`<p class="muted">It has not failed.</p>` : nothing}
        <ul class="failures">${failures.map(({ timestamp, data }) => html`
          <li><b>${data.message}</b>${data.line === undefined ? nothing : html` <span class="muted">line ${data.line}</span>`}
            <span class="note"><time datetime=${timestamp} title=${fullTime(timestamp)}>${dayTime(timestamp)}</time> · <code>${data.input}</code></span></li>`)}</ul>
        ${may("operator") ? html`<p><a class="button" href=${`#/codecs?${query}`}>Try it</a></p>` : nothing}
      </section>`;
  }

  return {
    view,
    load,
    close() {
      closed = true;
    },
  };
}
