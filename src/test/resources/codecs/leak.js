var RAW = 0;
count = 0; // declared nowhere

function Decode(fPort, bytes, variables) {
    return read(bytes, 'v3');
}

function Decoder(bytes, port) {
    return read(bytes, 'v2');
}

function Encode(fPort, obj, variables) {
    return [0xff, 010, obj.leak ? 1 : 0];
}

function read(bytes, form) {
    var decoded = { form: form };
    for (var i = 0; i < bytes.length; ) {
        var channel = bytes[i++], type = bytes[i++];
        if (channel == 1 && type == 0x75) {
            decoded.battery = bytes[i];
            i += 1;
        } else if (channel == 5 && type == 0) {
            decoded = Object.assign(decoded, { leak: bytes[i] === 0 ? 'normal' : 'leak', count: ++count });
            i += 1;
        } else {
            break;
        }
    }
    return decoded;
}

// for engines that have none; not guarded
Object.defineProperty(Object, 'assign', {
    enumerable: false,
    configurable: true,
    writable: true,
    value: function (target, source) {
        var keys = Object.keys(Object(source));
        for (var i = 0, n = keys.length; i < n; i++) {
            target[keys[i]] = source[keys[i]];
        }
        return target;
    },
});
