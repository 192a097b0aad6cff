import { isObject } from "../json.ts";
import type { Options } from "../option/option.ts";
import type { Owner, Reading } from "./reading.ts";

/** A header of a request, and the option that sets it. */
interface Setting {
  readonly header: string;
  readonly by: string;
}

/**
 * Tells of headers that two options set, or one option twice: names of headers are told apart in no case. True when
 * there are none. Options say by the keyword `holds` that they are a map of headers, or the name of one.
 */
export const checkHeaders = (
  options: Options,
  values: Readonly<Record<string, unknown>>,
  { path }: Owner,
  { report }: Reading,
): boolean => {
  const holding = (what: string) => Object.keys(options).filter((name) => options[name]?.["holds"] === what);
  const others = holding("header").map((name): Setting => ({ header: String(values[name]), by: name }));
  if (shows(values["auth"])) others.push({ header: "Authorization", by: "auth" });
  let isClear = true;
  for (const name of holding("headers")) {
    const headers = values[name];
    if (!isObject(headers)) continue;
    const settings = [...others];
    for (const header of Object.keys(headers)) {
      const twin = settings.find((other) => other.header.toLowerCase() === header.toLowerCase());
      settings.push({ header, by: header });
      if (!twin) continue;
      isClear = false;
      const hint = "Both are the same header: take one of them away.";
      report.error("config/options-apart", { path: [...path, name, header], key: true }, [header, twin.by], hint);
    }
  }
  return isClear;
};

const shows = (auth: unknown): boolean => isObject(auth) && (auth["token"] ?? auth["user"]) !== undefined;
