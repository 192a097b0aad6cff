import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { root, runWeir, temporaryFolder } from "./weir.ts";

// The same from the packed tarball, with npm: `package_alone` in .ci/run.

/** A folder in which weir and the example of a package of plugins are installed, with the tests of test/package. */
const installed = (): string => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(root, join(folder, "node_modules/weir"));
  cpSync(join(root, "examples/plugin-package"), join(folder, "node_modules/weir-plugin-acme"), { recursive: true });
  for (const name of readdirSync(join(root, "test/package")))
    cpSync(join(root, "test/package", name), join(folder, name));
  cpSync(join(root, "examples/audit-sample.log"), join(folder, "audit-sample.log"));
  return folder;
};

/** Runs test files with node:test; gives how many tests passed, and fails if one did not. */
const passed = (cwd: string, files: readonly string[], environment: Readonly<Record<string, string>> = {}): number => {
  const { VITEST: _, NODE_TEST_CONTEXT: __, ...inherited } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--test", ...files], {
    cwd,
    env: { ...inherited, ...environment },
    encoding: "utf8",
  });
  expect(status, stdout + stderr).toBe(0);
  return Number(/^. pass (\d+)$/m.exec(stdout)?.[1]);
};

it("a package of plugins passes the checks of the kit with node:test", () => {
  const folder = join(installed(), "node_modules/weir-plugin-acme");
  expect(passed(folder, ["test/plugins.test.js"])).toBe(16);
});

it("each plugin of the example is a file of less than 20 lines", () => {
  const folder = join(root, "examples/plugin-package");
  const files = readdirSync(folder).filter((name) => name.endsWith(".js"));
  expect(files).toHaveLength(5);
  for (const name of files)
    expect(readFileSync(join(folder, name), "utf8").trimEnd().split("\n").length, name).toBeLessThan(20);
});

it("the pipeline of the example names the folder that it is in, and runs", async () => {
  const ledger = join(temporaryFolder(), "ledger.txt");
  const { code, out, log } = await runWeir(["run", "examples/plugin-package/pipeline.yaml", "--temporary"], {
    environment: { LEDGER: ledger },
  });
  expect(code, JSON.stringify(log)).toBe(0);
  const entries = out.trimEnd().split("\n");
  expect(entries[3]).toBe('{"n":"3","badge":"9","entry":4}');
  const written = readFileSync(ledger, "utf8").trimEnd().split("\n");
  expect(written.map((line) => line.slice(line.indexOf(" ") + 1))).toEqual(entries);
});

const isLong = process.env["WEIR_LONG"] !== undefined;
const isLinux = process.platform === "linux";
const reason = !isLinux
  ? `it is built on Linux only, and this is ${process.platform}`
  : isLong
    ? undefined
    : "`npm run test:long` builds and runs it";
if (reason) console.log(`The single executable is not tested: ${reason}.`);

it.skipIf(reason)(
  "weir runs as a single executable, without Node, with packages and files of plugins",
  () => {
    const folder = installed();
    const built = spawnSync(process.execPath, ["scripts/package.ts", join(folder, "release")], {
      cwd: root,
      encoding: "utf8",
    });
    expect(built.status, built.stdout + built.stderr).toBe(0);
    const program = join(folder, "release/weir");
    expect(passed(folder, ["installed.test.js"], { WEIR: JSON.stringify([program]) })).toBe(8);
    // Where Node would be told to evaluate a script to end at once, the executable is called with its own argument.
    expect(spawnSync(program, ["--end-with-code", "7"]).status).toBe(7);
  },
  300_000,
);
