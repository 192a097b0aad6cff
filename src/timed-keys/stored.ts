/** Times are as many digits, so that their order as text is their order as numbers. */
export const digits = 15;
export const timeOf = (due: number): string => String(Math.max(0, Math.ceil(due))).padStart(digits, "0");

/** Where the time of a key and its value are. */
export const valueKey = (key: string): string => `v${key}`;

/** Where it is said that a key is due at a time. */
export const timerKey = (time: string, key: string): string => `t${time}${key}`;

/** A key of `TimedKeys` as it is in state: an entry with its time and value, and an empty one for its time. */
export interface TimedKey {
  readonly key: string;
  readonly value: string;
  /** In milliseconds since 1970. */
  readonly due: number;
}

export const encodeTimed = ({ key, value, due }: TimedKey): readonly (readonly [key: string, value: string])[] => {
  const time = timeOf(due);
  return [
    [valueKey(key), time + value],
    [timerKey(time, key), ""],
  ];
};

/** The key whose value this entry may be, if the entry of its time is there, too. */
export const decodeTimed = (key: string, value: string): TimedKey | undefined =>
  key.startsWith("v") && time.test(value)
    ? { key: key.slice(1), value: value.slice(digits), due: Number(value.slice(0, digits)) }
    : undefined;

/** The key that is due at the time that this entry may be for. */
export const keyOfTimer = (key: string): string | undefined =>
  key.startsWith("t") && time.test(key.slice(1)) ? key.slice(1 + digits) : undefined;

const time = /^\d{15}/;
