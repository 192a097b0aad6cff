import { expect, it } from "vitest";
import { ReadingQueue } from "./reading-queue.ts";
import { Stream } from "./stream.ts";

const closedStream = (path: string, timestamp: bigint): Stream => {
  const stream = new Stream("/app.log", { path, device: "1", inode: path });
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
