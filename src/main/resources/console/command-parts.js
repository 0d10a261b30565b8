// What the pages of commands show alike.

import { html, nothing } from "./vendor/lit-html/lit-html.js";
import { count, dayTime, fullTime } from "./format.js";
import { status } from "./parts.js";

/** As the API has them, in the order in which a command goes through them. */
export const STATUSES = ["pending", "sent", "delivered", "ack_success", "ack_error", "timeout", "expired", "cancelled"];

export const PRIORITIES = ["low", "normal", "high", "critical"];

export const OPEN = new Set(["pending", "sent", "delivered"]);

/** Of a command or of one of its dispatches. "Delivered" is not its end, as it is of an event. */
export const commandStatus = (word) => status(word === "delivered" ? "with_device" : word);

/** Whom it was issued for, in a few words. */
export function target({ target: any, target_device_count: devices }) {
  if (any.device_id) {
    return any.device_id;
  }
  const [name, what] = Object.entries(any)[0] ?? ["devices", ""];
  const words = {
    device_ids: `${count(devices)} devices`, device_count: `${count(devices)} devices`,
    device_type: `all of type ${what}`, profile_id: "all of a profile",
  };
  return words[name] ?? "all that match a filter";
}

/** How many of its devices are where: nothing of a command to one. */
export const counts = ({ progress, target_device_count: devices }) => (devices === 1 ? nothing : html`
  <span class="counts figure">${STATUSES.filter((word) => progress[word] > 0).map((word) => html`
    <span>${commandStatus(word)} ${count(progress[word])}</span>`)}</span>`);

/** `{}` says nothing. */
export const json = (any) => (any === null || any === undefined || (typeof any === "object" && Object.keys(any).length === 0)
  ? "" : JSON.stringify(any));

/** What the device said, or what became of the command instead. */
export function answer(dispatch) {
  const said = [dispatch.message ?? dispatch.error, json(dispatch.response)].filter((text) => text).join(" · ");
  return dispatch.late ? `too late: ${said}` : said;
}

export const when = (at) => html`<time datetime=${at} title=${fullTime(at)}>${dayTime(at)}</time>`;
