import { type Data, isObject } from "../../json.ts";

/** The fields that have the same value in all of some data. A list is one value. */
export const sharedFields = ([first = {}, ...others]: readonly Data[]): Data =>
  others.reduce<Data>((shared, data) => common(shared, data), first);

const common = (a: Data, b: Data): Data =>
  Object.fromEntries(
    Object.entries(a).flatMap(([key, value]) => {
      const other = Object.hasOwn(b, key) ? b[key] : undefined;
      if (isObject(value) && isObject(other)) {
        const inner = common(value, other);
        return Object.keys(inner).length > 0 ? [[key, inner]] : [];
      }
      return value !== undefined && JSON.stringify(value) === JSON.stringify(other) ? [[key, value]] : [];
    }),
  );
