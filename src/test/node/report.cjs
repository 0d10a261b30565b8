// Connects as the manual of MQTT.js says, reports once with QoS 1, and ends when the report is acknowledged.
// node report.cjs URL TOKEN DEVICE VERSION VALUE
const mqtt = require("mqtt");
const [url, token, device, version, value] = process.argv.slice(2);
const client = mqtt.connect(url, { username: token, clientId: device, protocolVersion: Number(version), reconnectPeriod: 0 });
client.on("error", (error) => {
  console.error(String(error));
  process.exit(1);
});
client.on("connect", () => {
  client.publish(`devices/${device}/report`, JSON.stringify({ value: Number(value) }), { qos: 1 }, (error) => {
    if (error) {
      console.error(String(error));
      process.exit(1);
    }
    client.end(false, {}, () => console.log("acknowledged"));
  });
});
