/** Runs weir for a while under load, kills and outages, and checks the books: `npm run soak [-- --minutes 10]`. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Stats } from "../src/runtime/stats.ts";
import { Weir } from "../test/end-to-end/weir.ts";
import { audit } from "./soak/audit.ts";
import { origins, Sent } from "./soak/books.ts";
import { setUp } from "./soak/pipeline.ts";
import { FileReceiver, httpReceiver, socketReceiver } from "./soak/receivers.ts";
import { soakSection, withSoak } from "./soak/report.ts";
import { type Sample, sample } from "./soak/samples.ts";
import { httpSender, logSender, socketSender } from "./soak/senders.ts";

const { values } = parseArgs({ options: { minutes: { type: "string", default: "10" } } });
const minutes = Number(values.minutes);
/** For the first two fifths of the time weir is killed again and again; for the rest it runs. */
const [killing, all] = [minutes * 24, minutes * 60];
const began = performance.now();
const now = () => (performance.now() - began) / 1000;

const folder = mkdtempSync(join(tmpdir(), "weir-soak-"));
const { args, dataDir, stats: statsPath, log, out, urls, ports } = await setUp(folder);
for (const path of [log, out]) mkdirSync(dirname(path), { recursive: true });

const sent = { log: new Sent(), http: new Sent(), sockets: new Sent() } satisfies Record<
  (typeof origins)[number],
  Sent
>;
const [file, posts, messages] = [
  new FileReceiver(out),
  await httpReceiver(ports.http),
  await socketReceiver(ports.sockets),
];
const received = { file: file.received, posts: posts.received, messages: messages.received };
const counts = { kills: 0, stops: 0, outages: 0 };

/** What each receiver had acknowledged when the current life of weir began. */
const before: Record<string, number> = {};

const start = async (): Promise<Weir> => {
  for (const [name, { acknowledged }] of Object.entries(received)) before[name] = acknowledged;
  for (const from of origins) sent[from].inThisLife = 0;
  const weir = new Weir(args);
  if (!(await weir.said("running"))) throw new Error(`weir did not start: ${JSON.stringify(weir.log)}`);
  return weir;
};

const writer = logSender(log, sent.log, (n) => file.received.has("log", n));
const senders = [writer, httpSender(urls.http, sent.http), socketSender(urls.sockets, sent.sockets)];
const looking = setInterval(() => file.look(), 250);

let isOver = false;
/** One receiver after the other fails for some seconds. */
const outages = (async () => {
  for (let turn = 0; !isOver; turn++) {
    await sleep(5_000);
    if (isOver) return;
    counts.outages++;
    await (turn % 2 === 0 ? posts : messages).outage(Math.min(8_000, (all * 1000) / 20));
  }
})();

let weir = await start();
while (now() < killing) {
  await sleep(1_000 + Math.random() * Math.min(12_000, killing * 100));
  const signal = Math.random() < 0.25 ? "SIGTERM" : "SIGKILL";
  counts[signal === "SIGKILL" ? "kills" : "stops"]++;
  const { code, signal: endedBy, log: lines } = await weir.stop(signal);
  if (code !== 0 && endedBy !== "SIGKILL")
    throw new Error(`weir ended with ${code}: ${JSON.stringify(lines.slice(-5))}`);
  // What its last answers acknowledged belongs to this life, not to the next.
  await sleep(200);
  file.look();
  weir = await start();
}
const samples: Sample[] = [];
while (now() < all) {
  await sleep(2_000);
  samples.push(sample(now(), weir.child.pid!, dataDir));
}
isOver = true;
await outages;
await Promise.all(senders.map((sender) => sender.stop()));

/** Acknowledged events that have not arrived everywhere. */
const missing = () =>
  origins.flatMap((from) => Object.values(received).map((got) => sent[from].missingIn(got, from).length));
for (let waited = 0; waited < 60 && missing().some((count) => count > 0); waited++) await sleep(1_000);
// What was delivered last is committed, and counted, a moment later.
await sleep(1_000);
const asked = await new Weir(["status", "--data-dir", dataDir, "--json"]).ended;
const status = JSON.parse(asked.out) as Pick<Stats, "components">;
const { code } = await weir.stop("SIGTERM");
clearInterval(looking);
file.look();
posts.close();
messages.close();

const stats = JSON.parse(readFileSync(statsPath, "utf8")) as Stats;
const problems = audit({ sent, received, before, stats, status });
if (code !== 0) problems.push(`weir ended with ${code}`);
const section = soakSection({ minutes, ...counts, rotations: writer.rotations(), sent, received, samples, problems });
console.log(section);
const page = fileURLToPath(new URL("../docs/benchmarks.md", import.meta.url));
if (minutes >= 10) writeFileSync(page, withSoak(readFileSync(page, "utf8"), section));
if (problems.length === 0) rmSync(folder, { recursive: true, force: true });
process.exit(problems.length === 0 ? 0 : 1);
