import { isObject } from "../json.ts";
import type { Options } from "../option/option.ts";
import type { AnyReading, Owner } from "./reading.ts";

/** A request header, and the option that sets it. */
interface Setting {
  readonly header: string;
  readonly by: string;
}

/**
 * Reports headers that are set twice, by two options or by one; header names are not case-sensitive. True when there are
 * none. The keyword `holds` marks an option that is a map of headers, or the name of one.
 */
export const checkHeaders = (
  options: Options,
  values: Readonly<Record<string, unknown>>,
  { path }: Owner,
  { report }: AnyReading,
): boolean => {
  const holding = (what: string) => Object.keys(options).filter((name) => options[name]?.["holds"] === what);
  const others = holding("header").map((name): Setting => ({ header: String(values[name]), by: name }));
  if (shows(values["auth"])) others.push({ header: "Authorization", by: "auth" });
  let areDistinct = true;
  for (const name of holding("headers")) {
    const headers = values[name];
    if (!isObject(headers)) continue;
    const settings = [...others];
    for (const header of Object.keys(headers)) {
      const twin = settings.find((other) => other.header.toLowerCase() === header.toLowerCase());
      settings.push({ header, by: header });
      if (!twin) continue;
      areDistinct = false;
      const hint = "Both set the same header: remove one of them.";
      report.error("config/options-apart", { path: [...path, name, header], key: true }, [header, twin.by], hint);
    }
  }
  return areDistinct;
};

const shows = (auth: unknown): boolean => isObject(auth) && (auth["token"] ?? auth["user"]) !== undefined;
