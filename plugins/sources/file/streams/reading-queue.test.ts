import { expect, it } from "vitest";
import { ReadingQueue } from "./reading-queue.ts";
import { Stream } from "./stream.ts";

const closedStream = (path: string, timestamp: bigint, logPath = "/app.log"): Stream => {
  const stream = new Stream(logPath, { path, device: "1", inode: path });
  stream.timestamp = timestamp;
  stream.largestSize = 100;
  stream.reader.parked = true;
  return stream;
};

it("reads an older file first that could not be found when it had its turn", () => {
  const [older, log] = [closedStream("/app.log.1", 1n), closedStream("/app.log", 2n)];
  const queue = new ReadingQueue();
  for (const stream of [older, log]) queue.add(stream);
  queue.setBacklog([older, log], false);
  expect(queue.next(10)).toEqual([older]);
  // It is compressed: until its new file is found, nothing is read of this log.
  older.reader.release();
  queue.block("/app.log");
  expect(queue.next(10)).toEqual([]);
  older.reader.parked = true;
  queue.unblock();
  expect(queue.next(10)).toEqual([older]);
  older.reader.atEnd = true;
  expect(queue.next(10)).toEqual([log]);
});

it("reads what is there at the start by path, if that is wanted", () => {
  const streams = [closedStream("/b.log", 1n), closedStream("/a.log", 2n), closedStream("/c.log", 3n)];
  const orderOf = (order: "time" | "name") => {
    const queue = new ReadingQueue();
    queue.setBacklog(streams, true, order);
    return streams.map(() => {
      const [next] = queue.next(10);
      next!.reader.atEnd = true;
      return next!.path;
    });
  };
  expect(orderOf("name")).toEqual(["/a.log", "/b.log", "/c.log"]);
  for (const { reader } of streams) reader.atEnd = false;
  expect(orderOf("time")).toEqual(["/b.log", "/a.log", "/c.log"]);
});

it("passes by what must not be read yet, at the start and later, and asks about all of it at once", () => {
  const streams = ["/a.log", "/b.log", "/c.log"].map((path, at) => closedStream(path, BigInt(at), path));
  const [a, b, c] = streams as [Stream, Stream, Stream];
  const asked = new Set<string>();
  const held = new Set(["/a.log", "/b.log", "/c.log"]);
  const queue = new ReadingQueue((path) => {
    asked.add(path);
    return held.has(path);
  });
  for (const stream of streams) queue.add(stream);
  queue.setBacklog(streams, false);
  expect([...asked]).toEqual(["/a.log", "/b.log", "/c.log"]);
  expect(queue.next(10)).toEqual([]);
  held.delete("/b.log");
  expect(queue.next(10)).toEqual([b]);
  b.reader.atEnd = true;
  expect(queue.next(10)).toEqual([]);
  held.delete("/c.log");
  held.delete("/a.log");
  expect(queue.next(10)).toEqual([a]);
  a.reader.atEnd = true;
  expect(queue.next(10)).toEqual([c]);
  held.add("/b.log");
  c.reader.atEnd = true;
  for (const stream of [b, c]) {
    stream.reader.atEnd = false;
    queue.add(stream);
  }
  expect(queue.next(10)).toEqual([c]);
});
