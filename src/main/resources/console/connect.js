// What one types to connect a device: for its credential, at the ports of this server, ready to be pasted into a shell.

const REPORT = `'{"temperature": 21.5}'`;

/** As one word of a shell, whatever is in it. */
export const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;

/**
 * @param endpoints where the server listens, as `GET /endpoints` tells
 * @param secret what was shown this once; null of a certificate
 * @return `[title, command]` of each way that is open; empty: there is none for this credential
 */
export function connectCommands({ device_id: device, type, identity }, secret, endpoints) {
  const port = (name) => endpoints.find((one) => one.name === name)?.port;
  const host = location.hostname;
  const topic = quoted(`devices/${device}/report`);
  const mqtt = (name, login) => port(name) === undefined ? []
    : [[`MQTT${name === "mqtts" ? " with TLS" : ""}`, `mosquitto_pub -q 1 -h ${host.replace(/^\[|\]$/g, "")} -p ${port(name)} ${login} -t ${topic} -m ${REPORT}`]];
  switch (type) {
    case "token": return [
      ["HTTP", `curl -sS --fail-with-body -H ${quoted(`Authorization: Bearer ${secret}`)} ${location.origin}/device/v1/report -d ${REPORT}`],
      ...mqtt("mqtt", `-u ${quoted(secret)}`),
      ...port("coap") === undefined ? [] : [
        ["CoAP", `coap-client -m post -e ${REPORT} ${quoted(`coap://${host}:${port("coap")}/device/v1/report?token=${encodeURIComponent(secret)}`)}`]],
    ];
    case "password": return mqtt("mqtt", `-u ${quoted(identity)} -P ${quoted(secret)}`);
    case "psk": return port("coaps") === undefined || secret === null ? [] : [
      ["CoAP over DTLS", `coap-client -m post -u ${quoted(identity)} -k ${quoted(secret)} -e ${REPORT} ${quoted(`coaps://${host}:${port("coaps")}/device/v1/report`)}`],
    ];
    case "x509": return [
      ...mqtt("mqtts", "--cafile ca.pem --cert device.pem --key device-key.pem"),
      ...port("https") === undefined ? [] : [
        ["HTTPS", `curl -sS --fail-with-body --cacert ca.pem --cert device.pem --key device-key.pem https://${host}:${port("https")}/device/v1/report -d ${REPORT}`]],
    ];
    default: return [];
  }
}
