"""Acknowledges messages of up to so many bytes; says its port, and each event that it takes."""

import asyncio
import json
import sys

import websockets


async def take(socket, *_) -> None:
    async for message in socket:
        envelope = json.loads(message)
        for event in envelope["events"]:
            print(event["n"], flush=True)
        await socket.send(json.dumps({"ack": envelope["id"]}))


async def main(limit: int) -> None:
    async with websockets.serve(take, "127.0.0.1", 0, max_size=limit) as server:
        print(list(server.sockets)[0].getsockname()[1], flush=True)
        await asyncio.Future()


asyncio.run(main(int(sys.argv[1])))
