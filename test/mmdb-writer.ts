/** A value that a database can have. */
export type MmdbValue =
  | string
  | number
  | bigint
  | boolean
  | Uint8Array
  | readonly MmdbValue[]
  | { readonly [name: string]: MmdbValue };

interface Written {
  /** `10.0.0.0/8` or `fd00::/8`. */
  readonly network: string;
  readonly record: MmdbValue;
}

type Node = [left: Node | number | undefined, right: Node | number | undefined];

/**
 * A database of MaxMind's format, version 2.0, with records of 32 bits in its tree. Networks must not overlap. With
 * `ipVersion: 4` all are of IPv4; with 6, those of IPv4 are under `::/96`.
 */
export const writeMmdb = (type: string, records: readonly Written[], ipVersion: 4 | 6 = 6): Buffer => {
  const root: Node = [undefined, undefined];
  const data: Buffer[] = [];
  let size = 0;
  for (const { network, record } of records) {
    put(root, bitsOf(network, ipVersion), size);
    const bytes = valueBytes(record);
    data.push(bytes);
    size += bytes.length;
  }
  const nodes = [root];
  const numbers = new Map<Node, number>([[root, 0]]);
  for (const node of nodes)
    for (const child of node)
      if (Array.isArray(child)) {
        numbers.set(child, nodes.length);
        nodes.push(child);
      }
  const tree = Buffer.alloc(nodes.length * 8);
  for (const [index, node] of nodes.entries())
    for (const side of [0, 1] as const) {
      const child = node[side];
      const target =
        child === undefined ? nodes.length : Array.isArray(child) ? numbers.get(child)! : nodes.length + 16 + child;
      tree.writeUInt32BE(target, index * 8 + side * 4);
    }
  const metadata = valueBytes({
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: 1_760_000_000n,
    database_type: type,
    description: { en: "made for a test" },
    ip_version: ipVersion,
    languages: ["en"],
    node_count: nodes.length,
    record_size: 32,
  });
  return Buffer.concat([tree, Buffer.alloc(16), ...data, Buffer.from("\xab\xcd\xefMaxMind.com", "latin1"), metadata]);
};

const put = (root: Node, bits: readonly (0 | 1)[], offset: number): void => {
  let node = root;
  for (const bit of bits.slice(0, -1)) {
    if (typeof node[bit] === "number") throw new Error("the networks overlap");
    node[bit] ??= [undefined, undefined];
    node = node[bit] as Node;
  }
  const last = bits.at(-1)!;
  if (node[last] !== undefined) throw new Error("the networks overlap");
  node[last] = offset;
};

const bitsOf = (network: string, ipVersion: 4 | 6): readonly (0 | 1)[] => {
  const [address = "", prefix = ""] = network.split("/");
  const isV4 = !address.includes(":");
  const bytes = isV4 ? address.split(".").map(Number) : groupsOf(address).flatMap((group) => [group >> 8, group & 255]);
  const bits = bytes.flatMap((byte) => Array.from({ length: 8 }, (_, at) => ((byte >> (7 - at)) & 1) as 0 | 1));
  const own = bits.slice(0, Number(prefix));
  return isV4 && ipVersion === 6 ? [...Array<0>(96).fill(0), ...own] : own;
};

const groupsOf = (address: string): readonly number[] => {
  const [start = "", end] = address.split("::");
  const groups = (text: string) => (text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16)));
  if (end === undefined) return groups(start);
  const zeros = 8 - groups(start).length - groups(end).length;
  return [...groups(start), ...Array<number>(zeros).fill(0), ...groups(end)];
};

const types = { text: 2, double: 3, bytes: 4, map: 7, uint32: 6, int32: 8, uint64: 9, array: 11, boolean: 14 } as const;

const valueBytes = (value: MmdbValue): Buffer => {
  if (typeof value === "string") return field("text", Buffer.from(value));
  if (typeof value === "boolean") return control(types.boolean, value ? 1 : 0);
  if (typeof value === "bigint") return field("uint64", bigBytes(value));
  if (typeof value === "number") return numberBytes(value);
  if (value instanceof Uint8Array) return field("bytes", Buffer.from(value));
  if (Array.isArray(value)) return Buffer.concat([control(types.array, value.length), ...value.map(valueBytes)]);
  const entries = Object.entries(value);
  return Buffer.concat([
    control(types.map, entries.length),
    ...entries.flat().map((one) => valueBytes(one as MmdbValue)),
  ]);
};

const numberBytes = (value: number): Buffer => {
  if (Number.isInteger(value) && value >= 0 && value < 2 ** 32) {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return field("uint32", bytes);
  }
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return field("double", bytes);
};

const bigBytes = (value: bigint): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
};

const field = (type: keyof typeof types, bytes: Buffer): Buffer =>
  Buffer.concat([control(types[type], bytes.length), bytes]);

const control = (type: number, size: number): Buffer => {
  const [short, more] =
    size < 29 ? [size, []] : size < 285 ? [29, [size - 29]] : [30, [(size - 285) >> 8, (size - 285) & 255]];
  return type < 8 ? Buffer.from([(type << 5) | short, ...more]) : Buffer.from([short, type - 7, ...more]);
};
