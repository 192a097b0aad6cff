import { once } from "node:events";
import { describe, expect, it } from "vitest";
import type { Offer, Reading } from "weir";
import { flaws, type LogLine } from "weir/testing";
import source from "../../plugins/sources/websocket_server/index.ts";
import { connected, listening, refusalOf, until } from "./support.ts";

const server = (more: Readonly<Record<string, unknown>> = {}) => ({
  type: "websocket_server",
  listen: "127.0.0.1:0",
  ...more,
});

const warnings = (lines: readonly LogLine[]): readonly string[] =>
  lines.filter(({ level }) => level === "warn").map(({ message }) => message);

const textOf = ({ bytes }: Reading): string => Buffer.from(bytes).toString("utf8");

it("is well formed", () => expect(flaws(source)).toEqual([]));

describe("messages", () => {
  it("are readings of their own, text or binary, under a digest of their bytes", async () => {
    const { readings, address } = await listening(server());
    const url = await address();
    const [one, two] = [await connected(url), await connected(url)];
    one.send('{"n": 1}');
    one.send(Buffer.from('[{"n": 2}, {"n": 3}]'));
    await until(() => readings.length === 2);
    two.send('{"n": 1}');
    await until(() => readings.length === 3);
    expect(readings.map(textOf)).toEqual(['{"n": 1}', '[{"n": 2}, {"n": 3}]', '{"n": 1}']);
    const [first, second, again] = readings;
    expect(first).toMatchObject({ position: 0, once: true });
    expect(first!.stream).toBe(again!.stream);
    expect(first!.stream).not.toBe(second!.stream);
  });

  it("that are cut into fragments anyhow arrive whole", async () => {
    const { readings, address } = await listening(server());
    const socket = await connected(await address());
    for (const part of ['{"te', 'xt": "', "a b", '"']) socket.send(part, { fin: false });
    socket.send("}");
    await until(() => readings.length === 1);
    expect(textOf(readings[0]!)).toBe('{"text": "a b"}');
  });

  it("longer than max_payload end the connection with 1009, and nothing of them is taken", async () => {
    const { readings, refusals, log, address } = await listening(server({ max_payload: "1KiB" }));
    const socket = await connected(await address());
    socket.send("x".repeat(1025));
    const [code, reason] = await once(socket, "close");
    expect([code, String(reason)]).toEqual([1009, "a message longer than 1024 bytes"]);
    expect(readings).toEqual([]);
    expect(refusals).toEqual(["too_long"]);
    expect(warnings(log.lines)).toEqual([
      expect.stringMatching(/^disconnected \S+: it sent a message longer than 1024 bytes$/),
    ]);
  });

  it("that break the protocol end the connection, and leave a trace", async () => {
    const { refusals, log, address } = await listening(server());
    const url = await address();
    const socket = await connected(url);
    socket.send(Buffer.from([0xff, 0xfe]), { binary: false });
    expect((await once(socket, "close"))[0]).toBe(1007);
    expect(refusals).toEqual(["unreadable"]);
    expect(warnings(log.lines)).toEqual([
      expect.stringContaining("it sent an invalid message: Invalid WebSocket frame"),
    ]);
    // One that goes, with or without a word, is no violation.
    (await connected(url)).close();
    (await connected(url)).terminate();
    await until(() => log.lines.filter(({ message }) => message.includes(" disconnected")).length === 3);
    expect(refusals.length).toBe(1);
  });

  it("come compressed where that is allowed", async () => {
    const { readings, address } = await listening(server({ compression: true }));
    const socket = await connected(await address());
    expect(socket.extensions).toContain("permessage-deflate");
    socket.send(JSON.stringify({ text: "again ".repeat(1000) }));
    await until(() => readings.length === 1);
    expect(JSON.parse(textOf(readings[0]!))).toEqual({ text: "again ".repeat(1000) });
    const plain = await listening(server());
    expect((await connected(await plain.address())).extensions).toBe("");
  });
});

