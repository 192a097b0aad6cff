import { constants } from "node:fs";
import { access, lstat, mkdir, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import type { Delivery } from "weir";
import { Template, TemplateError, templatePattern } from "weir/fields";
import { PathError } from "./path-error.ts";
import { looksRotated } from "./rotated-name.ts";

export const pathPattern = `^${templatePattern()}$`;

/** A path that may depend on the event. It stays below the directory that precedes the first placeholder. */
export class PathTemplate {
  readonly #template: Template;
  /** The text up to the last slash before the first placeholder. */
  readonly #head: string;
  /** The directory that contains the path of every event; `undefined` if all events have the same path. */
  readonly base: string | undefined;

  constructor(text: string) {
    this.#template = new Template(text);
    const literal = text.split("{{")[0]!;
    this.#head = literal.slice(0, literal.lastIndexOf("/") + 1);
    this.base = this.#template.fixed === undefined ? resolve(this.#head || ".") : undefined;
  }

  /** The path, if it is the same for all events. */
  get fixed(): string | undefined {
    return this.#template.fixed === undefined ? undefined : resolve(this.#template.fixed);
  }

  /** Throws a TemplateError if the event has no value for a placeholder, or one that cannot be part of a file name. */
  render(data: Delivery["data"], meta?: Delivery["meta"]): string {
    const text = this.#template.render(data, clean, meta);
    for (const name of text.slice(this.#head.length).split("/")) check(name);
    return resolve(text);
  }
}

/** Makes a value part of a single name, so that it can neither add a directory nor leave one. */
const clean = (value: string): string =>
  value
    .toWellFormed()
    .replace(/[/\\\p{Cc}]/gu, "_")
    .replace(/^\.+$/, "_");

const check = (name: string): void => {
  if (name === "" || /^\.+$/.test(name)) throw new TemplateError(`"${name}" cannot be the name of a file or directory`);
  if (Buffer.byteLength(name) > 200)
    throw new TemplateError(`"${name.slice(0, 40)}…" is too long for a file name: the limit is 200 bytes`);
  if (looksRotated(name))
    throw new TemplateError(
      `"${name}" has the form of a rotated file's name, and rotation could remove it. Use another path template`,
    );
};

/** Creates the directories of `path`. Rejects if a symbolic link below `base` leads out of it. */
export const makeDirectories = async (path: string, base: string | undefined): Promise<void> => {
  const directory = dirname(path);
  await mkdir(base ?? directory, { recursive: true });
  if (base === undefined) return;
  const root = await realpath(base);
  let at = base;
  for (const name of relative(base, directory).split(sep).filter(Boolean)) {
    at = join(at, name);
    await mkdir(at).catch(ignoreExisting);
    const real = await realpath(at);
    if (real !== root && !real.startsWith(root === "/" ? root : root + sep))
      throw new PathError(
        `"${at}" is a symbolic link to "${real}", outside "${base}". Event values must not lead out of that directory`,
      );
  }
  const file = await lstat(path).catch(() => undefined);
  if (file?.isSymbolicLink())
    throw new PathError(`"${path}" is a symbolic link. weir does not write through links if the path has placeholders`);
};

/** Creates the directory of all paths. Rejects if it cannot hold files. */
export const checkBase = async (base: string): Promise<void> => {
  await mkdir(base, { recursive: true });
  await access(base, constants.W_OK | constants.X_OK);
};

/** Rejects if the path exists and is not a regular file. */
export const checkRegular = async (path: string): Promise<void> => {
  const found = await stat(path).catch(() => undefined);
  if (found && !found.isFile())
    throw new PathError(
      `"${path}" is not a regular file${found.isDirectory() ? ` but a directory. Try "${join(path, `${basename(path)}.ndjson`)}"` : ""}`,
    );
};

const ignoreExisting = (error: NodeJS.ErrnoException): void => {
  if (error.code !== "EEXIST") throw error;
};
