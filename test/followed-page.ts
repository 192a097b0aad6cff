import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse, stringify } from "yaml";

const bin = fileURLToPath(new URL("../bin/weir.js", import.meta.url));

/** A command of a page, what the page says that it prints, and what it has printed. */
export interface Followed {
  readonly command: string;
  readonly code: number;
  /** `undefined` if the page does not say. */
  readonly expected: string | undefined;
  readonly out: string;
}

/**
 * Does in a folder what a page says, from its beginning to its end: saves files, and runs commands. A YAML block has the name of
 * its file in its first line, and adds to it if that ends with "add this"; other files have their name in the text before.
 */
export const follow = async (page: string, folder: string): Promise<readonly Followed[]> => {
  const followed: Followed[] = [];
  for (const { index, 1: info, 2: text = "" } of page.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)) {
    if (info === "yaml") saveYaml(folder, text);
    else if (info === "json") save(folder, lastNamed(page.slice(0, index)), text);
    else if (info === "sh") for (const command of text.trim().split("\n")) followed.push(await run(folder, command));
    else
      for (const shown of text.split(/^\$ /m).slice(1)) {
        const [command = "", ...lines] = shown.split("\n");
        followed.push({ ...(await run(folder, command)), expected: comparable(lines.join("\n")) });
      }
  }
  return followed;
};

const saveYaml = (folder: string, text: string): void => {
  const [, name, isMore] = /^# ([^\s:]+)(: add this)?\n/.exec(text) ?? [];
  if (name === undefined) return;
  const before = isMore ? parse(readFileSync(join(folder, name), "utf8")) : undefined;
  save(folder, name, before === undefined ? text : stringify(merged(before, parse(text))));
};

const merged = (before: unknown, more: unknown): unknown => {
  if (!isMap(before) || !isMap(more)) return more;
  const added = Object.entries(more).map(([key, value]) => [key, merged(before[key], value)]);
  return { ...before, ...Object.fromEntries(added) };
};

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The name in `Save this as \`events.json\``. */
const lastNamed = (text: string): string => [...text.matchAll(/Save this as\s`([^`]+)`/g)].at(-1)?.[1] ?? "unnamed";

const save = (folder: string, name: string, text: string): void => {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
};

/** Runs a command of the page. `weir run` ends where its files end, instead of waiting for more. */
const run = (folder: string, command: string): Promise<Followed> => {
  const [, file] = /^weir run (\S+)/.exec(command) ?? [];
  if (file !== undefined) {
    const pipeline = parse(readFileSync(join(folder, file), "utf8"));
    save(folder, file, stringify(merged(pipeline, { sources: { audit: { follow: false } } })));
  }
  const script = `weir() { "$NODE" "$WEIR" "$@"; }\n${command}`;
  const env = { ...process.env, NODE: process.execPath, WEIR: bin };
  return new Promise((resolve) => {
    execFile("sh", ["-c", script], { cwd: folder, env, timeout: 30_000 }, (failure, out) =>
      resolve({ command, code: failure ? Number(failure.code) : 0, expected: undefined, out: comparable(out) }),
    );
  });
};

/** What a command prints, without what differs from one run to the next. */
const comparable = (text: string): string =>
  text
    .replace(/[\d.,]+ s, [\d,]+ events\/s/, "… s, … events/s")
    .replace(/raised \d{4}-\S+Z/, "raised …")
    .trimEnd();
