/**
 * How fast records are scanned, in this process: both scanners, with the plan of the headline and with none, compared with a
 * loop of JSON.parse. `node --conditions=weir-source bench/scan.ts [FILE [ROUNDS]]`; the file is NDJSON.
 */
import { closeSync, openSync, readSync } from "node:fs";
import { plainScanner } from "../src/scan/plain-scanner.ts";
import { longestBlock, type MemberPlan, type ObjectPlan, type Scanner, type ScanPlan } from "../src/scan/plan.ts";
import { wasmScanner } from "../src/scan/wasm-scanner.ts";
import { workload } from "./support/workload.ts";

const [path = workload(300).path, rounds = "5"] = process.argv.slice(2);

const text: MemberPlan = { types: ["string"] };
const objectPlan = (members: Readonly<Record<string, MemberPlan>>, hasPaths = true): ObjectPlan => ({
  members: new Map(Object.entries(members)),
  others: "free",
  hasPaths,
});
const objectOf = (members: Readonly<Record<string, MemberPlan>>, hasPaths = true): MemberPlan => ({
  types: ["object"],
  object: objectPlan(members, hasPaths),
});

/** What `kubernetes_audit` expects of an event, and the values that the rule of the headline asks for. */
const headline: ScanPlan = {
  root: objectPlan({
    kind: text,
    apiVersion: text,
    level: text,
    auditID: { types: ["string"], isRequired: true },
    stage: text,
    requestURI: text,
    verb: { types: ["string"], isRequired: true, leaf: 0 },
    user: objectOf({ username: text, uid: text, groups: { types: ["array"] } }),
    sourceIPs: { types: ["array"] },
    userAgent: text,
    objectRef: objectOf({
      resource: { types: ["string"], leaf: 1 },
      namespace: text,
      name: text,
      uid: text,
      apiGroup: text,
      apiVersion: text,
      resourceVersion: text,
      subresource: text,
    }),
    responseStatus: { types: ["object"] },
    requestReceivedTimestamp: text,
    stageTimestamp: text,
    annotations: objectOf({}, false),
  }),
  alternatives: 1,
  leaves: [
    { absent: new Uint32Array([0]), otherTexts: new Uint32Array([0]) },
    { absent: new Uint32Array([0]), otherTexts: new Uint32Array([0]) },
  ],
};
const nothing: ScanPlan = { root: objectPlan({}, false), alternatives: 0, leaves: [] };

const ready = (scanner: Scanner): Scanner => {
  for (const verb of ["get", "list"]) scanner.learn(0, Buffer.from(`"${verb}"`), new Uint32Array([1]));
  scanner.learn(1, Buffer.from('"secrets"'), new Uint32Array([1]));
  return scanner;
};

const block = Buffer.alloc(longestBlock);

/** Reads the file in blocks of whole lines. */
const read = (take: (length: number) => void): number => {
  const file = openSync(path, "r");
  let bytes = 0;
  let kept = 0;
  for (;;) {
    const got = readSync(file, block, kept, block.length - kept, bytes);
    if (got === 0) break;
    bytes += got;
    const whole = block.subarray(0, kept + got).lastIndexOf(10) + 1;
    take(whole);
    block.copyWithin(0, whole, kept + got);
    kept += got - whole;
  }
  closeSync(file);
  return bytes;
};

const scan = (scanner: Scanner) => (): string => {
  let records = 0;
  let found = 0;
  read((length) => {
    for (let start = 0; start < length; ) {
      const scanned = scanner.lines(block, start, length);
      records += scanned.records;
      found += scanned.count;
      start = scanned.reached;
    }
  });
  return `${records} records, ${found} found`;
};

const ways: Readonly<Record<string, () => string>> = {
  "only read": () => `${read(() => undefined)} bytes`,
  "loop of JSON.parse": () => {
    let records = 0;
    read((length) => {
      for (let start = 0, end: number; start < length; start = end + 1) {
        end = block.indexOf(10, start);
        JSON.parse(block.toString("utf8", start, end));
        records++;
      }
    });
    return `${records} records`;
  },
  "WebAssembly, headline": scan(ready(wasmScanner(headline)!)),
  "plain, headline": scan(ready(plainScanner(headline))),
  "WebAssembly, only validated": scan(wasmScanner(nothing)!),
  "plain, only validated": scan(plainScanner(nothing)),
};

const best = new Map(Object.keys(ways).map((name) => [name, Number.POSITIVE_INFINITY]));
const told = new Map<string, string>();
const bytes = read(() => undefined);
for (let round = 0; round < Number(rounds); round++)
  for (const [name, run] of Object.entries(ways)) {
    const start = process.cpuUsage();
    told.set(name, run());
    const { user, system } = process.cpuUsage(start);
    best.set(name, Math.min(best.get(name)!, (user + system) / 1e6));
  }
const loop = best.get("loop of JSON.parse")!;
for (const [name, seconds] of best)
  console.log(
    `${name.padEnd(30)} ${Math.round(bytes / seconds / 1e6)} MB/s  ${(loop / seconds).toFixed(2)} of the loop  ${told.get(name)}`,
  );
