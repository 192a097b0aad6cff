import { expect, it } from "vitest";
import type { Checkpoint, Reading } from "weir";
import { flaws } from "weir/testing";
import source from "../../plugins/sources/websocket_client/index.ts";
import { listening, otherSide, until } from "./support.ts";

const feed = (url: string, more: Readonly<Record<string, unknown>> = {}) => ({
  type: "websocket_client",
  url,
  backoff: { initial: "1ms", max: "5ms" },
  ...more,
});

const textOf = ({ bytes }: Reading): string => Buffer.from(bytes).toString("utf8");

it("is well formed", () => expect(flaws(source)).toEqual([]));

it("takes messages as one stream, through hang-ups, and goes on where its checkpoint ends", async () => {
  const { address, connections } = await otherSide((socket) => {
    socket.send(`{"connection": ${connections.length}}`);
    socket.send(Buffer.from("[1]"));
    setTimeout(() => socket.close(1001), 20);
  });
  const { readings, end } = await listening(feed(address));
  await until(() => readings.length >= 4);
  await end();
  expect(readings.slice(0, 4).map(textOf)).toEqual(['{"connection": 1}', "[1]", '{"connection": 2}', "[1]"]);
  expect(readings.slice(0, 4).map(({ position, end }) => [position, end])).toEqual([
    [0, true],
    [17, true],
    [20, true],
    [37, true],
  ]);
  const checkpoint: Checkpoint = { position: 40, detail: null };
  const again = await listening(feed(address), { checkpoints: new Map([[readings[0]!.stream, checkpoint]]) });
  await until(() => again.readings.length > 0);
  expect(again.readings[0]).toMatchObject({ stream: readings[0]!.stream, position: 40 });
});

it("subscribes, and after a hang-up asks for what comes after the last cursor, as JSON", async () => {
  const { address, connections } = await otherSide((socket) => {
    socket.on("message", () => {
      const first = connections.length * 10;
      socket.send(JSON.stringify([{ sequence: `${first}"` }, { sequence: `${first + 1}"` }]));
      socket.send(JSON.stringify({ text: "no cursor" }));
      socket.close(1001);
    });
  });
  const resume = '{"after": {cursor}}';
  const { end } = await listening(feed(address, { subscribe: "hello", cursor: "sequence", resume }));
  await until(() => connections.length >= 3 && connections[2]!.messages.length === 1);
  await end();
  const hellos = connections.slice(0, 3).map(({ messages }) => messages[0]);
  expect(hellos).toEqual(["hello", '{"after": "11\\""}', '{"after": "21\\""}']);
});

it("keeps a cursor behind the events that it covers, and uses a committed one after a restart", async () => {
  const { address, connections } = await otherSide((socket) => {
    socket.send('{"sequence": 5}');
  });
  const options = { cursor: "sequence", resume: "after {cursor}" };
  const { readings, end } = await listening(feed(address, options));
  await until(() => readings.length === 2);
  await end();
  const [message, cursor] = readings;
  expect(message).toMatchObject({ once: true, position: 0 });
  expect(message).not.toHaveProperty("detail");
  expect(cursor).toMatchObject({ position: 0, detail: { cursor: "5" } });
  expect(cursor!.bytes).toHaveLength(0);

  const checkpoints = new Map([[cursor!.stream, { position: 0, detail: cursor!.detail! }]]);
  await listening(feed(address, options), { checkpoints });
  await until(() => connections[1]?.messages.length === 1);
  expect(connections[1]!.messages).toEqual(["after 5"]);
  // Another address is another feed.
  await listening(feed(`${address}other`, options), { checkpoints });
  await until(() => connections.length === 3);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(connections[2]!.messages).toEqual([]);
});

it("does not connect again before everything of the connection before is committed", async () => {
  const settles: (() => void)[] = [];
  const { address, connections } = await otherSide((socket) => {
    socket.send('{"sequence": 1}');
    socket.close(1001);
  });
  const { log } = await listening(feed(address, { cursor: "sequence", resume: "{cursor}" }), {
    offer: (reading) => {
      settles.push(() => reading.settled?.("committed"));
      return "accepted";
    },
  });
  await until(() => settles.length === 2);
  await log.said("the feed closed the connection with code 1001");
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(connections).toHaveLength(1);
  for (const settle of settles.splice(0)) settle();
  await until(() => connections.length === 2);
});

it("is not read from while there is no room, and misses nothing", async () => {
  let hasRoom = false;
  const { address } = await otherSide((socket) => {
    for (let n = 0; n < 2000; n++) socket.send(`{"n":${n},"filler":"${"x".repeat(4096)}"}`);
  });
  const { readings } = await listening(feed(address), {
    offer: (reading) => {
      if (!hasRoom) return "full";
      queueMicrotask(() => reading.settled?.("committed"));
      return "accepted";
    },
  });
  await new Promise((resolve) => setTimeout(resolve, 100));
  hasRoom = true;
  await until(() => readings.length === 2000);
  expect(readings.map((reading) => JSON.parse(textOf(reading)).n)).toEqual(Array.from({ length: 2000 }, (_, n) => n));
});

it("tries again while nobody listens, and says what is wrong", async () => {
  const { address, port, close } = await otherSide(() => undefined);
  await close();
  const { log, readings } = await listening(feed(address));
  await log.said(`cannot connect: nothing is listening at ws://127.0.0.1:${port}/ (ECONNREFUSED)`);
  await otherSide((socket) => socket.send("{}"), port);
  await until(() => readings.length === 1);
});

it("connects anew when the feed is silent for longer than idle_timeout, or does not answer pings", async () => {
  const { address, connections } = await otherSide(() => undefined);
  await listening(feed(address, { idle_timeout: "40ms" }));
  await until(() => connections.length >= 3);
});
