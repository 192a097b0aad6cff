import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Delivery, fingerprint } from "weir";
import { delivery, type OpenedSink } from "weir/testing";
import type { WebSocket } from "ws";
import type { Failure } from "../../src/plugin.ts";
import { pushing, running } from "./at-work.ts";
import { otherSide, until } from "./support.ts";

/** Acknowledges whatever has an id. */
const acknowledging = (socket: WebSocket) =>
  socket.on("message", (message) => {
    const { id } = JSON.parse(String(message));
    if (id !== undefined) socket.send(JSON.stringify({ ack: id }));
  });

/** A server of the package ws that takes messages up to so many bytes. */
const limited = (maxPayload: number) => otherSide(acknowledging, 0, { maxPayload });

/** An event of so many bytes. */
const sized = (n: number, size: number): Delivery => {
  const bare = JSON.stringify({ n, filler: "" }).length;
  return delivery({ n, filler: "x".repeat(Math.max(0, size - bare)) }, `event-${n}`);
};

const numbersIn = (messages: readonly string[]): number[] =>
  messages.flatMap((message) => {
    const value = JSON.parse(message);
    const events = value.events ?? (Array.isArray(value) ? value : [value]);
    return events.map(({ n }: { n: number }) => n);
  });

/** Writes until nothing is left, as the host does: what was refused for good, by the event's number. */
const deliverAll = async ({ write }: OpenedSink, events: readonly Delivery[]) => {
  const refused = new Map<number, string>();
  for (let left = events, attempts = 0; left.length > 0; attempts++) {
    expect(attempts).toBeLessThan(5);
    const failed: readonly Failure[] = await write(left).then(
      (outcome) => outcome?.failed ?? [],
      ({ message }) => left.map((_, index) => ({ index, message, final: false })),
    );
    for (const { index, message, final } of failed) if (final) refused.set(Number(left[index]!.data["n"]), message);
    left = failed.filter(({ final }) => !final).map(({ index }) => left[index]!);
  }
  return refused;
};

it("an event that is too long for the server goes to the dead letter, and the others are delivered at once", async () => {
  const { address, connections } = await limited(1000);
  const { write } = await pushing(address, { acknowledge: true });
  const events = [sized(1, 500), sized(2, 5000), sized(3, 400), sized(4, 2000), sized(5, 600)];
  const outcome = await write(events);
  const size = 5000 + Buffer.byteLength('{"id":"event-2","events":[]}');
  expect(outcome!.failed).toEqual([
    {
      index: 1,
      message: `the message for the event has ${size} bytes, which is too long for the server: ${address} closed the connection with code 1009; it accepted a message of 528 bytes`,
      final: true,
    },
    { index: 3, message: expect.stringContaining("closed the connection with code 1009"), final: true },
  ]);
  expect(numbersIn(connections.flatMap(({ messages }) => messages))).toEqual([1, 3, 5]);
  expect(await write([sized(6, 100)])).toEqual({ failed: [] });
});

it("a batch that is too long is halved until the event that is to blame is found", async () => {
  const { address, connections } = await limited(2000);
  const { write } = await pushing(address, { acknowledge: true, messages: "batch" });
  const outcome = await write([...Array(16).keys()].map((n) => sized(n, n === 5 ? 3000 : 200)));
  expect(outcome!.failed!.map(({ index, final }) => [index, final])).toEqual([[5, true]]);
  const taken = numbersIn(connections.flatMap(({ messages }) => messages));
  expect(taken).toEqual([...Array(16).keys()].filter((n) => n !== 5));
});

it("without acknowledgements nothing that is too long counts as delivered", async () => {
  const { address, connections } = await limited(1000);
  const { write } = await pushing(address);
  const outcome = await write([sized(1, 1001), sized(2, 1000), sized(3, 100), sized(4, 50_000_000), sized(5, 1000)]);
  expect(outcome!.failed!.map(({ index, final }) => [index, final])).toEqual([
    [0, true],
    [3, true],
  ]);
  await until(() => connections.flatMap(({ messages }) => messages).length === 3);
  expect(numbersIn(connections.flatMap(({ messages }) => messages))).toEqual([2, 3, 5]);
});

it("a gateway that answers pings for a server behind it does not put the blame on another event", async () => {
  const { address } = await otherSide((socket) =>
    socket.on("message", (message) => {
      const late = () =>
        String(message).length > 1000
          ? socket.close(1009, "limit is 1000")
          : socket.send(JSON.stringify({ ack: JSON.parse(String(message)).id }));
      setTimeout(late, 20);
    }),
  );
  const sink = await pushing(address, { acknowledge: true });
  const refused = await deliverAll(sink, [sized(1, 50), sized(2, 3000), sized(3, 5000), sized(4, 10)]);
  expect([...refused.keys()].sort()).toEqual([2, 3]);
  expect(refused.get(2)).toContain("code 1009: limit is 1000");
});

