import { readdirSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import {
  bufferCount,
  bufferTime,
  catchError,
  count,
  debounceTime,
  delay,
  distinctUntilChanged,
  EMPTY,
  exhaustMap,
  filter,
  first,
  last,
  map,
  mergeWith,
  NEVER,
  type OperatorFunction,
  of,
  pairwise,
  pipe,
  reduce,
  type SchedulerLike,
  scan,
  skip,
  startWith,
  switchMap,
  take,
  throttleTime,
} from "rxjs";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Data, type Event, type Plugin, withData } from "weir";
import { eachBatch } from "weir/rxjs";
import { type TransformCase, transformChecks, virtualClock } from "weir/testing";
import askAgain from "../examples/rxjs/ask_again.ts";
import askInTime from "../examples/rxjs/ask_in_time.ts";
import errorsOnly from "../examples/rxjs/errors_only.ts";
import holdBack from "../examples/rxjs/hold_back.ts";
import inTurn from "../examples/rxjs/in_turn.ts";
import knownUsers from "../examples/rxjs/known_users.ts";
import longMessages from "../examples/rxjs/long_messages.ts";
import pseudonym from "../examples/rxjs/pseudonym.ts";
import shortHost from "../examples/rxjs/short_host.ts";
import splitLines from "../examples/rxjs/split_lines.ts";
import { RuleFiles } from "../src/cli/rule-files.ts";
import { loadPipeline } from "../src/config/load.ts";
import {
  inTime,
  keeping,
  lines,
  startRun,
  temporaryDir,
  topology,
  transformOf,
  unbalancedComponents,
} from "./runtime/harness.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const page = readFileSync(`${root}docs/rxjs.md`, "utf8");

