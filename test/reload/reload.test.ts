import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { expectConservation } from "../end-to-end/conservation.ts";
import { freePort } from "../end-to-end/free-port.ts";
import { readLines, readStats, temporaryFolder } from "../end-to-end/weir.ts";
import { GrownLines } from "../kill/grown-lines.ts";
import { Random } from "../kill/random.ts";
import { type Generation, PipelineFiles } from "./generation.ts";
import { Load } from "./load.ts";
import { Receiver } from "./receiver.ts";
import { Schedule } from "./schedule.ts";

/** WEIR_LONG reloads more often; WEIR_SEED makes a run like an earlier one, as far as the machine's timing allows. */
const reloads = process.env["WEIR_LONG"] === undefined ? 12 : 180;
const seed = Number(process.env["WEIR_SEED"] ?? Math.floor(Math.random() * 2 ** 31));

interface Marked {
  readonly source: string;
  readonly n: number;
  readonly place: number;
  readonly generation: number;
  readonly code: number;
  readonly bucket: string;
}

it("L5: reloads under load, with bad files and kills, keep everything and lose nothing", async () => {
  const files = new PipelineFiles(temporaryFolder());
  const random = new Random(seed, 5);
  const receiver = await Receiver.start();
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  onTestFinished(() => void taken.close());
  const { port: takenPort } = taken.address() as { readonly port: number };
  const ports = [await freePort(), await freePort()];
  let load: Load | undefined;
  const schedule = new Schedule({
    files,
    random,
    load: () => load!,
    ports,
    takenPort,
    url: receiver.url,
    deadUrl: `http://127.0.0.1:${await freePort()}/`,
  });
  const grown = { log: new GrownLines(files.path("marked.ndjson")), other: new GrownLines(files.path("lived.ndjson")) };
  const arrived = { log: 0, other: 0, web: new Set<number>() };
  const look = () => {
    grown.other.read(() => arrived.other++);
    grown.log.read((line) => {
      const { source, n } = JSON.parse(line) as Marked;
      // What comes again after a kill is not further on.
      if (source === "log") arrived.log = Math.max(arrived.log, n + 1);
      else arrived.web.add(n);
    });
    return arrived;
  };
  load = new Load({ files, random, port: () => schedule.port, arrived: look });
  await schedule.start();
  while (total(schedule) < reloads && schedule.surprises.length === 0) await schedule.step();
  await load.stop();

  const { written, acknowledged } = load;
  const isThere = () => {
    const { log, other, web } = look();
    const isRead = log >= written.log && other >= written.other && acknowledged.every((n) => web.has(n));
    return isRead && receiver.taken.size >= written.log + web.size;
  };
  for (let waited = 0; !isThere() && waited < 20_000; waited += 200) await sleep(200);
  const code = await schedule.stop();
  const { counts, surprises, errors } = schedule;
  console.log(
    `seed ${seed}: ${JSON.stringify(counts)}; ${written.log + written.other} lines, ${acknowledged.length} requests`,
  );
  expect({ seed, code, surprises, errors, refused: load.refused }).toEqual({
    seed,
    code: 0,
    surprises: [],
    errors: [],
    refused: 0,
  });
  expectConservation(readStats(files.stats));

  const marked = unique(readLines(files.path("marked.ndjson")) as unknown as readonly Marked[]);
  expectEach(marked, load, receiver, counts.kill);
  expectOrder(marked, schedule.generations);
  expectAlerts(marked, files, schedule.generations);
  expectUntouched(files, counts.kill);
}, 900_000);

const total = ({ counts: { applied, unchanged, invalid, failed } }: Schedule) => applied + unchanged + invalid + failed;

/** Each place once; what is written again after a kill must be the same. */
const unique = (marked: readonly Marked[]): readonly Marked[] => {
  const byPlace = new Map<number, string>();
  for (const event of marked) {
    const body = JSON.stringify(event);
    expect(byPlace.get(event.place) ?? body).toBe(body);
    byPlace.set(event.place, body);
  }
  return [...byPlace.values()].map((body) => JSON.parse(body) as Marked);
};

/** Nothing that was read or acknowledged is lost or doubled, here and at the receiver. */
const expectEach = (marked: readonly Marked[], load: Load, receiver: Receiver, kills: number): void => {
  const found = new Set(marked.map(({ source, n }) => `${source} ${n}`));
  const wanted = [
    ...Array.from({ length: load.written.log }, (_, n) => `log ${n}`),
    ...load.acknowledged.map((n) => `web ${n}`),
  ];
  expect(wanted.filter((event) => !found.has(event)).slice(0, 5)).toEqual([]);
  expect([...found].filter((event) => !receiver.taken.has(event)).slice(0, 5)).toEqual([]);
  const lines = marked.filter(({ source }) => source === "log").map(({ n }) => n);
  expect(lines.findIndex((n, index) => n !== index)).toBe(-1);
  // A client whose answer is lost in a kill sends again; there are two.
  const requests = marked.filter(({ source }) => source === "web").map(({ n }) => n);
  expect(requests.length - new Set(requests).size).toBeLessThanOrEqual(2 * kills);
};

/** State went through every reload: the places are 0, 1, 2 …; and generations follow each other, each with its code. */
const expectOrder = (marked: readonly Marked[], generations: readonly Generation[]): void => {
  const inOrder = marked.toSorted((a, b) => a.place - b.place);
  expect(inOrder.findIndex(({ place }, index) => place !== index)).toBe(-1);
  const numbers = inOrder.map(({ generation }) => generation);
  expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  expect(inOrder.filter(({ generation, code }) => generations[generation]!.code !== code).slice(0, 5)).toEqual([]);
};

/** An event raises an alert if the rule of its generation asks for it, and only then. */
const expectAlerts = (marked: readonly Marked[], files: PipelineFiles, generations: readonly Generation[]): void => {
  const alerts = readLines(files.path("alerts.ndjson")) as unknown as readonly Marked[];
  const raised = new Set(alerts.map(({ place }) => place));
  const wanted = marked
    .filter(({ generation, bucket }) => bucket === String(generations[generation]!.bucket))
    .map(({ place }) => place);
  expect([...raised].sort((a, b) => a - b)).toEqual(wanted.sort((a, b) => a - b));
};

/** What no reload changed ran on: its numbers in memory begin again only when the process does. */
const expectUntouched = (files: PipelineFiles, kills: number): void => {
  const lived = readLines(files.path("lived.ndjson")) as unknown as readonly {
    readonly pid: number;
    readonly seen: number;
  }[];
  const beginnings = lived.filter(({ pid }, index) => pid !== lived[index - 1]?.pid);
  expect(beginnings.length).toBeLessThanOrEqual(kills + 1);
  for (const [index, { pid, seen }] of lived.entries()) {
    const before = lived[index - 1];
    if (before?.pid === pid) expect(seen).toBe(before.seen + 1);
  }
};
