import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { ModuleFlaw } from "../config/plugin-list.ts";
import { isExecutable } from "../shipped.ts";
import type { Entry } from "./entry.ts";
import { lastLoaded } from "./hooks.ts";

/** Why a module could not be imported: the package is missing, or its own code fails, and where. */
export const describeFailure = (error: unknown, entry: Entry, folder: string): ModuleFlaw => {
  const { name } = entry;
  if (!(error instanceof Error)) return { message: `"${name}" failed while it was loaded: ${String(error)}` };
  const { code } = error as NodeJS.ErrnoException;
  const missing = /^Cannot find package '(.+?)' imported from /.exec(error.message)?.[1];
  if (code === "ERR_MODULE_NOT_FOUND" && entry.isPackage && missing === name)
    return { message: `the package "${name}" is not installed`, hint: installing(name, folder) };
  if (code === "ERR_MODULE_NOT_FOUND" && missing)
    return {
      message: `"${name}" needs the package "${missing}", which is not installed`,
      hint: `Run \`npm i ${missing}\`.`,
    };
  if (code === "ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING")
    return {
      message: `the package "${name}" consists of TypeScript, which Node does not load from node_modules`,
      hint: "Publish JavaScript, or name the path of a file outside of node_modules.",
    };
  if (code === "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX")
    return {
      message: `"${name}" cannot be loaded: ${sentence(error.message)}${placeOf(error)}`,
      hint: "Use only types that can be erased: no enum, no namespace, no parameter property.",
    };
  return { message: `"${name}" failed while it was loaded: ${sentence(error.message)}${placeOf(error)}` };
};

/** A folder or a file of that name may be meant. */
const installing = (name: string, folder: string): string => {
  const meant = [name, `${name}.ts`, `${name}.js`].find((each) => existsSync(join(folder, each)));
  const path = meant ? ` If you mean the path, write ./${meant}.` : "";
  return `Run \`npm i ${name}\`${inFolder(folder)}.${path}`;
};

const inFolder = (folder: string): string => {
  const short = relative(process.cwd(), folder);
  return short === "" ? "" : ` in "${short.startsWith("..") ? folder : short}"`;
};

const sentence = (message: string): string => (message.split("\n")[0] ?? "").replace(/\.$/, "");

/** Where in the plugin's code it went wrong, if that can be found. */
const placeOf = (error: Error): string => {
  const stack = (error.stack ?? "").replace(/\?weir=\d+/g, "");
  const [, path, line] = fileAndLine.exec(stack) ?? [];
  if (path) return ` (${path}:${line})`;
  const [, frame] =
    stack
      .split("\n")
      .flatMap((line) => (isOfWeir(line) ? [] : [frameIn.exec(line)]))
      .find(Boolean) ?? [];
  if (frame) return ` (${pathOf(frame)})`;
  return error instanceof SyntaxError ? placeOfSyntax() : "";
};

/** A line of a stack with a file: a URL or, in CommonJS, a path. */
const frameIn = /^ +at (?:.*[ (])?((?:file:\/\/)?\/[^():]+:\d+):\d+\)?$/;
const ofWeir = join(import.meta.dirname, "..");
const isOfWeir = (line: string): boolean => line.includes(`${ofWeir}/`);

const fileAndLine = /^(?:file:\/\/)?(\/.*):(\d+)$/m;

const pathOf = (place: string): string => {
  const [, url = place, line = ""] = /^(.*?)(:\d+)$/.exec(place) ?? [];
  return `${url.startsWith("file:") ? fileURLToPath(url) : url}${line}`;
};

/** V8 does not say where a module's syntax is wrong; Node says it when it checks the file. */
const placeOfSyntax = (): string => {
  const url = lastLoaded();
  if (!url.startsWith("file:")) return "";
  const path = fileURLToPath(url);
  if (isExecutable) return ` (${path})`;
  const { stderr } = spawnSync(process.execPath, ["--check", path], { encoding: "utf8", timeout: 10_000 });
  const line = fileAndLine.exec(stderr)?.[2];
  return ` (${path}${line ? `:${line}` : ""})`;
};
