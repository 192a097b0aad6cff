import { type Data, isObject } from "../json.ts";

/** The JSON text of a small record: a sample, in which `json` is the value at a path; or without any value there. */
export const recordWith = (sample: Data, path: readonly string[] = [], json?: string): string => {
  const [name, ...below] = path;
  const members = Object.entries(sample)
    .filter(([own]) => own !== name)
    .map(([own, value]) => `${JSON.stringify(own)}:${JSON.stringify(value)}`);
  if (name !== undefined) {
    const own = sample[name];
    const value = below.length === 0 ? json : recordWith(isObject(own) ? own : {}, below, json);
    if (value !== undefined) members.push(`${JSON.stringify(name)}:${value}`);
  }
  return `{${members.join(",")}}`;
};
