import type { Schema } from "../option/option.ts";

/** What stands before the host of a URL: all up to the last `@` when a password may hold what ends a host. */
const userPattern = /^([a-z][a-z0-9+.-]*:\/\/)((?:[^/?#@[]*:(?![0-9]*(?:[/?#]|$)).*|[^/?#]*)(?=@))/is;

/** User and password as they stand in a URL, if any do. */
export const userIn = (text: string): string | undefined => userPattern.exec(text)?.[2];

/** A text as a message may show it: a URL without its user and password. */
export const withoutUser = (text: string): string => text.replace(userPattern, "$1…");

/** Whether a text option takes a text. */
export const takes = ({ pattern }: Schema, text: string): boolean =>
  pattern === undefined || new RegExp(String(pattern), "u").test(text);

/** What is wrong with a URL that its option does not take, where that can be told; the option's pattern says which are. */
export const urlHint = (text: string, { pattern, kind }: Schema): string | undefined => {
  const name = /^\^(http|ws)s\?:\/\//.exec(String(pattern))?.[1];
  if (name === undefined) return undefined;
  const [, scheme] = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text) ?? [];
  const wanted = `${name}:// or ${name}s://`;
  if (scheme === undefined) return `It has to begin with ${wanted}.`;
  if (scheme !== name && scheme !== `${name}s`) return `It begins with ${scheme}://, where ${wanted} is wanted.`;
  if (userIn(text) !== undefined)
    return kind === "secret" ? "User and password cannot stand in it." : 'User and password go under "auth".';
  const literal = text.replace(/\{\{.*?\}\}/gs, "");
  if (literal.includes("#")) return 'What follows the "#" is never sent: take it away.';
  return /\s/.test(literal) ? "A blank in it is written %20." : undefined;
};

/** The address that is meant by a port alone, or by a host alone. */
export const addressHint = (text: string, schema: Schema): string | undefined => {
  if (takes(schema, text)) return undefined;
  const address = `127.0.0.1:${text.replace(/^:/, "")}`;
  if (/^:?[0-9]+$/.test(text)) return takes(schema, address) ? `Write ${address}.` : undefined;
  return takes(schema, `${text}:8080`) ? `Add a port, such as ${text}:8080.` : undefined;
};
