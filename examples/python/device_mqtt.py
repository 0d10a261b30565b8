#!/usr/bin/env python3
"""A device over MQTT, with paho-mqtt 2 (pip install paho-mqtt).

    python3 device_mqtt.py --id weather-2 --token TOKEN [--host 127.0.0.1] [--port 1883] [--every SECONDS] [--reports N]

It publishes with QoS 1: PUBACK means that the values are in the database. What was not acknowledged before the connection
broke is published again by the library; with its message_id it is stored once.
"""

import argparse
import json
import random
import time
import uuid

import paho.mqtt.client as mqtt


def main():
    arguments = argparse.ArgumentParser(description="A device over MQTT.")
    arguments.add_argument("--id", required=True)
    arguments.add_argument("--token", required=True)
    arguments.add_argument("--host", default="127.0.0.1")
    arguments.add_argument("--port", type=int, default=1883)
    arguments.add_argument("--every", type=float, default=10, help="seconds from report to report")
    arguments.add_argument("--reports", type=int, default=0, help="end after so many; 0: never")
    given = arguments.parse_args()
    own = f"devices/{given.id}"

    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=given.id, clean_session=False)
    client.username_pw_set(given.token)
    client.reconnect_delay_set(1, 60)

    def connected(client, userdata, flags, reason, properties):
        print(f"connected: {reason}", flush=True)
        if not reason.is_failure:
            client.subscribe(f"{own}/commands/+", qos=1)

    def command(client, userdata, message):
        asked = json.loads(message.payload)
        print(f"command {asked['command_name']} {json.dumps(asked['payload'])}", flush=True)
        answer = {"status": "success", "result": {"done": asked["command_name"]}}
        client.publish(message.topic + "/ack", json.dumps(answer), qos=1)

    client.on_connect = connected
    client.on_message = command
    client.connect_async(given.host, given.port)
    client.loop_start()

    temperature = 21.0
    count = 0
    while given.reports == 0 or count < given.reports:
        temperature += random.uniform(-0.2, 0.2)
        report = {"message_id": str(uuid.uuid4()), "values": {"temperature": round(temperature, 2)}}
        published = client.publish(f"{own}/report", json.dumps(report), qos=1)
        while not published.is_published():  # until PUBACK, across connections
            time.sleep(0.01)
        count += 1
        print("stored", flush=True)
        time.sleep(given.every)
    client.disconnect()
    client.loop_stop()


if __name__ == "__main__":
    main()
