#!/usr/bin/env python3
"""A device over HTTP, with nothing but Python's standard library.

    python3 device.py --token TOKEN [--server http://127.0.0.1:8080] [--every SECONDS] [--reports N]

It reports a temperature and does the commands that it is given. A report that was not acknowledged is sent again with the
same message_id, so it is stored once however often it is sent.
"""

import argparse
import json
import random
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid

PAUSE_SECONDS_MAX = 60


class Device:
    def __init__(self, server, token):
        self.server = server
        self.token = token

    def ask(self, path, body=None, timeout=10):
        """One request. Returns the parsed answer, or None where it is empty."""
        request = urllib.request.Request(
            self.server + path,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": "Bearer " + self.token, "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def ask_until_answered(self, path, body=None, timeout=10):
        """As ask, again and again, with longer and longer pauses, until there is an answer."""
        pause = 1
        while True:
            try:
                return self.ask(path, body, timeout)
            except urllib.error.HTTPError as problem:
                if problem.code < 500:  # 4xx: the same request will never be taken
                    raise SystemExit(f"refused: {problem.read().decode()}")
                pause = float(problem.headers.get("Retry-After") or pause)
                print(f"not now: {problem.code}", file=sys.stderr)
            except OSError as problem:  # no network, no server, no answer in time
                print(f"not now: {problem}", file=sys.stderr)
            time.sleep(pause + random.random())
            pause = min(PAUSE_SECONDS_MAX, pause * 2)

    def report(self, values):
        """Returns when the values are in the database."""
        return self.ask_until_answered(
            "/device/v1/report", {"message_id": str(uuid.uuid4()), "values": values}
        )

    def do_commands(self, do):
        """Waits for commands, for ever. A command may come twice, when the answer to it got lost."""
        answers = {}
        while True:
            waiting = self.ask_until_answered("/device/v1/commands?wait=30s", timeout=40)
            for command in waiting["commands"]:
                known = command["command_id"]
                if known not in answers:
                    answers[known] = do(command["command_name"], command["payload"])
                self.ask_until_answered(f"/device/v1/commands/{known}/ack", answers[known])
                while len(answers) > 100:
                    answers.pop(next(iter(answers)))


def do(name, payload):
    print(f"command {name} {json.dumps(payload)}", flush=True)
    if name == "blink":
        return {"status": "success", "result": {"blinked": payload.get("times", 1)}}
    return {"status": "error", "message": f"this device cannot {name}"}


def main():
    arguments = argparse.ArgumentParser(description="A device over HTTP.")
    arguments.add_argument("--server", default="http://127.0.0.1:8080")
    arguments.add_argument("--token", required=True)
    arguments.add_argument("--every", type=float, default=10, help="seconds from report to report")
    arguments.add_argument("--reports", type=int, default=0, help="end after so many; 0: never")
    given = arguments.parse_args()

    device = Device(given.server, given.token)
    threading.Thread(target=device.do_commands, args=(do,), daemon=True).start()
    temperature = 21.0
    count = 0
    while given.reports == 0 or count < given.reports:
        temperature += random.uniform(-0.2, 0.2)
        answer = device.report({"temperature": round(temperature, 2)})
        count += 1
        print(f"stored as {answer['sequences'][0]}", flush=True)
        time.sleep(given.every)


if __name__ == "__main__":
    main()