describe("with acknowledgements one that is too long costs the others nothing", () => {
  const isTooLong = (n: number): boolean => n % 33 === 7;
  const events = [...Array(300).keys()].map((n) => sized(n, isTooLong(n) ? 5000 : 100 + ((n * 37) % 900)));
  const good = [...events.keys()].filter((n) => !isTooLong(n));

  /** Writes all of them, a hundred at a time, and looks at what came of it. */
  const pushAll = async (address: string, messages: "event" | "batch") => {
    const sink = await pushing(address, { acknowledge: true, messages });
    const refused: number[] = [];
    for (let first = 0; first < events.length; first += 100)
      refused.push(...(await deliverAll(sink, events.slice(first, first + 100))).keys());
    expect(refused.sort((a, b) => a - b)).toEqual([...events.keys()].filter(isTooLong));
  };

  it.each(["event", "batch"] as const)("at the source websocket_server, messages: %s", async (messages) => {
    const source = { type: "websocket_server", listen: "127.0.0.1:0", acknowledge: true, max_payload: "4KiB" };
    const { address, kept } = await running(source);
    await pushAll(address, messages);
    await until(() => kept.length >= good.length);
    expect(kept.map(({ data }) => Number(data["n"])).sort((a, b) => a - b)).toEqual(good);
  });

  it.each(["event", "batch"] as const)("at a server that answers late, messages: %s", async (messages) => {
    const answerLate = (socket: WebSocket) =>
      socket.on("message", (message) => {
        const { id } = JSON.parse(String(message));
        setTimeout(() => socket.send(JSON.stringify({ ack: id })), 20);
      });
    const { address, connections } = await otherSide(answerLate, 0, { maxPayload: 4096 });
    await pushAll(address, messages);
    const came = numbersIn(connections.flatMap(({ messages }) => messages));
    expect(came.sort((a, b) => a - b)).toEqual(good);
  });
});

it("messages up to the longest that was taken do not wait for each other's answers", async () => {
  const unanswered: string[] = [];
  const { address } = await otherSide((socket) =>
    socket.on("message", (message) => {
      unanswered.push(JSON.stringify({ ack: JSON.parse(String(message)).id }));
      // The first at once; the others when all are there.
      if (unanswered.length === 1 || unanswered.length === 50) for (const ack of unanswered) socket.send(ack);
    }),
  );
  const { write } = await pushing(address, { acknowledge: true });
  expect(await write([...Array(50).keys()].map((n) => sized(n, 300 - n)))).toEqual({ failed: [] });
});

it("a server that hangs up for another reason is to blame for no event", async () => {
  const { address, connections } = await otherSide((socket) => {
    if (connections.length === 1) socket.once("message", () => socket.close(1008, "not now"));
    else acknowledging(socket);
  });
  const { write } = await pushing(address, { acknowledge: true });
  await expect(write([sized(1, 10), sized(2, 5000)])).rejects.toThrow(
    `${address} closed the connection with code 1008: not now`,
  );
  expect(await write([sized(1, 10), sized(2, 5000)])).toEqual({ failed: [] });
});

it("every event is at the server, or too long by itself, whatever the sizes and the limit", async () => {
  const sizes = fc.array(fc.integer({ min: 20, max: 1500 }), { minLength: 1, maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(
      sizes,
      fc.integer({ min: 100, max: 2000 }),
      fc.boolean(),
      fc.constantFrom("event", "batch"),
      fc.integer({ min: 1, max: 4 }),
      async (sizes, limit, acknowledge, messages, writes) => {
        const { address, connections, close } = await limited(limit);
        const sink = await pushing(address, { acknowledge, messages });
        const events = sizes.map((size, n) => sized(n, size));
        const share = Math.ceil(events.length / writes);
        const parts = Array.from({ length: writes }, (_, part) => events.slice(part * share, (part + 1) * share));
        const refused = (await Promise.all(parts.map((part) => deliverAll(sink, part)))).flatMap((found) => [
          ...found.keys(),
        ]);
        const seen = () => new Set(numbersIn(connections.flatMap(({ messages }) => messages)));
        await until(() => seen().size + refused.length >= events.length);
        const around = acknowledge ? '{"id":"","events":[]}'.length : messages === "batch" ? "[]".length : 0;
        for (const [n, { json, id }] of events.entries()) {
          const ofId = acknowledge ? (messages === "batch" ? fingerprint(id) : id).length : 0;
          expect([n, refused.includes(n)]).toEqual([n, json.length + around + ofId > limit]);
          expect([n, seen().has(n)]).toEqual([n, !refused.includes(n)]);
        }
        await sink.close();
        await close();
      },
    ),
    { numRuns: process.env["WEIR_LONG"] ? 40 : 10 },
  );
});
