import type { Schema } from "../option/option.ts";

/** What comes before the host of a URL: up to the last `@`, since a password may contain characters that end a host. */
const userPattern = /^([a-z][a-z0-9+.-]*:\/\/)((?:[^/?#@[]*:(?![0-9]*(?:[/?#]|$)).*|[^/?#]*)(?=@))/is;

/** Without an `@`, the pattern would look for one from every colon. */
const hasUser = (text: string): boolean => text.includes("@");

/** The user and password of a URL, if it has any. */
export const userIn = (text: string): string | undefined => (hasUser(text) ? userPattern.exec(text)?.[2] : undefined);

/** A text for messages: a URL loses its user and password. */
export const withoutUser = (text: string): string => (hasUser(text) ? text.replace(userPattern, "$1…") : text);

/** Whether a text option accepts a text. */
export const takes = ({ pattern }: Schema, text: string): boolean =>
  pattern === undefined || new RegExp(String(pattern), "u").test(text);

/** What is wrong with a URL that its option does not accept, if that is clear; the option's pattern says which schemes it accepts. */
export const urlHint = (text: string, { pattern, kind }: Schema): string | undefined => {
  const name = /^\^(http|ws)s\?:\/\//.exec(String(pattern))?.[1];
  if (name === undefined) return undefined;
  const [, scheme] = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text) ?? [];
  const wanted = `${name}:// or ${name}s://`;
  if (scheme === undefined) return `It must begin with ${wanted}.`;
  if (scheme !== name && scheme !== `${name}s`) return `It must begin with ${wanted}, not ${scheme}://.`;
  if (userIn(text) !== undefined)
    return kind === "secret" ? "It cannot contain a user and password." : 'User and password go under "auth".';
  const literal = text.replace(/\{\{[^{}]*\}\}/g, "");
  if (literal.includes("#")) return 'The part from "#" on is never sent: remove it.';
  return /\s/.test(literal) ? "Write a space as %20." : undefined;
};

/** The address that a port alone, or a host alone, probably means. */
export const addressHint = (text: string, schema: Schema): string | undefined => {
  if (takes(schema, text)) return undefined;
  const address = `127.0.0.1:${text.replace(/^:/, "")}`;
  if (/^:?[0-9]+$/.test(text)) return takes(schema, address) ? `Write ${address}.` : undefined;
  // The port of the example in the title.
  const port = /:(\d+)\b/.exec(String(schema["title"]))?.[1] ?? "8080";
  return takes(schema, `${text}:${port}`) ? `Add a port, such as ${text}:${port}.` : undefined;
};
