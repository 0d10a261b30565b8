// CSV (RFC 4180), as the command line writes and reads it, too.

/** What a spreadsheet would run as a formula: it gets an apostrophe in front, which reading takes away again. */
const FORMULA = /^'*[=+\-@\t\r]/;

export const csvLine = (cells) => cells.map((cell) => quoted(FORMULA.test(cell) ? `'${cell}` : cell)).join(",");

/** As it stands, also what looks like a formula. */
export const plainLine = (cells) => cells.map(quoted).join(",");

const quoted = (cell) => (cell === "" || /[",\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);

export const unguarded = (cell) => (cell.startsWith("'") && FORMULA.test(cell) ? cell.slice(1) : cell);

/**
 * The records of a file, `{line, cells}`, without keeping more of it than what is being read. Empty lines are left out. Cells end
 * with `;` where the first line has these and no comma.
 *
 * @param at called with how many bytes were read
 * @throws Error a quoted cell does not end
 */
export async function* records(file, at = () => {}) {
  const parser = parserOf();
  const reader = file.stream().getReader();
  const decoder = new TextDecoder();
  let read = 0;
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      read += part.value.byteLength;
      yield* parser.take(decoder.decode(part.value, { stream: true }));
      at(read);
    }
    yield* parser.take(decoder.decode());
    yield* parser.end();
  } finally {
    reader.cancel().catch(() => {});
  }
}

function parserOf() {
  let separator = null;
  let cells = [];
  let cell = "";
  let quotes = false;
  let closing = false;
  let line = 1;
  let begin = 1;
  let head = "";

  function finish() {
    cells.push(cell);
    const record = { line: begin, cells };
    cells = [];
    cell = "";
    return record.cells.length === 1 && record.cells[0] === "" ? null : record;
  }

  function* take(text) {
    const chunk = separator === null ? head + text : text;
    if (separator === null) {
      const end = chunk.indexOf("\n");
      if (end < 0 && text !== "") {
        head = chunk;
        return;
      }
      const first = end < 0 ? chunk : chunk.slice(0, end);
      separator = first.includes(";") && !first.includes(",") ? ";" : ",";
      head = "";
    }
    for (const c of chunk) {
      if (closing) {
        closing = false;
        if (c === '"') {
          cell += c;
          continue;
        }
        quotes = false;
      }
      if (quotes) {
        if (c === '"') {
          closing = true;
        } else {
          cell += c;
          line += c === "\n" ? 1 : 0;
        }
      } else if (c === '"') {
        quotes = true;
      } else if (c === separator) {
        cells.push(cell);
        cell = "";
      } else if (c === "\n") {
        const record = finish();
        line++;
        begin = line;
        if (record) {
          yield record;
        }
      } else if (c !== "\r") {
        cell += c;
      }
    }
  }

  function* end() {
    if (quotes && !closing) {
      throw new Error(`the quoted cell that begins in line ${begin} does not end`);
    }
    const record = cell !== "" || cells.length > 0 ? finish() : null;
    if (record) {
      yield record;
    }
  }

  return { take, end };
}
