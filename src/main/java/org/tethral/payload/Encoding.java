package org.tethral.payload;

import org.tethral.json.Cbor;
import org.tethral.json.Json;
import org.tethral.json.MalformedJson;
import org.tethral.kernel.Value;

/// How a body is written.
public enum Encoding {
    JSON {
        @Override
        public byte[] bytes(Value value) {
            return Json.bytes(value);
        }

        @Override
        Value read(byte[] body) throws MalformedJson {
            return Json.parse(body);
        }
    },
    CBOR {
        @Override
        public byte[] bytes(Value value) {
            return Cbor.bytes(value);
        }

        @Override
        Value read(byte[] body) throws MalformedJson {
            return Cbor.parse(body);
        }
    };

    public abstract byte[] bytes(Value value);

    abstract Value read(byte[] body) throws MalformedJson;

    public Value parse(byte[] body) throws Malformed {
        try {
            return read(body);
        } catch (MalformedJson e) {
            throw new Malformed(String.valueOf(e.getMessage()));
        }
    }
}
