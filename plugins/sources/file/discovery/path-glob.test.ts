import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, matchesGlob } from "node:path";
import fc from "fast-check";
import { glob } from "tinyglobby";
import { expect, it } from "vitest";
import { GlobError } from "./glob-parts.ts";
import { PathGlob } from "./path-glob.ts";

const name = fc.string({ unit: fc.constantFrom("a", "b", "-", ".", "1"), minLength: 1, maxLength: 5 });
const path = fc.array(
  name.filter((name) => !/^\.+$/.test(name)),
  { minLength: 1, maxLength: 4 },
);
const part = fc.constantFrom("*", "?", "a", "b", "-", ".", "1", "[ab]", "[!a]", "[a-b1]", "{a,b-}", "{a,*b,{1,?}}");
const globName = fc.oneof(
  { weight: 1, arbitrary: fc.constant("**") },
  {
    weight: 4,
    arbitrary: fc
      .array(part, { minLength: 1, maxLength: 5 })
      .map((parts) => parts.join(""))
      // Several stars in a row, and names of dots only, mean different things to different programs.
      .filter((text) => !text.includes("**") && !/^\.*$/.test(text)),
  },
);
const pattern = fc
  .array(globName, { minLength: 1, maxLength: 4 })
  .filter((names) => names.join("").split("{").length <= 6);
const rooted = (names: readonly string[]) => `/${names.join("/")}`;

it("matches what the globs of Node match", () => {
  fc.assert(
    fc.property(pattern, path, (pattern, path) => {
      const [glob, file] = [rooted(pattern), rooted(path)];
      // Node does not let a star stand for a dot at the beginning.
      fc.pre(!path.some((name) => name.startsWith(".")));
      expect(new PathGlob(glob).matches(file), `${glob} ${file}`).toBe(matchesGlob(file, glob));
    }),
    { numRuns: process.env["WEIR_LONG"] ? 20_000 : 1_000 },
  );
});

it("has a wider pattern that matches as much, and a narrower one that matches no more", async () => {
  const directory = await realpath(await mkdtemp(join(tmpdir(), "weir-glob-")));
  const files = fc
    .sample(path, { numRuns: process.env["WEIR_LONG"] ? 300 : 75, seed: 1 })
    .map((names) => join(directory, ...names));
  for (const file of files) {
    await mkdir(dirname(file), { recursive: true }).catch(() => undefined);
    await writeFile(file, "").catch(() => undefined);
  }
  const options = { absolute: true, dot: true, expandDirectories: false };
  const all = await glob(join(directory, "**"), options);
  await fc.assert(
    fc.asyncProperty(pattern, async (pattern) => {
      const own = new PathGlob(join(directory, ...pattern));
      const matched = all.filter((file) => own.matches(file));
      expect(await glob([...own.wider], options)).toEqual(expect.arrayContaining(matched));
      if (own.narrower.length > 0)
        expect(matched).toEqual(expect.arrayContaining(await glob([...own.narrower], options)));
    }),
    { numRuns: process.env["WEIR_LONG"] ? 100 : 25 },
  );
  await rm(directory, { recursive: true });
});

it.each([
  ["/x/\\*.log", ["/x/*.log"], ["/x/a.log"]],
  ["/x/a (1)@2!.log", ["/x/a (1)@2!.log"], ["/x/a 1@2!.log"]],
  ["/x/[[:digit:]]", ["/x/7"], ["/x/a", "/x/:"]],
  ["/x/[]a]", ["/x/]", "/x/a"], ["/x/[]a]"]],
  ["/x/[a\\-c^\\d]", ["/x/a", "/x/-", "/x/^", "/x/d"], ["/x/b", "/x/\\", "/x/1"]],
  ["/x/[a", ["/x/[a"], ["/x/a"]],
  ["/x/{a}", ["/x/{a}"], ["/x/a"]],
  ["/x/*", ["/x/.hidden", "/x/a"], ["/x", "/x/a/b"]],
  ["/x/**", ["/x/a/.b/c", "/x/a"], ["/x", "/y/x"]],
])("understands %s", (glob, matching, others) => {
  const compiled = new PathGlob(glob);
  expect(matching.filter((path) => !compiled.matches(path))).toEqual([]);
  expect(others.filter((path) => compiled.matches(path))).toEqual([]);
});

it.each([
  ["!/x/a.log", "a glob cannot exclude with `!`"],
  ["/x/+(a|b)", '"+(" begins an extended glob, which weir does not know'],
  ["/x/a{1..3}", '"{1..3}" is a range'],
  ["/x/[[:vowel:]]", '"[:vowel:]" is no class of characters'],
  ["/x/[b-a]", '"[b-a]" is no class of characters'],
  [`/x/${"{a,b}".repeat(10)}`, "its braces stand for more than 1000 patterns"],
])("refuses %s", (glob, message) => {
  expect(() => new PathGlob(glob)).toThrow(GlobError);
  expect(() => new PathGlob(glob)).toThrow(message);
});

it("compares a hostile name only as often as it has characters, for each character of the glob", () => {
  const hostile = `/x/${"-a".repeat(127)}`;
  expect(new PathGlob(`/x/${"*-".repeat(120)}*.log`).matches(hostile)).toBe(false);
  expect(new PathGlob(`/x/${"*[a-z]".repeat(120)}*.log`).matches(`${hostile}.log`)).toBe(true);
  const deep = "/a/b".repeat(500);
  expect(new PathGlob(`${"/**/a/**/b".repeat(20)}/c`).matches(deep)).toBe(false);
});
