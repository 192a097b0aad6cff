import { LRUCache } from "lru-cache";
import { type ListedRegex, type Match, RegexList } from "weir/regex";
import { browserPatterns, devicePatterns, systemPatterns } from "./patterns.ts";

/** A browser, an operating system or a device, with its version if that is known. */
export interface Named {
  readonly name: string;
  readonly version?: string | undefined;
}

/** What the text of a user agent says. What no expression knows is undefined. */
export interface UserAgent {
  readonly browser: Named | undefined;
  readonly system: Named | undefined;
  readonly device: Named | undefined;
}

/** An expression, and what the name and the versions are if not what its groups matched. */
export interface Pattern extends ListedRegex {
  readonly name?: string;
  readonly versions?: readonly (string | null)[];
}

/** How many characters of a text are read: the agents of browsers have up to 300. */
export const mostCharacters = 512;
/** How many of the last texts are remembered. */
const mostRemembered = 1000;

const read = (lines: string): readonly Pattern[] =>
  lines
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Pattern);

/** The expressions of uap-core, in their order. */
export const knownPatterns = () => ({
  browser: read(browserPatterns),
  system: read(systemPatterns),
  device: read(devicePatterns),
});

/** Reads texts of user agents. It is slow to make: one for a process is enough. */
export class UserAgents {
  readonly #patterns: readonly Pattern[];
  readonly #list: RegexList;
  /** Behind the last pattern for browsers, for systems and for devices. */
  readonly #ends: readonly [number, number, number];
  readonly #last = new LRUCache<string, UserAgent>({ max: mostRemembered });

  constructor({ browser, system, device } = knownPatterns()) {
    this.#patterns = [...browser, ...system, ...device];
    this.#ends = [browser.length, browser.length + system.length, this.#patterns.length];
    this.#list = new RegexList(this.#patterns);
  }

  /** What the first 512 characters of a text say. */
  parse(text: string): UserAgent {
    const start = text.slice(0, mostCharacters);
    const known = this.#last.get(start);
    if (known) return known;
    const copy = copyOf(start);
    const found = this.#find(copy);
    this.#last.set(copy, found);
    return found;
  }

  #find(start: string): UserAgent {
    const found: (Named | undefined)[] = [undefined, undefined, undefined];
    for (const index of this.#list.candidates(start)) {
      const kind = this.#ends.findIndex((end) => index < end);
      if (found[kind]) continue;
      const match = this.#list.exec(index, start);
      found[kind] = match && namedBy(this.#patterns[index]!, match);
    }
    const [browser, system, device] = found;
    return { browser, system, device };
  }
}

/** The same text in memory of its own: a part of a text keeps all of it in memory. */
const copyOf = (text: string): string => Buffer.from(text, "utf16le").toString("utf16le");

/** What a match stands for; undefined if it gives no name, so that the next expression counts. */
const namedBy = ({ name, versions = [] }: Pattern, match: Pick<Match, "group">): Named | undefined => {
  const found = name === undefined ? match.group(1) : replaced(name, match);
  if (!found?.trim()) return undefined;
  const parts: string[] = [];
  for (let index = 0; index < 4; index++) {
    const version = versions[index];
    const part = version == null ? match.group(index + 2) : replaced(version, match);
    if (!part) break;
    parts.push(part);
  }
  return { name: found.trim(), version: parts.length > 0 ? parts.join(".") : undefined };
};

const replaced = (text: string, match: Pick<Match, "group">): string =>
  text.replace(/\$([1-9])/g, (_, group: string) => match.group(Number(group)) ?? "");

let shared: UserAgents | undefined;

/** The one of the process, which is made when it is first needed. */
export const sharedUserAgents = (): UserAgents => {
  shared ??= new UserAgents();
  return shared;
};
