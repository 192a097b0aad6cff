"""Subscribes, reports it, prints the requested number of messages, and gets an error message from the server for a wrong address."""

import asyncio
import sys

import websockets


async def main(address: str, count: int) -> None:
    async with websockets.connect(address) as socket:
        print("subscribed", flush=True)
        for _ in range(count):
            print(await socket.recv(), flush=True)
    try:
        async with websockets.connect(f"{address}&were=1"):
            print("was let in")
    except Exception as error:
        status = getattr(error, "status_code", None) or error.response.status_code
        print(f"refused with {status}")


asyncio.run(main(sys.argv[1], int(sys.argv[2])))
