import { type Zone, zoneOf } from "./zone.ts";

/** The zone that a text names from a place on, such as `Z`, `+02:00`, `GMT+2` or `Europe/Berlin`, and where the name ends. */
export const zoneAt = (text: string, at: number): { readonly zone: Zone; readonly end: number } | undefined => {
  const [found, offset] =
    /^(?:(?:GMT|UTC)?([+-]\d{2}(?::?\d{2})?)|[A-Za-z]+(?:[/_-][A-Za-z]+){0,3})/.exec(text.slice(at, at + 64)) ?? [];
  if (found === undefined) return undefined;
  const zone = offset === undefined ? named(found) : zoneOf(offset);
  return zone && { zone, end: at + found.length };
};

/** Abbreviations that no database of zones has, or only for one of two seasons. */
const abbreviated: Readonly<Record<string, string>> = {
  EST: "-05:00",
  EDT: "-04:00",
  CST: "-06:00",
  CDT: "-05:00",
  MST: "-07:00",
  MDT: "-06:00",
  PST: "-08:00",
  PDT: "-07:00",
  CET: "+01:00",
  CEST: "+02:00",
};

/** Zones by their names in upper case, so that text of events cannot add the same one again and again: there are about 600. */
const zones = new Map<string, Zone>();

const named = (name: string): Zone | undefined => {
  const key = name.toUpperCase();
  const known = zones.get(key);
  if (known) return known;
  const zone = zoneOf(Object.hasOwn(abbreviated, key) ? abbreviated[key]! : name);
  if (zone) zones.set(key, zone);
  return zone;
};
