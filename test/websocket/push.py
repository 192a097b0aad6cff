"""Sends numbered pairs of events in envelopes, some text and some binary, and waits until each is acknowledged."""

import asyncio
import json
import sys

import websockets


async def main(address: str, count: int) -> None:
    async with websockets.connect(address) as socket:
        await (await socket.ping())
        waiting = set()
        for index in range(count):
            events = [{"n": 2 * index}, {"n": 2 * index + 1}]
            text = json.dumps({"id": index, "events": events})
            waiting.add(index)
            await socket.send(text if index % 2 == 0 else text.encode())
        while waiting:
            waiting.remove(json.loads(await socket.recv())["ack"])
    print(f"{count} acknowledged")


asyncio.run(main(sys.argv[1], int(sys.argv[2])))
