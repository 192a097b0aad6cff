import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Delivery } from "weir";
import { type Item, Oracle } from "./oracle.ts";
import { recordSpace } from "./record.ts";
import { lettersOf, type World } from "./world.ts";

/** Differences between a world and what the oracle derives from its commits; empty if there are none. */
export const differences = async (world: World, isFinished: boolean): Promise<string[]> => {
  const found: string[] = [...world.problems];
  const oracle = new Oracle(world.plan);
  for (const commit of world.commits) oracle.commit(commit);

  // Every record once, in order.
  for (const { id, keys } of world.plan.sources) {
    const read = oracle.read.get(id) ?? [];
    if (new Set(read).size !== read.length) found.push(`${id}: a record was committed twice`);
    if (isFinished && read.length !== keys.length)
      found.push(`${id}: ${read.length} of ${keys.length} records were committed`);
    const places = read.map((name) => Number(name.slice(name.indexOf("@") + 1)));
    if (places.some((place, at) => at > 0 && place < places[at - 1]!)) found.push(`${id}: not in order`);
  }
  // No window is emitted twice under one id, and no event is missing from the totals.
  found.push(...repeated(oracle.shown).map((id) => `shown twice: ${id}`));
  const rows = rowsOf(world.dataDir);
  for (const { id, kind } of world.plan.nodes) {
    if (kind !== "window" && kind !== "flood" && kind !== "gather") continue;
    const { came, late, emitted } = oracle.totals.get(id)!;
    const open = [...oracle.judges.get(id)!.rows()].reduce(
      (total, [, value]) => total + (kind === "gather" ? JSON.parse(value).numbers.length : Number(value)),
      0,
    );
    if (emitted + open !== came - (kind === "gather" ? 0 : late))
      found.push(`${id}: ${emitted} emitted and ${open} open of ${came} - ${late} events`);
  }

  const letters = await lettersOf(world.dataDir);
  const isSink = (letter: string) => letter.startsWith("out");
  found.push(...unequal("letters", letters.filter((letter) => !isSink(letter)).sort(), oracle.letters.sort()));
  found.push(...unequal("state", [...rows.state].sort(), [...oracle.rows].sort()));
  found.push(...keepers(rows.keepers, oracle));
  for (const { id } of world.plan.sinks) {
    const refused = letters.filter((letter) => letter.startsWith(`${id} `)).map((letter) => letter.split(" ").at(-2)!);
    found.push(...atSink(id, world, oracle.sinks.get(id)!, new Set(refused), isFinished));
  }
  return found;
};

const atSink = (
  id: string,
  { delivered, isTorn, plan }: World,
  wanted: readonly { readonly item: Item; readonly batch: number }[],
  refused: ReadonlySet<string>,
  isFinished: boolean,
): string[] => {
  const refuses = plan.sinks.some((sink) => sink.id === id && sink.refuses > 0);
  const got = delivered.get(id)!.map(bodyOf);
  const all = wanted.map(({ item, batch }) => ({ id: item.id, body: bodyOfItem(item), batch }));
  const places = Map.groupBy(all, ({ body }) => body);
  const has = new Set(got);
  const found = [...has].filter((body) => !places.has(body)).map((body) => `${id} got what is not due: ${body}`);
  if (isFinished) {
    const missed = all.filter(
      ({ id: name, body }) => !has.has(body) && ![...refused].some((end) => name.endsWith(end)),
    );
    found.push(...missed.map(({ body }) => `${id} missed ${body}`));
    if (!isTorn && !refuses) found.push(...unequal(id, got.toSorted(), all.map(({ body }) => body).sort()));
  }
  // What a sink refuses comes back, from the dead letter or after a crash, when later batches are there.
  if (refuses) return found.map(brief);
  const order = [...has].flatMap((body) => (places.get(body)?.length === 1 ? [places.get(body)![0]!.batch] : []));
  const at = order.findIndex((batch, index) => index > 0 && batch < order[index - 1]!);
  if (at >= 0) found.push(`${id} got batch ${order[at]} after batch ${order[at - 1]}`);
  return found.map(brief);
};

const brief = (text: string): string => text.slice(0, 500);

const bodyOf = ({ id, data, meta }: Delivery): string => `${id} ${meta.source} ${meta.ingested} ${sorted(data)}`;
const bodyOfItem = ({ id, data, source, ingested }: Item): string => `${id} ${source} ${ingested} ${sorted(data)}`;
const sorted = (data: object): string => JSON.stringify(Object.entries(data).sort(([a], [b]) => (a < b ? -1 : 1)));

const rowsOf = (dataDir: string) => {
  const database = new DatabaseSync(join(dataDir, "weir.db"), { readOnly: true });
  const state = database.prepare("SELECT component, key, value FROM state WHERE component <> ?").all(recordSpace);
  const kept = database.prepare("SELECT component, wake, mark, epoch FROM keeper").all();
  database.close();
  return {
    state: new Map(state.map((row) => [`${row["component"]}\n${row["key"]}`, String(row["value"])])),
    keepers: new Map(kept.map((row) => [String(row["component"]), row as Record<string, number | null>])),
  };
};

const keepers = (found: ReadonlyMap<string, Record<string, number | null>>, oracle: Oracle): string[] =>
  [...oracle.keepers].flatMap(([id, { mark, epoch, seen }]) => {
    const row = found.get(id);
    const saved = { mark: row?.["mark"] ?? Number.NEGATIVE_INFINITY, epoch: row?.["epoch"] ?? 0 };
    const due = oracle.judges.get(id)!.due?.();
    const wake = row?.["wake"] ?? undefined;
    return [
      ...(saved.mark === mark && saved.epoch === epoch
        ? []
        : [`${id} has mark ${saved.mark} and epoch ${saved.epoch}, not ${mark} and ${epoch}`]),
      ...(due !== undefined && (wake === undefined || wake > Math.max(due, seen))
        ? [`${id} sleeps: wake ${wake}, due ${due}`]
        : []),
    ];
  });

const repeated = (ids: readonly string[]): string[] => {
  const seen = new Set<string>();
  return ids.filter((id) => seen.has(id) || !seen.add(id));
};

const unequal = (name: string, found: readonly unknown[], wanted: readonly unknown[]): string[] => {
  const [has, wants] = [found.map(String), wanted.map(String)];
  if (JSON.stringify(has) === JSON.stringify(wants)) return [];
  const missing = without(wants, has)
    .slice(0, 5)
    .map((text) => text.slice(0, 300));
  const extra = without(has, wants)
    .slice(0, 5)
    .map((text) => text.slice(0, 300));
  return [
    `${name}: ${has.length} for ${wants.length}; missing ${JSON.stringify(missing)}, too many ${JSON.stringify(extra)}`,
  ];
};

/** As a multiset. */
const without = (list: readonly string[], other: readonly string[]): string[] => {
  const counts = new Map<string, number>();
  for (const text of other) counts.set(text, (counts.get(text) ?? 0) + 1);
  return list.filter((text) => {
    const count = counts.get(text) ?? 0;
    counts.set(text, count - 1);
    return count <= 0;
  });
};
