import { type Ip, isWithin, type Network, networkKey, parseIp, parseNetwork } from "../../fields/ip.ts";
import type { Mapping } from "../../fields/mapping.ts";
import { fieldValues } from "../../fields/values.ts";
import type { Data } from "../../json.ts";

/** Reads the values of an indicator's field as the field of an event would index them. */
export interface IndicatorValues {
  texts(data: Data): readonly string[];
  /** Networks, if the event's field has addresses. */
  networks(data: Data): readonly Network[];
}

export const indicatorValues = (path: string, mapping: Mapping): IndicatorValues => {
  const texts = fieldValues(path, mapping);
  const raw = fieldValues(path);
  if (mapping.type !== "ip") return { texts, networks: () => none };
  return { texts, networks: (data) => raw(data).flatMap((text) => parseNetwork(text) ?? []) };
};

const none: readonly Network[] = [];

/** The numbers of indicators; most values have one. */
type Numbers = number | number[];

/** Finds indicators, as numbers, by the values of one of their fields: by one look-up, and for networks one for each length. */
export class ValueIndex {
  readonly #values: IndicatorValues;
  readonly #byText = new Map<string, Numbers>();
  /** By the length of the prefix. */
  readonly #byNetwork = new Map<number, Map<string, Numbers>>();

  constructor(values: IndicatorValues) {
    this.#values = values;
  }

  add(number: number, data: Data): void {
    for (const text of this.#values.texts(data)) put(this.#byText, text, number);
    for (const { address, bits } of this.#values.networks(data)) {
      const numbers = this.#byNetwork.get(bits) ?? new Map<string, Numbers>();
      this.#byNetwork.set(bits, numbers);
      put(numbers, networkKey(address, bits), number);
    }
  }

  /** Calls `each` for every list of indicators with this value of an event. */
  find(text: string, each: (numbers: Numbers) => void): void {
    const found = this.#byText.get(text);
    if (found !== undefined) each(found);
    if (this.#byNetwork.size === 0) return;
    const address = parseIp(text);
    if (!address) return;
    for (const [bits, numbers] of this.#byNetwork) {
      const within = numbers.get(networkKey(address, bits));
      if (within !== undefined) each(within);
    }
  }
}

const put = (index: Map<string, Numbers>, key: string, number: number): void => {
  const known = index.get(key);
  if (known === undefined) index.set(key, number);
  else if (typeof known === "number") {
    if (known !== number) index.set(key, [known, number]);
  } else if (known.at(-1) !== number) known.push(number);
};

/** Up to this many addresses are compared one by one, which is cheaper for a few. */
const fewAddresses = 8;

/** The values of an event's field. Comparing takes time by the values of the indicator, not by those of the event. */
export class EventValues {
  readonly texts: ReadonlySet<string>;
  #addresses: readonly (readonly [text: string, address: Ip])[] | undefined;
  /** By the length of a prefix: the first address in each network of this length. */
  readonly #byNetwork = new Map<number, ReadonlyMap<string, number>>();

  constructor(texts: readonly string[]) {
    this.texts = new Set(texts);
  }

  /** A value that an indicator has, too, or that is in one of its networks; `undefined` if there is none. */
  common(values: IndicatorValues, data: Data): string | undefined {
    const text = values.texts(data).find((each) => this.texts.has(each));
    if (text !== undefined) return text;
    const networks = values.networks(data);
    if (networks.length === 0) return undefined;
    this.#addresses ??= [...this.texts].flatMap((each) => {
      const address = parseIp(each);
      return address ? [[each, address] as const] : [];
    });
    const found = this.#firstWithin(networks, this.#addresses);
    return found === undefined ? undefined : this.#addresses[found]![0];
  }

  #firstWithin(networks: readonly Network[], addresses: readonly (readonly [string, Ip])[]): number | undefined {
    if (addresses.length <= fewAddresses) {
      const at = addresses.findIndex(([, address]) => networks.some((network) => isWithin(address, network)));
      return at < 0 ? undefined : at;
    }
    let first: number | undefined;
    for (const { address, bits } of networks) {
      const at = this.#networksOf(bits, addresses).get(networkKey(address, bits));
      if (at !== undefined && (first === undefined || at < first)) first = at;
    }
    return first;
  }

  #networksOf(bits: number, addresses: readonly (readonly [string, Ip])[]): ReadonlyMap<string, number> {
    const known = this.#byNetwork.get(bits);
    if (known) return known;
    const networks = new Map<string, number>();
    for (const [at, [, address]] of addresses.entries()) {
      const key = networkKey(address, bits);
      if (!networks.has(key)) networks.set(key, at);
    }
    this.#byNetwork.set(bits, networks);
    return networks;
  }
}
