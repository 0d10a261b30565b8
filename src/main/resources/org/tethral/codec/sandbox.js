// Runs once in a new interpreter, as a strict module, before the script of a codec. What it leaves behind is
// one function under a symbol; the script cannot reach the host through anything.
const host = globalThis.java_invoke;
const parse = JSON.parse;
const write = JSON.stringify;
const evaluate = globalThis.eval;
for (const name of ['java_invoke', 'Javy', 'plugin', 'console']) {
    delete globalThis[name];
}
const silent = () => {};
globalThis.console = { log: silent, info: silent, warn: silent, error: silent, debug: silent };

// Evaluated behind the script, where also its `const` and `let` are seen.
const names = ['decodeUplink', 'encodeDownlink', 'Decode', 'Encode', 'Decoder', 'Encoder'];
const ending = '\n;({' + names.map((n) => n + ": typeof " + n + " === 'function' ? " + n + ' : null').join(',') + '})';

let codec = {};
const missing = {};

const told = (e) => (typeof e === 'object' && e !== null && 'message' in e)
    ? { name: String(e.name), message: String(e.message), stack: String(e.stack) }
    : { message: String(e) };

const decode = (i) => {
    if (codec.decodeUplink) {
        return codec.decodeUplink({ bytes: i.bytes, fPort: i.fPort, recvTime: new Date(i.time), variables: i.variables });
    }
    if (codec.Decode) {
        return { data: codec.Decode(i.fPort, i.bytes, i.variables) };
    }
    if (codec.Decoder) {
        return { data: codec.Decoder(i.bytes, i.fPort) };
    }
    return missing;
};

const encode = (i) => {
    if (codec.encodeDownlink) {
        return codec.encodeDownlink({ data: i.data, variables: i.variables });
    }
    if (codec.Encode) {
        return { bytes: codec.Encode(1, i.data, i.variables) };
    }
    if (codec.Encoder) {
        return { bytes: codec.Encoder(i.data, 1) };
    }
    return missing;
};

globalThis[Symbol.for('tethral')] = () => {
    let answer;
    let loading = false;
    try {
        const input = parse(host('', 'get', ''));
        loading = 'script' in input;
        if (loading) {
            codec = evaluate(input.script + ending);
            answer = '{}';
        } else {
            const result = 'bytes' in input ? decode(input) : encode(input);
            if (typeof result === 'object' && result !== null && ArrayBuffer.isView(result.bytes)) {
                result.bytes = Array.from(result.bytes);
            }
            answer = write(result === missing ? { missing: true } : { result: result === undefined ? null : result });
        }
    } catch (e) {
        answer = write({ error: loading ? { ...told(e), loading } : told(e) });
    }
    host('', 'put', answer);
};
