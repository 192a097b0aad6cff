import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { pipelineFile, startWeir, temporaryFolder } from "../end-to-end/weir.ts";
import { readDeadLetters } from "./dead-letters.ts";
import { GrownLines } from "./grown-lines.ts";
import { Random } from "./random.ts";

const isLong = process.env["WEIR_LONG"] !== undefined;
const seed = Number(process.env["WEIR_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const [megabytes, kills] = isLong ? [400, 40] : [60, 3];

const pad = "x".repeat(900);
/** One line in a thousand is wanted, and one in a thousand is no JSON. */
const lineOf = (number: number): string =>
  number % 1_000 === 500
    ? `broken ${number}\n`
    : `{"verb":"${number % 1_000 === 0 ? "delete" : "get"}","number":${number},"agent":"client ${number % 700}","pad":"${pad}"}\n`;

it(`L1: with --workers, no wanted line and no letter is missing, however often weir is killed (seed ${seed})`, async () => {
  const random = new Random(seed);
  const folder = temporaryFolder();
  const [log, out, dataDir] = [join(folder, "log.ndjson"), join(folder, "out.ndjson"), join(folder, "data")];
  writeFileSync(log, "");
  let count = 0;
  for (let written = 0; written < megabytes; written++) {
    const lines: string[] = [];
    for (let some = 0; some < 1_000; some++) lines.push(lineOf(count++));
    appendFileSync(log, lines.join(""));
  }
  const file = pipelineFile(folder, {
    sources: { in: { type: "file", include: [log], codec: "json", poll_interval: "50ms" } },
    transforms: {
      // Agents have to be learned.
      some: { type: "filter", inputs: ["in"], where: "verb:delete or agent:*curl*" },
    },
    sinks: { out: { type: "file", inputs: ["some"], path: out } },
  });
  const args = ["run", file, "--data-dir", dataDir, "--workers", "2"];
  const written = new GrownLines(out);
  const found = new Set<number>();
  const look = () => written.read((line) => found.add((JSON.parse(line) as { number: number }).number));
  const wanted = Array.from({ length: count }, (_, number) => number).filter((number) => number % 1_000 === 0);
  let interrupted = 0;
  for (let life = 0; life < kills && found.size < wanted.length; life++) {
    const weir = startWeir(args);
    await weir.said("running");
    const before = found.size;
    for (let waited = 0; found.size === before && found.size < wanted.length && waited < 5_000; waited += 2) {
      await sleep(2);
      look();
    }
    await sleep(random.between(0, 40));
    await weir.stop(random.chance(0.8) ? "SIGKILL" : "SIGTERM");
    look();
    if (found.size < wanted.length) interrupted++;
  }
  const weir = startWeir(args);
  for (let waited = 0; waited < 120_000 && found.size < wanted.length; waited += 50) {
    await sleep(50);
    look();
  }
  const { code, log: said } = await weir.stop("SIGTERM");
  const troubles = said.filter(({ level, msg }) => level === "error" || msg.includes("--workers"));
  expect({ code, troubles }).toEqual({ code: 0, troubles: [] });
  expect(interrupted).toBeGreaterThan(0);
  look();
  expect([...found].sort((a, b) => a - b)).toEqual(wanted);
  const letters = new Set((await readDeadLetters(dataDir)).map(({ head }) => head.position));
  expect(letters.size).toBe(wanted.length);
}, 300_000);