describe("acknowledgements", () => {
  it("that cannot be sent are logged once a minute, and the message is taken", async () => {
    const { readings, log, address } = await listening(server({ acknowledge: true }));
    const socket = await connected(await address());
    const long = JSON.stringify("x".repeat(255));
    const messages = [`{"id": ${long}, "events": [{"n": 1}]}`, '{"id": null, "events": [{"n": 2}]}', '{"n": 3}'];
    for (const message of messages) socket.send(message);
    await until(() => readings.length === 3);
    expect(readings.map(textOf)).toEqual(messages);
    const [warning, ...others] = warnings(log.lines);
    expect(warning).toMatch(/^cannot acknowledge a message from 127\.0\.0\.1:\d+: its id is "xxx/);
    expect(warning).toMatch(/… \(257 characters\); an id must be a number or a string of at most 254 characters$/);
    expect(others).toEqual([]);
  });

  it("come when the events are committed, and not before", async () => {
    const waiting: Reading[] = [];
    const offer = (reading: Reading): Offer => {
      waiting.push(reading);
      return "accepted";
    };
    const { readings, address } = await listening(server({ acknowledge: true }), { offer });
    const socket = await connected(await address());
    const answers: string[] = [];
    socket.on("message", (message) => answers.push(String(message)));
    socket.send('{"id": 17, "events": [{"n": 1}]}');
    socket.send('{"events": [{"n": 2}], "id": "b"}');
    socket.send('{"n": 3}');
    await until(() => readings.length === 3);
    expect(readings.map(textOf)).toEqual(['[{"n": 1}]', '[{"n": 2}]', '{"n": 3}']);
    expect(answers).toEqual([]);
    waiting[1]!.settled?.("committed");
    waiting[2]!.settled?.("committed");
    waiting[0]!.settled?.("abandoned");
    await until(() => answers.length === 2);
    expect(answers).toEqual(['{"ack":"b"}', '{"retry":17,"after":1000}']);
  });

  it("are refused at once when there is no room, and given when the message comes again", async () => {
    let hasRoom = false;
    const offer = (reading: Reading): Offer => {
      if (!hasRoom) return "full";
      queueMicrotask(() => reading.settled?.("committed"));
      return "accepted";
    };
    const { address, readings } = await listening(server({ acknowledge: true }), { offer });
    const socket = await connected(await address());
    const message = '{"id": 1, "events": [{"n": 1}]}';
    socket.send(message);
    expect(String((await once(socket, "message"))[0])).toBe('{"retry":1,"after":1000}');
    hasRoom = true;
    socket.send(message);
    expect(String((await once(socket, "message"))[0])).toBe('{"ack":1}');
    expect(readings).toHaveLength(1);
  });

  it("are still given for what is committed while the source stops", async () => {
    let commit: (() => void) | undefined;
    const offer = (reading: Reading): Offer => {
      commit = () => reading.settled?.("committed");
      return "accepted";
    };
    const { address, readings, end } = await listening(server({ acknowledge: true }), { offer });
    const socket = await connected(await address());
    socket.send('{"id": 1, "events": []}');
    await until(() => readings.length === 1);
    const answer = once(socket, "message");
    const closed = once(socket, "close");
    const ended = end();
    commit!();
    expect(String((await answer)[0])).toBe('{"ack":1}');
    expect((await closed)[0]).toBe(1001);
    await ended;
  });
});

describe("without room", () => {
  it("a client's connection is paused: little is held, and later everything is taken, in order", async () => {
    let hasRoom = false;
    const offer = (reading: Reading): Offer => {
      if (!hasRoom) return "full";
      queueMicrotask(() => reading.settled?.("committed"));
      return "accepted";
    };
    const { address, readings, log } = await listening(server({ max_buffered: "16MiB" }), { offer });
    const socket = await connected(await address());
    const count = 1000;
    const filler = "x".repeat(64 * 1024);
    for (let n = 0; n < count; n++) socket.send(`{"n":${n},"filler":"${filler}"}`);
    // What the kernel holds for the two of them is some megabytes; the rest of the 64 stays with the client.
    let before = -1;
    while (before !== socket.bufferedAmount) {
      before = socket.bufferedAmount;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(socket.bufferedAmount).toBeGreaterThan(32 * 1024 * 1024);
    expect(readings).toEqual([]);
    hasRoom = true;
    await until(() => readings.length === count);
    expect(readings.map((reading) => JSON.parse(textOf(reading)).n)).toEqual(
      Array.from({ length: count }, (_, n) => n),
    );
    expect(log.lines.filter(({ level }) => level === "warn")).toEqual([]);
  });

  it("messages under way are bounded in number, however small they are", async () => {
    const settles: (() => void)[] = [];
    const offer = (reading: Reading): Offer => {
      settles.push(() => reading.settled?.("committed"));
      return "accepted";
    };
    const { address, readings } = await listening(server(), { offer });
    const socket = await connected(await address());
    const count = 10_000;
    for (let n = 0; n < count; n++) socket.send("{}");
    await until(() => readings.length >= 2048);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(readings.length).toBe(2048);
    while (readings.length < count) {
      for (const settle of settles.splice(0)) settle();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  });

  it("clients that together bring more than max_buffered are cut off", async () => {
    const { address, log } = await listening(server({ max_buffered: "1MiB", max_payload: "1MiB" }), {
      offer: () => "full",
    });
    const url = await address();
    const clients = await Promise.all(Array.from({ length: 4 }, () => connected(url)));
    const closed = Promise.race(clients.map((client) => once(client, "close")));
    // Unfinished messages count as well.
    for (const client of clients) client.send("x".repeat(700 * 1024), { fin: false });
    await closed;
    await until(() => log.lines.some(({ message }) => message.includes("exceed max_buffered")));
    expect(clients.filter(({ readyState, OPEN }) => readyState === OPEN).length).toBeGreaterThan(0);
  });
});

describe("who may connect", () => {
  const auth = { tokens: ["open-sesame"], users: [{ name: "ann", password: "secret" }] };

  it("has to ask for the path, with credentials that are known, from an origin that is listed", async () => {
    const { address } = await listening(server({ path: "/in", auth, origins: ["https://console.example.org"] }));
    const url = await address();
    const bearer = { headers: { Authorization: "Bearer open-sesame" } };
    expect(url).toMatch(/\/in$/);
    expect(await refusalOf(url.replace("/in", "/out"), bearer)).toMatchObject({ status: 404 });
    expect(await refusalOf(url)).toMatchObject({ status: 401 });
    expect(await refusalOf(url, { headers: { Authorization: "Bearer open" } })).toMatchObject({ status: 401 });
    const refused = await refusalOf(url, { ...bearer, origin: "https://elsewhere.example.org" });
    expect(refused.status).toBe(403);
    expect(JSON.parse(refused.body)).toEqual({
      title: "Forbidden",
      status: 403,
      detail: 'The origin "https://elsewhere.example.org" is not allowed; "origins" lists the web pages that are.',
    });
    await connected(url, { ...bearer, origin: "https://console.example.org" });
    await connected(url, { auth: "ann:secret" });
    const plain = await fetch(url.replace("ws:", "http:"));
    expect(plain.status).toBe(426);
    expect([plain.headers.get("upgrade"), plain.headers.get("connection")]).toEqual(["websocket", "Upgrade, close"]);
  });

  it("is let in until there are as many as may be", async () => {
    const { address } = await listening(server({ max_connections: 2 }));
    const url = await address();
    const first = await connected(url);
    await connected(url);
    expect(await refusalOf(url)).toMatchObject({ status: 503 });
    first.close();
    await once(first, "close");
    await until(() => first.readyState === first.CLOSED);
    await connected(url);
  });

  it("is cut off when it does not answer pings, and sent away when it sends nothing", async () => {
    const deaf = await listening(server({ ping_interval: "20ms" }));
    const dead = await connected(await deaf.address(), { autoPong: false });
    const alive = await connected(await deaf.address());
    expect((await once(dead, "close"))[0]).toBe(1006);
    expect(alive.readyState).toBe(alive.OPEN);
    const idle = await listening(server({ idle_timeout: "50ms" }));
    expect((await once(await connected(await idle.address()), "close"))[0]).toBe(1000);
  });

  it("learns why an address cannot be listened on", async () => {
    const { address } = await listening(server());
    const taken = new URL(await address()).host;
    const second = await listening(server({ listen: taken }));
    await expect(second.ended).rejects.toThrow(`cannot listen on "${taken}": another process is listening there`);
  });
});
