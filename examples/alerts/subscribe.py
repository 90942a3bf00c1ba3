"""Prints every alert, and goes on where it stopped when it is started again.

python examples/alerts/subscribe.py [redis://127.0.0.1:6379] [file for the position]

Needs redis-py (pip install redis). Ctrl-C ends it.
"""

import json
import os
import sys
import time

import redis

URL = sys.argv[1] if len(sys.argv) > 1 else "redis://127.0.0.1:6379"
FILE = sys.argv[2] if len(sys.argv) > 2 else "alerts.position.json"
PAGE = 100
LOOK_EVERY_S = 2


def load():
    """The id of the last alert of each stream that was dealt with."""
    if not os.path.exists(FILE):
        return {}
    with open(FILE) as stored:
        return json.load(stored)


def save(position):
    with open(FILE + ".new", "w") as stored:
        json.dump(position, stored)
    os.replace(FILE + ".new", FILE)


def handle(alert):
    print(alert["severity"], alert["type"], alert["id"], alert["summary"], flush=True)


def read_on(client, position):
    for partition in range(int(client.hget("incidents:meta", "partitions") or 0)):
        stream = f"incidents:{{p{partition}}}:alerts"
        while read_page(client, position, stream):
            pass


def read_page(client, position, stream):
    """Reads from the last alert on, with it: where it is still there nothing was trimmed behind it."""
    last = position.get(stream)
    page = client.xrange(stream, min=last or "-", count=PAGE)
    if last and page and page[0][0] != last:
        print(f"{stream}: alerts after {last} and before {page[0][0]} were trimmed", file=sys.stderr)
    news = [entry for entry in page if entry[0] != last]
    for entry_id, fields in news:
        handle(json.loads(fields["alert"]))
        position[stream] = entry_id
        save(position)
    return news


def listen(client, position):
    with client.pubsub() as hints:
        hints.subscribe("alerts")
        while True:
            read_on(client, position)
            # A hint, or it is time to look without one.
            hints.get_message(timeout=LOOK_EVERY_S)
            while hints.get_message(timeout=0):
                pass


def main():
    client = redis.Redis.from_url(URL, decode_responses=True, socket_timeout=10)
    position = load()
    while True:
        try:
            listen(client, position)
        except (redis.ConnectionError, redis.TimeoutError) as error:
            print(f"Redis is away, trying again: {error}", file=sys.stderr)
            time.sleep(1)


if __name__ == "__main__":
    main()
