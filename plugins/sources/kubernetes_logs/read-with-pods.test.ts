import { appendFile, mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished, vi } from "vitest";
import type { Reading } from "weir";
import { logRecorder, systemClock } from "weir/testing";
import { FakeApiServer, type FakePod } from "../../../test/kubernetes/fake-api-server.ts";
import { logGlobs } from "./log-paths.ts";
import { readWithPods } from "./read-with-pods.ts";

const podOf = (uid: string, app: string): FakePod => ({
  metadata: { uid, name: uid, namespace: "shop", labels: { app } },
  spec: { nodeName: "n1" },
});

/** Reads the logs of some pods until the test is over; tells each text that was read, with the label `app` of its pod. */
const start = async (url: string, wait: number, poll = 20) => {
  const root = join(await realpath(await mkdtemp(join(tmpdir(), "weir-labels-"))), "pods");
  const write = async (uid: string, text: string) => {
    await mkdir(join(root, `shop_${uid}_${uid}`, "app"), { recursive: true });
    await appendFile(join(root, `shop_${uid}_${uid}`, "app", "0.log"), `${text}\n`);
  };
  const read: string[] = [];
  const refusals: string[] = [];
  const log = logRecorder();
  const run = () => {
    const stop = new AbortController();
    const readings = readWithPods(
      {
        ...{ id: "pods", checkpoints: new Map(), descriptors: 1000, clock: systemClock, signal: stop.signal, log },
        refused: (reason) => void refusals.push(reason),
        config: { ...logGlobs(root, {}), follow: true, read_from: "beginning", order: "time", poll_interval: poll },
      },
      { node: "n1", labels: ["*"], annotations: [], server: url, tls: {}, wait, backoff: { initial: 1, max: 4 } },
    );
    const ended = (async () => {
      for await (const { bytes, origin } of readings as AsyncIterable<Reading>) {
        if (bytes.length === 0) continue;
        const { labels, node } = origin!["kubernetes"] as {
          readonly labels?: { readonly app: string };
          readonly node: { readonly name: string };
        };
        read.push(`${Buffer.from(bytes).toString().trim()} ${labels?.app} ${node.name}`);
      }
    })();
    onTestFinished(async () => {
      stop.abort();
      await ended;
      await rm(root, { recursive: true, force: true });
    });
  };
  return { write, read, refusals, log, run };
};

it("waits for the pods of the files that exist at the start, and reads them with labels", async () => {
  const server = await FakeApiServer.start();
  const { promise, resolve } = Promise.withResolvers<void>();
  server.hold = promise;
  server.put(podOf("a", "web"));
  server.put(podOf("b", "db"));
  // It is the gate that wakes the reader, and not the next look for files.
  const { write, read, run, refusals } = await start(server.url, 3_600_000, 3_600_000);
  await write("a", "one");
  await write("b", "two");
  run();
  await vi.waitFor(() => expect(server.requests).toHaveLength(1));
  await systemClock.sleep(20);
  expect(read).toEqual([]);
  resolve();
  await vi.waitFor(() => expect(read).toEqual(["one web n1", "two db n1"]));
  server.put(podOf("a", "other"));
  await vi.waitFor(() => expect(server.watches).toBe(1));
  await write("a", "three");
  await vi.waitFor(() => expect(read.at(-1)).toMatch(/^three (web|other) n1$/));
  expect(refusals).toEqual([]);
});

it("lets the lines of one unknown pod wait, and not those of others", async () => {
  const server = await FakeApiServer.start();
  server.put(podOf("a", "web"));
  const { write, read, run } = await start(server.url, 3_600_000);
  await write("a", "one");
  run();
  await vi.waitFor(() => expect(read).toEqual(["one web n1"]));
  await write("new", "two");
  await write("a", "three");
  await vi.waitFor(() => expect(read).toEqual(["one web n1", "three web n1"]));
  server.put(podOf("new", "cart"));
  await vi.waitFor(() => expect(read.at(-1)).toBe("two cart n1"));
});

it("goes on without labels after a while, counts it, and has them as soon as they are known", async () => {
  const server = await FakeApiServer.start();
  server.faults.push(...Array.from({ length: 10_000 }, () => "500" as const));
  server.put(podOf("a", "web"));
  const { write, read, run, refusals, log } = await start(server.url, 30);
  await write("a", "one");
  await write("b", "two");
  run();
  await vi.waitFor(() => expect(read.sort()).toEqual(["one undefined n1", "two undefined n1"]));
  expect(refusals.filter((reason) => reason === "unknown_pod")).toHaveLength(2);
  expect(log.lines.filter(({ message }) => message.startsWith("the API server did not name the pod"))[0]).toMatchObject(
    {
      level: "warn",
    },
  );
  server.faults.length = 0;
  await vi.waitFor(() => expect(server.watches).toBe(1));
  await write("a", "three");
  await vi.waitFor(() => expect(read.at(-1)).toBe("three web n1"));
});
