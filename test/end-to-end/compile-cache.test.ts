import { chmodSync, existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { runWeir, temporaryFolder } from "./weir.ts";

/** Runs weir with a folder for caches, as a user has one; gives the names of what is kept there. */
const keptAfterRun = async (caches: string, environment: Readonly<Record<string, string>> = {}) => {
  const { code, out } = await runWeir(["validate", "examples/demo.yaml"], {
    // The tests have a cache of their own.
    environment: { NODE_COMPILE_CACHE: "", XDG_CACHE_HOME: caches, ...environment },
  });
  expect({ code, out }).toMatchObject({ code: 0 });
  const folder = join(caches, "weir/compiled");
  return existsSync(folder) ? readdirSync(folder, { recursive: true }) : [];
};

it("keeps compiled code in the user's folder for caches, for nobody else, and once for each file", async () => {
  const caches = temporaryFolder();
  const kept = await keptAfterRun(caches);
  expect(kept.length).toBeGreaterThan(2);
  expect(statSync(join(caches, "weir")).mode & 0o777).toBe(0o700);
  expect(await keptAfterRun(caches)).toEqual(kept);
});

it("keeps nothing in a folder that others can write, or when Node is told not to", async () => {
  const open = temporaryFolder();
  mkdirSync(join(open, "weir"));
  chmodSync(join(open, "weir"), 0o777);
  expect(await keptAfterRun(open)).toEqual([]);
  expect(await keptAfterRun(temporaryFolder(), { NODE_DISABLE_COMPILE_CACHE: "1" })).toEqual([]);
  expect(await keptAfterRun("not/absolute")).toEqual([]);
});
