import { once } from "node:events";
import { expect, it } from "vitest";
import { delivery, flaws } from "weir/testing";
import sink from "../../plugins/sinks/websocket_server/index.ts";
import { showing } from "./at-work.ts";
import { connected, refusalOf, until } from "./support.ts";

const messagesOf = async (address: string) => {
  const socket = await connected(address);
  const messages: string[] = [];
  socket.on("message", (message) => messages.push(String(message)));
  return { socket, messages };
};

const numbered = (from: number, to: number, filler = "") =>
  Array.from({ length: to - from }, (_, index) => delivery({ n: from + index, ...(filler && { filler }) }));

it("is well formed", () => expect(flaws(sink)).toEqual([]));

it("shows each subscriber the events that its query asks for, from when it came", async () => {
  const { write, address } = await showing({ path: "/live" });
  const all = await messagesOf(address);
  const some = await messagesOf(`${address}?where=${encodeURIComponent('n >= 2 and not text:"b"')}`);
  await write([delivery({ n: 1 }), delivery({ n: 2, text: "a" }), delivery({ n: 3, text: "b" }), delivery({ n: 4 })]);
  const late = await messagesOf(address);
  await write([delivery({ n: 5 })]);
  await until(() => all.messages.length === 5 && some.messages.length === 3 && late.messages.length === 1);
  expect(all.messages[1]).toBe('{"n":2,"text":"a"}');
  expect(some.messages.map((text) => JSON.parse(text).n)).toEqual([2, 4, 5]);
  expect(late.messages).toEqual(['{"n":5}']);
});

it("refuses a query that is wrong, and says what is wrong with it", async () => {
  const { address } = await showing();
  const { status, body } = await refusalOf(`${address}?where=${encodeURIComponent("a:(b or")}`);
  expect(status).toBe(400);
  expect(JSON.parse(body).detail).toMatch(/^The query in "where" is not accepted: .*/);
});

it.each([
  [
    `${"a.".repeat(2_000)}b:x`,
    /^The query in "where" is not accepted: The path of the field has 2001 segments; at most 64/,
  ],
  [Array.from({ length: 257 }, () => "a:b").join(" or "), /more than 256 conditions, which is the limit/],
  [Array.from({ length: 17 }, () => "a*:b").join(" or "), /more than 16 conditions on patterns of fields/],
  [`a:${"x".repeat(9_000)}`, /The query has 9002 characters; at most 8192 are supported/],
])("refuses the large query %#, and says what the limit is", async (query, detail) => {
  const { address } = await showing();
  const { status, body } = await refusalOf(`${address}?where=${encodeURIComponent(query)}`);
  expect([status, JSON.parse(body).detail]).toEqual([400, expect.stringMatching(detail)]);
});

it("counts an event as missed to which a query cannot be applied in a few milliseconds", async () => {
  const { write, address } = await showing();
  const query = Array.from({ length: 256 }, (_, n) => `list:x${n}`).join(" or ");
  const heavy = await messagesOf(`${address}?where=${encodeURIComponent(query)}`);
  const light = await messagesOf(`${address}?where=${encodeURIComponent("list:y")}`);
  await write([
    delivery({ list: Array.from({ length: 10_000 }, () => "y") }),
    delivery({ list: "x7" }),
    delivery({ list: "y" }),
  ]);
  await until(() => heavy.messages.length === 2 && light.messages.length === 2);
  expect(heavy.messages).toEqual(['{"missed":1}', '{"list":"x7"}']);
});

it.each([
  ["filtre=a", 'Unknown parameter "filtre"; the parameters are: "where".'],
  ["were=a:1&where=a:2", 'Unknown parameter "were"; the parameters are: "where". Did you mean "where"?'],
  ["where=a:1&where=a:2", 'The parameter "where" occurs 2 times in the URL; give it once.'],
  [`${"x".repeat(5000)}`, `Unknown parameter "${"x".repeat(100)}"; the parameters are: "where".`],
  ["=a", 'Unknown parameter ""; the parameters are: "where".'],
])("refuses the address ?%s, and says what it may have", async (query, detail) => {
  const { address } = await showing();
  const { status, body } = await refusalOf(`${address}?${query}`);
  expect([status, JSON.parse(body).detail]).toEqual([400, detail]);
});

it("tells a slow subscriber how many it missed, where it missed them, and hurts nobody", async () => {
  const { write, address } = await showing({ queue: 100 });
  const slow = await messagesOf(address);
  const quick = await messagesOf(address);
  slow.socket.pause();
  const filler = "x".repeat(16 * 1024);
  const count = 3000;
  for (let n = 0; n < count; n += 50) {
    await write(numbered(n, n + 50, filler));
    // The quick one keeps up: a network takes a while.
    await until(() => quick.messages.length === n + 50);
  }
  expect(slow.messages).toEqual([]);
  slow.socket.resume();
  await until(() => slow.messages.some((text) => text.startsWith('{"missed"')));
  await write(numbered(count, count + 1));
  await until(() => slow.messages.at(-1) === `{"n":${count}}`);

  const got = slow.messages.map((text) => JSON.parse(text) as { n?: number; missed?: number });
  const gap = got.findIndex(({ missed }) => missed !== undefined);
  expect(got.slice(0, gap).map(({ n }) => n)).toEqual(Array.from({ length: gap }, (_, n) => n));
  expect(got[gap]!.missed).toBe(count - gap);
  expect(gap).toBeGreaterThan(100);
  expect(got.slice(gap + 1)).toEqual([{ n: count }]);
});

it("keeps a queue within its bytes", async () => {
  const { write, address } = await showing({ queue_size: "64KiB" });
  const slow = await messagesOf(address);
  slow.socket.pause();
  for (let n = 0; n < 2000; n += 50) await write(numbered(n, n + 50, "x".repeat(16 * 1024)));
  slow.socket.resume();
  await until(() => slow.messages.some((text) => text.startsWith('{"missed"')));
  const sum = slow.messages.length - 1 + JSON.parse(slow.messages.at(-1)!).missed;
  expect(sum).toBe(2000);
});

it("sends away who talks too much, forgets who left, and says goodbye", async () => {
  const { write, close, address } = await showing();
  const loud = await connected(address);
  loud.send("x".repeat(100_000));
  expect((await once(loud, "close"))[0]).toBe(1009);
  const left = await connected(address);
  left.terminate();
  const stays = await connected(address);
  await write([delivery({ n: 1 })]);
  const closed = once(stays, "close");
  await close();
  expect((await closed)[0]).toBe(1001);
});
