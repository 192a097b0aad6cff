import { expect, it } from "vitest";
import { defineSource, type Reading } from "weir";
import { openStopped } from "../../src/control/stopped.ts";
import { keeping, startRun, temporaryDir, topology, until } from "./harness.ts";

const path = "/var/log/pods/shop_web_u1/app/0.log";
const labelled = (app: string) => ({ kubernetes: { labels: { app }, pod: { ip: "10.0.0.1" } } });

/** A source that sends these readings of one stream. */
const sending = (readings: readonly Omit<Reading, "stream" | "position">[]) =>
  defineSource({
    name: "sending",
    summary: "Sends given readings.",
    options: {},
    decoding: { codec: "json" },
    async *read({ signal }) {
      let position = 0;
      for (const reading of readings) {
        yield { stream: "s", position, path, ...reading };
        position += reading.bytes.length;
      }
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    },
  });

/** The events of these readings by their ids, with what is known of their pods; and the same of the dead letters. */
const run = async (readings: Parameters<typeof sending>[0], wanted: number) => {
  const found = new Map<string, unknown>();
  const { plugin } = keeping((events) => {
    for (const { id, meta } of events) found.set(id, meta.origin?.["kubernetes"]);
  });
  const dataDir = temporaryDir();
  const { runtime } = await startRun(topology({ in: [sending(readings)], out: [plugin, ["in"]] }), dataDir);
  await until(() => found.size >= wanted);
  await runtime.stop(5000);
  const letters: unknown[] = [];
  const stopped = openStopped(dataDir);
  for await (const { head } of stopped.letters({})) letters.push(head.origin);
  stopped.close();
  return { found, letters };
};

it("is what the path and the latest reading say, and changes no id", async () => {
  const pod = { namespace: "shop", pod: { name: "web", uid: "u1" }, container: { name: "app" } };
  const full = (app: string) => ({ ...pod, labels: { app }, pod: { ...pod.pod, ip: "10.0.0.1" } });
  const { found } = await run(
    [
      { bytes: Buffer.from("{}\n") },
      { bytes: Buffer.from("{}\n{"), origin: labelled("a") },
      { bytes: Buffer.from("}\n{}\n"), origin: labelled("b") },
      { bytes: Buffer.from("{}\n") },
    ],
    5,
  );
  expect([...found]).toEqual([
    ["in/s@0", pod],
    ["in/s@3", full("a")],
    ["in/s@6", full("b")],
    ["in/s@9", full("b")],
    ["in/s@12", full("b")],
  ]);
});

it("is in the dead letters of each batch", async () => {
  const lines = Array.from({ length: 300 }, (_, n) => (n === 10 || n === 299 ? "no JSON\n" : "{}\n"));
  const { letters } = await run([{ bytes: Buffer.from(lines.join("")), origin: labelled("a") }], 298);
  const origin = {
    log: { file: { path } },
    kubernetes: {
      ...{ namespace: "shop", container: { name: "app" }, labels: { app: "a" } },
      pod: { name: "web", uid: "u1", ip: "10.0.0.1" },
    },
  };
  expect(letters).toEqual([origin, origin]);
});
