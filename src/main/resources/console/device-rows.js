// Devices as rows of a CSV file: the columns of the command line's export.

import { act, change, devicePath, get } from "./api.js";
import { csvLine, unguarded } from "./csv.js";

export const COLUMNS = [
  "device_id", "name", "device_type", "profile_id", "protocol", "manufacturer", "model", "firmware_version", "capabilities",
  "metadata", "location", "community_id", "distributor_id", "customer_id", "lifecycle", "enabled",
];

/** In a cell these are JSON. */
const JSON_COLUMNS = ["capabilities", "metadata", "location", "enabled"];

/** Written by other programs, and not for us to read. */
const LEFT_OUT = ["status", "last_seen_at", "connected_at", "created_at", "updated_at", "version"];

/** What is set by requests of their own. */
const AFTERWARDS = ["lifecycle", "enabled"];

const PAGE = 1_000;

/** @return what is wrong with the first line of a file; null: nothing */
export function headProblem(head) {
  if (!head.includes("device_id")) {
    return "The first line names the columns, and one of them must be device_id.";
  }
  const strange = head.filter((name) => ![...COLUMNS, ...LEFT_OUT, "token"].includes(name));
  return strange.length === 0 ? null : `There is no column ${strange.join(", ")}. There are: ${[...COLUMNS, "token"].join(", ")}.`;
}

/**
 * The device of a row.
 *
 * @throws Error says what is wrong with it
 */
export function device(head, { cells }) {
  if (cells.length !== head.length) {
    throw new Error(`it has ${cells.length} cells, the first line has ${head.length}`);
  }
  const row = {};
  head.forEach((name, i) => {
    const text = unguarded(cells[i]);
    if (text !== "" && !LEFT_OUT.includes(name)) {
      row[name] = JSON_COLUMNS.includes(name) ? parsed(name, text) : text;
    }
  });
  if (row.device_id === undefined) {
    throw new Error("it has no device_id");
  }
  return row;
}

function parsed(name, text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${name} is no JSON: ${text.slice(0, 40)}`);
  }
}

/** Which of the row's values are others than what is there. */
export function differences(row, there) {
  return Object.entries(row)
    .filter(([name, value]) => name !== "token" && JSON.stringify(sorted(value)) !== JSON.stringify(sorted(there[name])))
    .map(([name]) => name);
}

const sorted = (value) => (value !== null && typeof value === "object" && !Array.isArray(value)
  ? Object.fromEntries(Object.keys(value).sort().map((name) => [name, sorted(value[name])]))
  : value);

/**
 * Registers the device, or changes the one that is there.
 *
 * @param changing false: one that is there is left as it is
 * @return what was done
 */
export async function store(row, changing) {
  const said = Object.fromEntries(Object.entries(row).filter(([name]) => !AFTERWARDS.includes(name)));
  let added;
  try {
    added = await act("/api/v1/devices", { token: null, ...said });
  } catch (failure) {
    if (failure.type !== "device-id-taken") {
      throw failure;
    }
    return changing ? bringInLine(row, failure) : "were there, and are left as they are";
  }
  await finish(row, added);
  return "new";
}

async function bringInLine(row, refused) {
  const there = await get(devicePath(row.device_id)).catch((failure) => {
    throw failure.status === 404 ? refused : failure; // it is somebody else's
  });
  const names = differences(row, there);
  if (names.length === 0) {
    return "are so already";
  }
  const patch = Object.fromEntries(names.filter((name) => !AFTERWARDS.includes(name)).map((name) => [name, whole(row[name], there[name])]));
  const now = Object.keys(patch).length === 0 ? there : await change(devicePath(row.device_id), patch, there.version);
  await finish(row, now);
  return "changed";
}

/** Merging keeps what a file does not name: it is taken out. */
function whole(value, there) {
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    return value;
  }
  const gone = Object.keys(there ?? {}).filter((name) => !(name in value));
  return { ...value, ...Object.fromEntries(gone.map((name) => [name, null])) };
}

async function finish(row, there) {
  let { version } = there;
  if (row.enabled !== undefined && row.enabled !== there.enabled) {
    ({ version } = await change(devicePath(row.device_id), { enabled: row.enabled }, version));
  }
  if (row.lifecycle !== undefined && row.lifecycle !== there.lifecycle) {
    await act(`${devicePath(row.device_id)}/lifecycle`, { lifecycle: row.lifecycle, reason: "imported" }, { "If-Match": `"${version}"` });
  }
}

/** The devices that a filter shows, page by page. */
export async function* devices(filter, signal = undefined) {
  let cursor = null;
  do {
    const page = await get("/api/v1/devices", { ...filter, limit: PAGE, cursor }, signal);
    yield* page.items;
    cursor = page.next_cursor;
  } while (cursor);
}

/**
 * The devices that a filter shows as pieces of a file.
 *
 * @param at called with how many there are so far
 */
export async function exported(filter, at, signal) {
  const pieces = [`${csvLine(COLUMNS)}\n`];
  let lines = "";
  let done = 0;
  for await (const one of devices(filter, signal)) {
    lines += `${csvLine(COLUMNS.map((name) => cell(one[name])))}\n`;
    if (++done % PAGE === 0) {
      pieces.push(new Blob([lines])); // the browser may put it on the disk
      lines = "";
      at(done);
    }
  }
  at(done);
  return [...pieces, lines];
}

const cell = (value) => (value === null || value === undefined ? "" : typeof value === "string" ? value : JSON.stringify(value));
