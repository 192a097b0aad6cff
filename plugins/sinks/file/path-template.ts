import { lstat, mkdir, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { type Delivery, Template, TemplateError, templatePattern } from "weir";
import { looksRotated } from "./rotated-name.ts";

export const pathPattern = `^${templatePattern()}$`;

/** A path, or one for each event, which stays below the directories that are written before the first placeholder. */
export class PathTemplate {
  readonly #template: Template;
  /** The text up to the last slash before the first placeholder. */
  readonly #head: string;
  /** What no event's path leaves; `undefined` where all events have one path. */
  readonly base: string | undefined;

  constructor(text: string) {
    this.#template = new Template(text);
    const literal = text.split("{{")[0]!;
    this.#head = literal.slice(0, literal.lastIndexOf("/") + 1);
    this.base = this.#template.fixed === undefined ? resolve(this.#head || ".") : undefined;
  }

  /** The path of all events, if they have one. */
  get fixed(): string | undefined {
    return this.#template.fixed === undefined ? undefined : resolve(this.#template.fixed);
  }

  /** Throws a TemplateError for an event that has no value for a placeholder, or one that names no file. */
  render(data: Delivery["data"]): string {
    const text = this.#template.render(data, clean);
    for (const name of text.slice(this.#head.length).split("/")) check(name);
    return resolve(text);
  }
}

/** A value is one name or a part of one: it makes no directory, and leaves none. */
const clean = (value: string): string =>
  value
    .toWellFormed()
    .replace(/[/\\\p{Cc}]/gu, "_")
    .replace(/^\.+$/, "_");

const check = (name: string): void => {
  if (name === "" || /^\.+$/.test(name)) throw new TemplateError(`"${name}" is not a name for a file or a directory`);
  if (Buffer.byteLength(name) > 200)
    throw new TemplateError(`"${name.slice(0, 40)}…" is too long for a name: it has more than 200 bytes`);
  if (looksRotated(name))
    throw new TemplateError(`"${name}" is a name for rotated files, and nothing is written to those`);
};

/** Makes the directories of `path`; below `base` not one of them may be a symbolic link that leads out of it. */
export const makeDirectories = async (path: string, base: string | undefined): Promise<void> => {
  const directory = dirname(path);
  await mkdir(base ?? directory, { recursive: true });
  if (base === undefined) return;
  const root = await realpath(base);
  let at = base;
  for (const name of relative(base, directory).split(sep).filter(Boolean)) {
    at = join(at, name);
    await mkdir(at).catch(ifThere);
    const real = await realpath(at);
    if (real !== root && !real.startsWith(root === "/" ? root : root + sep))
      throw new Error(`"${at}" leads to "${real}", out of "${base}": nothing is written there`);
  }
  const file = await lstat(path).catch(() => undefined);
  if (file?.isSymbolicLink()) throw new Error(`"${path}" is a symbolic link: nothing is written through it`);
};

/** Rejects for what is there and is not a file that can grow. */
export const checkRegular = async (path: string): Promise<void> => {
  const found = await stat(path).catch(() => undefined);
  if (found && !found.isFile())
    throw new Error(
      `"${path}" is not a regular file${found.isDirectory() ? ` but a directory; try "${join(path, `${basename(path)}.ndjson`)}"` : ""}`,
    );
};

const ifThere = (error: NodeJS.ErrnoException): void => {
  if (error.code !== "EEXIST") throw error;
};
