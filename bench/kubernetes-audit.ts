/** The cost of turning one parsed audit event into its ECS document, without the JSON.parse before it. */

import { auditEvent } from "../plugins/sources/demo/generate.ts";
import { toDocument } from "../plugins/transforms/kubernetes_audit/document.ts";
import { unwrap } from "../plugins/transforms/kubernetes_audit/unwrap.ts";

const count = 20_000;
const all = Array.from({ length: 2 * count }, (_, index) => auditEvent(index, 1));
/** The level that most clusters use for most events: no bodies. */
const lines = all.filter((line) => line.includes('"level":"Metadata"')).slice(0, count);
const parsed = lines.map((line) => JSON.parse(line));
const tools = { parseJson: JSON.parse, hash: (text: string) => text, gunzip: (text: string) => text };

const measure = (name: string, step: (index: number) => unknown): void => {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 12; round++) {
    const start = process.hrtime.bigint();
    for (let index = 0; index < count; index++) step(index);
    best = Math.min(best, Number(process.hrtime.bigint() - start) / count);
  }
  console.log(`${name.padEnd(28)} ${best.toFixed(0).padStart(6)} ns/event`);
};

console.log(
  `${count} events at level Metadata of ${Math.round(lines.join("").length / count)} bytes on average, best of 12 rounds`,
);
measure("JSON.parse", (index) => JSON.parse(lines[index]!));
measure("unwrap, bare", (index) => unwrap(parsed[index], tools));
measure("document", (index) => toDocument(parsed[index], {}, 1_700_000_000_000));
measure("unwrap + document, of a line", (index) => {
  const [item] = unwrap({ message: lines[index]! }, tools);
  return item && "audit" in item && toDocument(item.audit, item.context, 1_700_000_000_000);
});
