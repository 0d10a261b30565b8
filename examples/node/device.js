// A device over MQTT, with MQTT.js.
//
//   npm install
//   node device.js ID TOKEN [mqtt://127.0.0.1:1883] [REPORTS]
//
// It publishes with QoS 1: the promise of publishAsync is kept when the values are in the database. What was not acknowledged
// before the connection broke is published again by the library; with its message_id it is stored once.

import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import mqtt from "mqtt";

const [id, token, address = "mqtt://127.0.0.1:1883", reports = "0"] = process.argv.slice(2);
const client = mqtt.connect(address, { username: token, clientId: id, clean: false });

client.on("error", (error) => console.error(String(error)));
client.on("connect", () => client.subscribe(`devices/${id}/commands/+`, { qos: 1 }));
client.on("message", async (topic, body) => {
  const { command_name: name, payload } = JSON.parse(body);
  console.log(`command ${name} ${JSON.stringify(payload)}`);
  await client.publishAsync(`${topic}/ack`, JSON.stringify({ status: "success", result: { done: name } }), { qos: 1 });
});

let temperature = 21;
for (let count = 0; reports === "0" || count < Number(reports); count++) {
  temperature += Math.random() - 0.5;
  const report = { message_id: randomUUID(), values: { temperature: Number(temperature.toFixed(2)) } };
  await client.publishAsync(`devices/${id}/report`, JSON.stringify(report), { qos: 1 });
  console.log("stored");
  await pause(reports === "0" ? 10_000 : 100);
}
await client.endAsync();
