// The package weir and a package of plugins, installed in an empty folder: the commands that a person would type there.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

// How weir is called: the program and its first arguments, as JSON. By default the package in this folder.
const [program, ...first] = JSON.parse(
  process.env.WEIR ?? JSON.stringify([process.execPath, "node_modules/weir/bin/weir.js"]),
);
// Without Node on the PATH.
const env = { TMPDIR: tmpdir(), LEDGER: "ledger.txt" };
const weir = (...args) => {
  const { status, stdout, stderr, error } = spawnSync(program, [...first, ...args], { env, encoding: "utf8" });
  assert.equal(error, undefined);
  return { status, out: stdout, error: stderr };
};
const folder = mkdtempSync(join(tmpdir(), "weir-installed-"));
after(() => rmSync(folder, { recursive: true }));

const pipeline = (count, every) => `
plugins: [weir-plugin-acme]
sources: { door: { type: acme/badges, codec: acme/pairs, origin: never, count: ${count}, every: ${every} } }
transforms: { entries: { type: acme/first_entry, inputs: [door] } }
sinks:
  ledger: { type: acme/ledger, inputs: [entries], path: ${JSON.stringify(join(folder, "ledger.txt"))} }
  all: { type: acme/ledger, inputs: [door], path: ${JSON.stringify(join(folder, "all.txt"))} }
`;

it("raises the alerts of the demo, from any folder", () => {
  const { status, out, error } = weir("demo");
  assert.equal(status, 0, error);
  assert.equal(out.split("\n").filter((line) => line.startsWith("▲")).length, 8);
});

it("prints the ready pipelines, which are valid and run", async () => {
  const { status, out } = weir("pipelines", "show", "kubernetes-secret-access");
  assert.equal(status, 0);
  writeFileSync("own.yaml", out);
  assert.match(weir("validate", "own.yaml").out, /own.yaml: no errors · 5 components/);
  const alerts = join(folder, "alerts.ndjson");
  const log = join(folder, "audit.log");
  writeFileSync(log, readFileSync("audit-sample.log"));
  const run = spawn(program, [...first, "run", "own.yaml", "--data-dir", join(folder, "headline")], {
    env: { ...env, AUDIT_LOG: log, ALERTS: alerts },
    stdio: "ignore",
  });
  while (linesOf(alerts).length < 8 && run.exitCode === null) await sleep(10);
  run.kill("SIGTERM");
  assert.deepEqual(await once(run, "exit"), [0, null]);
  assert.equal(linesOf(alerts).length, 8);
});

it("knows the plugins of the package", () => {
  writeFileSync("acme.yaml", pipeline(3, "0s"));
  assert.match(weir("validate", "acme.yaml").out, /acme.yaml: no errors · 4 components/);
  const { out: list } = weir("list", "acme.yaml");
  const { out: schema } = weir("schema", "acme.yaml");
  for (const name of ["acme/badges", "acme/first_entry", "acme/ledger", "acme/pairs"]) {
    assert.ok(list.includes(name), list);
    assert.ok(schema.includes(`"${name}"`), name);
    assert.match(weir("show", name, "acme.yaml").out, new RegExp(`^# ${name}\n`));
  }
});

it("loads a plugin from a path, in TypeScript", () => {
  cpSync("shout.ts", join(folder, "shout.ts"));
  const text = `{ plugins: [./shout.ts], sources: { in: { type: file, include: [${join(folder, "in.txt")}], follow: false } },
    transforms: { loud: { type: shout, inputs: [in] } }, sinks: { out: { type: console, inputs: [loud] } } }`;
  writeFileSync(join(folder, "shout.yaml"), text);
  writeFileSync(join(folder, "in.txt"), "hello\n");
  const { status, out, error } = weir("run", join(folder, "shout.yaml"), "--temporary");
  assert.equal(status, 0, error);
  assert.equal(JSON.parse(out).message, "HELLO");
  assert.doesNotMatch(error, /Warning/);
});

