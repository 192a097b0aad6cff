import { type Data, isObject } from "../../json.ts";

/**
 * Whether a test is true of one of the objects at a dotted path. As in Elasticsearch, a dot in a key is the same as nesting,
 * and lists stand for their elements.
 */
export const someObject = (data: unknown, path: string, test: (object: Data) => boolean): boolean => {
  if (Array.isArray(data)) return data.some((each) => someObject(each, path, test));
  if (!isObject(data)) return false;
  if (path === "") return test(data);
  for (let end = path.indexOf("."); ; end = path.indexOf(".", end + 1)) {
    const key = end < 0 ? path : path.slice(0, end);
    const rest = end < 0 ? "" : path.slice(end + 1);
    if (Object.hasOwn(data, key) && someObject(data[key], rest, test)) return true;
    if (end < 0) return false;
  }
};