/** A service of the examples: what it answers, and the paths that it was asked. */
const service = async (answer: (request: IncomingMessage, response: ServerResponse, asked: number) => void) => {
  const paths: string[] = [];
  const server = createServer((request, response) => {
    paths.push(request.url!);
    answer(request, response, paths.filter((path) => path === request.url).length);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { paths, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
};

const byUser = (a: Data, b: Data) => JSON.stringify(a).localeCompare(JSON.stringify(b));

/** Runs a plugin as a pipeline would, three records a batch and its operator checked; what comes out. */
const runExample = async (plugin: Plugin, config: object, records: readonly Data[], checkPlugins = true) => {
  const { kept, plugin: sink } = keeping();
  const source = lines(records, { perReading: 3 });
  const text = JSON.stringify({
    sources: { in: { type: source.name } },
    transforms: { it: { type: plugin.name, inputs: ["in"], ...config } },
    sinks: { out: { type: sink.name, inputs: ["it"] } },
  });
  const loaded = loadPipeline(text, {
    file: "pipeline.yaml",
    plugins: [source, plugin, sink] as Plugin[],
    rules: new RuleFiles(root),
    env: () => undefined,
    readFile: () => "",
  });
  if (!loaded.ok) throw new Error(loaded.problems.map(({ message }) => message).join("\n"));
  const { runtime, log } = await startRun(loaded.value.topology, temporaryDir(), { checkPlugins });
  expect(await runtime.ended).toEqual({ how: "finished" });
  expect(unbalancedComponents(runtime.stats())).toEqual({});
  return { out: kept.map(({ data }) => data).sort(byUser), log };
};

const check = async (plugin: Plugin, one: TransformCase): Promise<void> => {
  for (const { run } of transformChecks(plugin as never, [one])) await run();
};

/** In the kit and on a run: `config` as it is written, `decoded` as the plugin gets it. */
const expectOf = async (
  plugin: Plugin,
  {
    config = {},
    decoded = config,
    input,
    output,
  }: Record<"input" | "output", readonly Data[]> & { config?: object; decoded?: object },
) => {
  await check(plugin, { name: "the example", config: decoded as Record<string, unknown>, input, output });
  const ran = await runExample(plugin, config, input);
  expect(ran.out).toEqual(output.toSorted(byUser));
  return ran;
};

const users = ["ann", "bob", "ann", "cid", "bob"].map((user) => ({ user }));
const answered = (answer: (user: string) => string) => users.map(({ user }) => ({ user, answer: answer(user) }));

describe("the examples of docs/rxjs.md", () => {
  it("are all on the page, and are ten", () => {
    const shown = [...page.matchAll(/^```ts file=(\S+)$/gm)].map(([, file]) => file);
    const files = readdirSync(`${root}examples/rxjs`).map((file) => `examples/rxjs/${file}`);
    expect(shown.toSorted()).toEqual(files.toSorted());
    expect(files).toHaveLength(10);
  });

  it("map", async () => {
    await expectOf(shortHost, {
      input: [{ host: "a.example.org" }, { host: "b" }],
      output: [{ host: "a" }, { host: "b" }],
    });
  });

  it("filter", async () => {
    const input = ["info", "error", "error", "debug"].map((level, n) => ({ level, n }));
    await expectOf(errorsOnly, { input, output: [input[1]!, input[2]!] });
  });

  it("concatMap", async () => {
    await expectOf(splitLines, {
      input: [{ message: "one\ntwo", n: 1 }, { message: "three" }],
      output: [{ message: "one", n: 1 }, { message: "two", n: 1 }, { message: "three" }],
    });
  });

  it("mergeMap", async () => {
    const hashes = { ann: "49915e0d7d4b", bob: "81b637d8fcd2" };
    await expectOf(pseudonym, {
      input: [{ user: "ann" }, { user: "bob", n: 1 }],
      output: [{ user: hashes.ann }, { user: hashes.bob, n: 1 }],
    });
  });

  it("groupBy and mergeMap", async () => {
    const busy = new Map<string, number>();
    const { url } = await service(({ url: path }, response) => {
      const already = busy.get(path!) ?? 0;
      busy.set(path!, already + 1);
      setImmediate(() => {
        busy.set(path!, busy.get(path!)! - 1);
        response.end(already === 0 ? path!.slice(1).toUpperCase() : "two at a time");
      });
    });
    const output = answered((user) => user.toUpperCase());
    await check(inTurn as Plugin, { name: "in turn", config: { url }, input: users, output });
    // Unchecked: the check would ask beside the run.
    const { out } = await runExample(inTurn as Plugin, { url }, users, false);
    expect(out).toEqual(output.toSorted(byUser));
  });

  it("delay, on the scheduler", async () => {
    await expectOf(holdBack as Plugin, { config: { for: "20ms" }, decoded: { for: 20 }, input: users, output: users });
  });

  it("retry within mergeMap", async () => {
    const { url, paths } = await service(({ url: path }, response, asked) => {
      response.writeHead(path === "/bob" && asked === 1 ? 503 : 200).end(`hello ${path!.slice(1)}`);
    });
    await expectOf(askAgain as Plugin, { config: { url }, input: users, output: answered((user) => `hello ${user}`) });
    expect(paths).toContain("/bob");
  });

  it("timeout with catchError within mergeMap", async () => {
    const { url } = await service(({ url: path }, response) => {
      if (path !== "/bob") response.end("here");
    });
    const output = answered((user) => (user === "bob" ? "none" : "here"));
    const { out } = await runExample(askInTime as Plugin, { url, within: "1s" }, users, false);
    expect(out).toEqual(output.toSorted(byUser));
    // The kit's time flies: a limit that no answer of a real server could keep is left out.
    const [input, answers] = [users, output].map((list) => list.filter(({ user }) => user !== "bob"));
    await check(askInTime as Plugin, {
      name: "in time",
      config: { url, within: 1e12 },
      input: input!,
      output: answers!,
    });
  });

  it("share and merge", async () => {
    const { url, paths } = await service(({ url: path }, response) => {
      response.writeHead(path === "/bob" ? 404 : 200).end();
    });
    const output = users.map((data) => (data.user === "bob" ? { ...data, tags: ["unknown_user"] } : data));
    const { out } = await runExample(knownUsers as Plugin, { url }, users);
    expect(out).toEqual(output.toSorted(byUser));
    // The run itself, and four cuts of the check.
    expect(paths).toHaveLength(5 * users.length);
  });

  it("tap", async () => {
    const input = [{ message: "short" }, { message: "x".repeat(10_001) }];
    const { log } = await expectOf(longMessages as Plugin, { input, output: input });
    expect(log).toContain('it warn the message of "in/s@20" has 10001 characters');
  });
});

type Make = (scheduler: SchedulerLike) => OperatorFunction<Event, Event>;
const n = ({ data }: Event) => data["n"] as number;
const sum = (all: Event, event: Event) => withData(event, { n: n(all) + n(event) });
const fails = map((event: Event) => {
  if (n(event) === 2) throw new Error("two");
  return event;
});
/** A plugin without types can send what it likes. */
const untyped =
  (operator: OperatorFunction<never, unknown>): Make =>
  () =>
    operator as unknown as OperatorFunction<Event, Event>;
const strange = withData({ data: {}, meta: { source: "a", stream: "b", position: 0, ingested: 0, id: "made-up" } }, {});

/** Operators on events that are refused. */
const refused: Readonly<Record<string, Make>> = {
  scan: () => scan(sum),
  distinctUntilChanged: () => distinctUntilChanged((a, b) => n(a) === n(b)),
  pairwise: untyped(pairwise()),
  bufferCount: untyped(bufferCount(2)),
  bufferTime: (scheduler) => bufferTime(100, scheduler) as never,
  debounceTime: (scheduler) => debounceTime(100, scheduler),
  throttleTime: (scheduler) => throttleTime(100, scheduler),
  take: () => take(2),
  first: () => first(),
  skip: () => skip(1),
  last: () => last(),
  reduce: () => reduce(sum),
  count: untyped(count()),
  startWith: () => startWith(strange),
  switchMap: (scheduler) => switchMap((event) => of(event).pipe(delay(10, scheduler))),
  exhaustMap: (scheduler) => exhaustMap((event) => of(event).pipe(delay(10, scheduler))),
  "catchError around the whole": () =>
    pipe(
      fails,
      catchError(() => EMPTY),
    ),
  "mergeWith(NEVER)": () => mergeWith(NEVER),
};

const records = [1, 2, 2, 3, 5, 8].map((value) => ({ n: value }));

/** How a run with the operator ends; `undefined`: well, or not at all. */
const endOf = async (make: Make, checkPlugins: boolean): Promise<string | undefined> => {
  const clock = virtualClock();
  const plugin = transformOf(({ scheduler }) => eachBatch(make(scheduler), { dropped: "no_output" }), "it");
  const plan = topology({
    in: [lines(records, { perReading: 3 })],
    it: [plugin, ["in"]],
    out: [keeping().plugin, ["it"]],
  });
  const { runtime } = await startRun(plan, temporaryDir(), { checkPlugins, clock });
  const trouble = checkPlugins ? new Promise<never>(() => undefined) : clock.sleep(60_000).then(() => undefined);
  const ending = await inTime(clock, Promise.race([runtime.ended, trouble]));
  if (!ending) await inTime(clock, runtime.stop(10));
  if (ending?.how !== "failed") return undefined;
  expect(ending.component).toBe("it");
  return (ending.error as Error).message;
};

/** The rows of the page's table: the operator, what finds it, the sentence. */
const rows = [...page.matchAll(/^\| `([^`]+)`(?: around the whole)? \| (run|check) \| `(.+?)` \|/gm)];

describe("what docs/rxjs.md says is refused", () => {
  it("is an event that is missing without a reason", async () => {
    const plugin = transformOf(() => eachBatch(filter((event) => event.meta.position !== 8)));
    const plan = topology({
      in: [lines(records, { perReading: 3 })],
      it: [plugin, ["in"]],
      out: [keeping().plugin, ["it"]],
    });
    const ending = await (await startRun(plan, temporaryDir())).runtime.ended;
    const sentence = ending.how === "failed" ? (ending.error as Error).message : "";
    expect(sentence).toMatch(/^the operator lost 1 of the 3 events/);
    expect(page.replaceAll("\n", " ")).toContain(`\`${sentence}\``);
  });

  it("is every operator of this test", () => {
    expect(rows.map(([row, name]) => (row.includes("around the whole") ? `${name} around the whole` : name))).toEqual(
      Object.keys(refused),
    );
  });

  it.each(Object.keys(refused))("%s", async (name) => {
    const atRun = await endOf(refused[name]!, false);
    const message = atRun ?? (await endOf(refused[name]!, true));
    const [, , how, sentence] = rows[Object.keys(refused).indexOf(name)] ?? [];
    expect([atRun === undefined ? "check" : "run", message?.replace("--check-plugins: ", "")]).toEqual([how, sentence]);
  });
});
