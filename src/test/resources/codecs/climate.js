'use strict';

const FIELDS = [
    { id: 0x01, name: 'temperature', read: (r) => r.int16() / 10 },
    { id: 0x02, name: 'humidity', read: (r) => r.uint8() / 2 },
    { id: 0x03, name: 'pressure', read: (r) => r.uint16() / 10 },
    { id: 0x04, name: 'location', read: (r) => ({ latitude: r.float(), longitude: r.float() }) },
];

class Reader {
    #at = 0;

    constructor(bytes) {
        this.view = new DataView(Uint8Array.from(bytes).buffer);
    }

    get more() { return this.#at < this.view.byteLength; }
    uint8() { return this.view.getUint8(this.#at++); }
    uint16() { const v = this.view.getUint16(this.#at); this.#at += 2; return v; }
    int16() { const v = this.view.getInt16(this.#at); this.#at += 2; return v; }
    float() { const v = this.view.getFloat32(this.#at); this.#at += 4; return v; }
}

function* fields(reader) {
    while (reader.more) {
        const id = reader.uint8();
        const field = FIELDS.find((f) => f.id === id);
        if (field === undefined) {
            throw new RangeError(`unknown field ${id}`);
        }
        yield [field.name, field.read(reader)];
    }
}

function decodeUplink({ bytes, fPort, recvTime, variables }) {
    if (fPort !== 2) {
        return { errors: [`unknown port ${fPort}`] };
    }
    const data = Object.fromEntries(fields(new Reader(bytes)));
    const offset = Number(variables?.temperature_offset ?? 0);
    if ('temperature' in data) {
        data.temperature += offset;
    }
    const warnings = data.humidity > 100 ? ['humidity above 100 %'] : [];
    return { data: { ...data, year: recvTime.getUTCFullYear() }, warnings };
}

function encodeDownlink({ data: { interval, ...others } }) {
    const unknown = Object.keys(others);
    if (unknown.length > 0) {
        return { errors: unknown.map((name) => `unknown setting ${name}`) };
    }
    return { fPort: 3, bytes: new Uint8Array([0x10, interval >> 8, interval & 0xff]) };
}