it("runs the changed code of a plugin after a reload", async () => {
  const path = (name) => join(folder, name);
  const plugin = (version) => `import { defineTransform, withData } from "weir";
    export const mark = defineTransform({ name: "mark", summary: "Marks.", options: {},
      each: () => (event) => withData(event, { ...event.data, version: ${version} }) });`;
  const versions = () => linesOf(path("marked.ndjson")).map((line) => JSON.parse(line).version);
  const until = async (count) => {
    while (versions().length < count && run.exitCode === null) await sleep(10);
  };
  writeFileSync(path("mark.ts"), plugin(1));
  writeFileSync(path("grows.log"), "one\n");
  writeFileSync(
    path("mark.yaml"),
    `{ plugins: [./mark.ts], sources: { in: { type: file, include: [${path("grows.log")}] } },
       transforms: { marked: { type: mark, inputs: [in] } },
       sinks: { out: { type: file, inputs: [marked], path: ${path("marked.ndjson")} } } }`,
  );
  const dataDir = path("reloaded");
  const run = spawn(program, [...first, "run", path("mark.yaml"), "--data-dir", dataDir], { env, stdio: "ignore" });
  await until(1);
  writeFileSync(path("mark.ts"), plugin(2));
  const { status, out, error } = weir("reload", "--data-dir", dataDir);
  assert.equal(status, 0, out + error);
  appendFileSync(path("grows.log"), "two\n");
  await until(2);
  run.kill("SIGTERM");
  assert.deepEqual(await once(run, "exit"), [0, null]);
  assert.deepEqual(versions(), [1, 2]);
});

it("says where a plugin is broken", () => {
  writeFileSync(join(folder, "broken.ts"), "export const x = ;\n");
  writeFileSync(join(folder, "broken.yaml"), "{ plugins: [./broken.ts], sources: {}, sinks: {} }");
  const { status, error } = weir("validate", join(folder, "broken.yaml"));
  assert.equal(status, 78);
  assert.ok(error.includes(join(folder, "broken.ts")), error);
});

it("shows the plugins of the package in a run: in tap and in top", async () => {
  writeFileSync(
    "seen.yaml",
    pipeline(100_000, "2ms").replaceAll("ledger.txt", "seen.txt").replaceAll("all.txt", "every.txt"),
  );
  const dataDir = join(folder, "seen");
  const run = spawn(program, [...first, "run", "seen.yaml", "--data-dir", dataDir], { env, stdio: "ignore" });
  const exit = once(run, "exit");
  while (linesOf(join(folder, "every.txt")).length === 0 && run.exitCode === null) await sleep(10);
  const tapped = weir("tap", "door", "--limit", "1", "--data-dir", dataDir);
  const top = weir("top", "--once", "--interval", "200ms", "--data-dir", dataDir);
  run.kill("SIGTERM");
  assert.deepEqual(await exit, [0, null]);
  assert.deepEqual(Object.keys(JSON.parse(tapped.out).data), ["n", "badge"], tapped.error);
  for (const id of ["door", "entries", "ledger"]) assert.match(top.out, new RegExp(`^${id} .* \\d`, "m"));
});

it("loses and invents nothing when it is killed again and again", async () => {
  const count = 400;
  writeFileSync("killed.yaml", pipeline(count, "1ms"));
  const args = [...first, "run", "killed.yaml", "--data-dir", join(folder, "killed")];
  let [kills, code] = [0, null];
  while (code === null) {
    const before = linesOf(join(folder, "all.txt")).length;
    const run = spawn(program, args, { env, stdio: "ignore" });
    const exit = once(run, "exit");
    // Far enough to have written something, three times; then to the end.
    while (kills < 3 && run.exitCode === null && linesOf(join(folder, "all.txt")).length < before + 50) await sleep(2);
    if (kills < 3 && run.kill("SIGKILL")) kills++;
    [code] = await exit;
  }
  assert.deepEqual({ kills, code }, { kills: 3, code: 0 });
  const expected = Array.from({ length: count }, (_, n) => ({ n: String(n), badge: String((n * n) % 17) }));
  assert.deepEqual(onceEach("all.txt"), expected);
  const firstOfEach = expected.filter(({ badge }, n) => expected.findIndex((other) => other.badge === badge) === n);
  assert.deepEqual(
    onceEach("ledger.txt"),
    firstOfEach.map((data, index) => ({ ...data, entry: index + 1 })),
  );
});

/** The events of a ledger in the order in which they first came; the same id always comes with the same event. */
const onceEach = (name) => {
  const seen = new Map();
  for (const line of linesOf(join(folder, name))) {
    const [, id, json] = /^(\S+) (.*)$/.exec(line);
    assert.equal(seen.get(id) ?? json, json, id);
    seen.set(id, json);
  }
  return [...seen.values()].map((json) => JSON.parse(json));
};

const linesOf = (path) => (existsSync(path) ? readFileSync(path, "utf8").split("\n").slice(0, -1) : []);
