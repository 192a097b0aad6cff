import { createServer, type Socket } from "node:net";
import { expect, it } from "vitest";
import type { Plugin } from "weir";
import { Template } from "weir/fields";
import { delivery, flaws, openSink } from "weir/testing";
import sink from "./index.ts";
import { judge, judgeProduce } from "./judge.ts";
import { Records } from "./records.ts";

it("is well formed", () => {
  expect(flaws(sink as Plugin)).toEqual([]);
});

const config = {
  topic: "logs.{{ set:-generic }}",
  key: new Template("{{ host.name:-none }}"),
  headers: { team: new Template("{{ team:-all }}") },
  id_header: "id",
};

it("makes records of events", () => {
  const { topic, key, value, headers, timestamp } = new Records(config).of(
    delivery({ set: "web", host: { name: "a" }, n: 1 }, "in/x@7"),
  );
  expect([topic, key?.toString(), value.toString()]).toEqual([
    "logs.web",
    "a",
    '{"set":"web","host":{"name":"a"},"n":1}',
  ]);
  expect([...headers].map(([name, text]) => `${name}=${text}`)).toEqual(["id=in/x@7", "team=all"]);
  expect(timestamp).toBe(BigInt(Date.UTC(2026, 0, 1)));
  expect(new Records(config).of(delivery({ n: 1 }))).toMatchObject({ topic: "logs.generic", key: Buffer.from("none") });
});

it.each(["a/b", "ä", "x".repeat(250), "a b"])("the value %s makes no topic", (set) => {
  expect(() => new Records(config).of(delivery({ set }))).toThrow("cannot be the name of a topic");
});

const named = (apiId: string, path?: string) => Object.assign(new Error("it says no."), { apiId, path });

it("tells what is refused for good from what is tried again", () => {
  expect(judge(named("MESSAGE_TOO_LARGE"))).toEqual({ kind: "refused", message: "it says no (MESSAGE_TOO_LARGE)" });
  expect(judge(new AggregateError([named("INVALID_TOPIC_EXCEPTION")])).kind).toBe("refused");
  for (const one of [named("TOPIC_AUTHORIZATION_FAILED"), new Error("Unknown topic a.")])
    expect(judge(one)).toMatchObject({ kind: "again", isAboutTopic: true });
  expect(judge(named("NOT_LEADER_OR_FOLLOWER"))).toMatchObject({ isAboutTopic: false });
  for (const other of [named("NOT_LEADER_OR_FOLLOWER"), named("TOPIC_AUTHORIZATION_FAILED"), new Error("?"), "?"])
    expect(judge(other).kind).toBe("again");
});

it("reads what became of each partition", () => {
  const partitionResponses = [
    { index: 0, errorCode: 10 },
    { index: 1, errorCode: 0 },
    { index: 2, errorCode: 6 },
  ];
  const errors = [
    named("MESSAGE_TOO_LARGE", "/responses/0/partition_responses/0"),
    named("NOT_LEADER_OR_FOLLOWER", "/responses/0/partition_responses/2"),
  ];
  const answer = Object.assign(new AggregateError(errors), {
    response: { responses: [{ name: "t", partitionResponses }] },
  });
  const whole = Object.assign(new AggregateError([answer, new Error("no route")]), {
    produced: { offsets: [{ topic: "t", partition: 5, offset: 1n }] },
  });
  const verdictOf = judgeProduce(whole, "t");
  expect([0, 1, 2, 3, 5].map((partition) => verdictOf(partition).kind)).toEqual([
    "refused",
    "delivered",
    "again",
    "again",
    "delivered",
  ]);
});

it("rejects in a sentence when nothing listens, and when nothing answers in time", async () => {
  // The package leaves a connection open whose broker has not answered yet.
  const sockets: Socket[] = [];
  const silent = createServer((socket) => void sockets.push(socket.on("error", () => undefined))).listen(
    0,
    "127.0.0.1",
  );
  await new Promise((resolve) => silent.once("listening", resolve));
  const { port } = silent.address() as { port: number };
  const open = (brokers: readonly string[]) =>
    openSink(sink, { config: { ...config, brokers, compression: "none", tls: {} } });
  const late = await open([`127.0.0.1:${port}`]);
  await expect(late.write([delivery({ n: 1 })], AbortSignal.timeout(300))).rejects.toThrow(
    "no broker answered in time",
  );
  await late.close();
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => silent.close(resolve));
  const refused = await open([`127.0.0.1:${port}`]);
  await expect(refused.write([delivery({ n: 1 })])).rejects.toThrow("nothing is listening there (ECONNREFUSED)");
  await refused.close();
});
