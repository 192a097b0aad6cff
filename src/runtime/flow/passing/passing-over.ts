import type { DecoderOptions } from "../../../decode/decoder.ts";
import { type Event, RecordMeta } from "../../../event.ts";
import { isObject } from "../../../json.ts";
import { parseJson } from "../../../parse-json.ts";
import { TaughtScanner } from "../../../scan/ahead/lessons.ts";
import type { ScanThreads } from "../../../scan/ahead/scan-threads.ts";
import { Passer } from "../../../scan/passer.ts";
import { longestRecord } from "../../../scan/plan.ts";
import { type Planned, planOf } from "../../../scan/plan-of.ts";
import { scannerOf } from "../../../scan/scanner.ts";
import type { Ledger } from "../../../telemetry/ledger.ts";
import type { TapPoint } from "../../tap/tap-point.ts";
import type { Scanning } from "../scanned-reading.ts";
import { isAdded } from "./added.ts";
import type { Ways } from "./ways.ts";

type Codec = DecoderOptions["codec"];

/** What is passed over at a source: records that would become events of which nothing comes but counts. */
export class PassingOver {
  readonly #ways: Ways;
  readonly #ledgers: ReadonlyMap<string, Ledger>;
  readonly #taps: readonly TapPoint[];
  readonly #passers = new Map<string, Passer | undefined>();
  /** What other threads need to scan for a passer. */
  readonly #taught = new Map<Passer, TaughtScanner>();
  readonly #threads: ScanThreads | undefined;

  /** `taps`: where events on the ways can be watched. `threads`: what can scan ahead. */
  constructor(
    ways: Ways,
    ledgers: ReadonlyMap<string, Ledger>,
    taps: readonly TapPoint[],
    threads: ScanThreads | undefined,
  ) {
    this.#ways = ways;
    this.#ledgers = ledgers;
    this.#taps = taps;
    this.#threads = threads;
    threads?.start();
  }

  /** Counts records that were passed over, where they would have been counted as events. */
  count(records: number): void {
    for (const { id, consumed } of this.#ways.passed) {
      const ledger = this.#ledgers.get(id)!;
      ledger.received += records;
      if (consumed === undefined) ledger.send(records);
      else ledger.consume(consumed, records);
    }
  }

  /** What finds these records in streams of a codec; `undefined` if nothing can. Streams with the same codec share it. */
  passerFor(codec: Codec, isAnnotated: boolean): Passer | undefined {
    if (codec !== "json" && codec !== "text") return undefined;
    const key = `${codec} ${isAnnotated}`;
    if (!this.#passers.has(key)) this.#passers.set(key, this.#passer(codec, isAnnotated));
    return this.#passers.get(key);
  }

  #passer(codec: "json" | "text", isAnnotated: boolean): Passer | undefined {
    const planned = plannedFor(this.#ways, codec, isAnnotated);
    if (typeof planned === "string") return undefined;
    const scanner = scannerOf(planned.plan);
    const taught = this.#threads && new TaughtScanner(scanner, planned.plan);
    const { ways } = this.#ways;
    const needsAll = () =>
      this.#taps.some(({ watch }) => watch !== undefined) || ways.some(({ ending }) => ending.needsAll?.());
    const passer = new Passer(planned, taught ?? scanner, needsAll);
    if (taught) this.#taught.set(passer, taught);
    return passer;
  }

  /** What scans ahead for a passer, if anything does. */
  scanningOf(passer: Passer): Scanning | undefined {
    const scanner = this.#taught.get(passer);
    return scanner && this.#threads && { threads: this.#threads, scanner };
  }

  /** Call it when nothing is scanned any more. */
  end(): void {
    for (const scanner of this.#taught.values()) this.#threads?.end(scanner);
  }
}

/** The plan for records that a codec reads; or why there is none, for people. */
export const plannedFor = (
  { ways }: Pick<Ways, "ways">,
  codec: "json" | "text",
  isAnnotated: boolean,
): Planned | string => {
  if (codec === "text") {
    const other = ways.find(({ turned }) => turned[0]?.turning.takesText !== true);
    if (other) return `"${other.id}" reads lines of text`;
  }
  return planOf({
    ways,
    read: codec === "text" ? readText : readJson,
    takesContainerLines:
      codec === "text" && ways.every(({ turned }) => turned[0]?.turning.takesContainerLines === true),
    takesEnvelopes: codec === "text" || !isAnnotated,
    isAdded: isAnnotated ? isAdded : () => false,
  });
};

/** Why the lines of a source are not scanned, by its options; `undefined` if they are. */
export const unscanned = ({ encoding, multiline, maxLine }: DecoderOptions): string | undefined => {
  if (multiline !== undefined) return "its lines are joined";
  if (encoding !== undefined && encoding !== "auto" && encoding !== "utf-8") return `its encoding is ${encoding}`;
  return maxLine < longestRecord ? `"max_line" is less than ${longestRecord} bytes` : undefined;
};

const meta = () => new RecordMeta("", "", 0, 0);

const readText = (json: string): Event => ({ data: { message: json }, meta: meta() });

const readJson = (json: string): Event | undefined => {
  const data = parseJson(json);
  return isObject(data) ? { data, meta: meta() } : undefined;
};
