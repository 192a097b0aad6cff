import type { IncomingHttpHeaders } from "node:http";
import type { Random } from "../kill/random.ts";

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What the receiver did with a whole request: its answer, and the events that it took. */
export interface Taken {
  readonly answer: Answer;
  readonly numbers: readonly number[];
}

/** Every event of these tests has a number; one of these no receiver will ever take. */
export const isPoison = (n: number): boolean => n % 97 === 13;

/** Takes numbered events from complete requests, and records everything. */
export abstract class Receiver {
  /** By number: how often an event was taken. */
  readonly taken = new Map<number, number>();
  /** By number: how often the client got the answer that it was taken. */
  readonly acknowledged = new Map<number, number>();
  /** Events that it refused permanently. */
  readonly refused = new Set<number>();
  /** Violations: one name for different things. */
  readonly contradictions: string[] = [];
  /** A success whose body says nothing that can be relied on. */
  readonly nonsense: Answer = {
    status: 200,
    headers: { "content-type": "application/json" },
    body: '{"failed":["x"]}',
  };
  protected readonly random: Random;

  constructor(random: Random) {
    this.random = random;
  }

  /** Handles a complete request. Its events are taken before the answer is sent. */
  abstract take(headers: IncomingHttpHeaders, body: string): Taken;

  /** The client got the answer. */
  acknowledge({ numbers, answer }: Taken): void {
    if (answer.status < 300) for (const n of numbers) add(this.acknowledged, n);
  }

  protected note(n: number): void {
    add(this.taken, n);
  }
}

/** What the sinks `http` and `webhook` send to. */
export class HttpReceiver extends Receiver {
  readonly #named = new Map<string, string>();

  override take(headers: IncomingHttpHeaders, body: string): Taken {
    this.#note(headers, body);
    const numbers = body
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => (JSON.parse(line) as { readonly n: number }).n);
    if (numbers.some(isPoison)) return this.#refuse(numbers);
    const failed = this.random.chance(0.1) ? this.#fail(numbers) : [];
    const missed = new Set(failed.map(({ index }) => index));
    const taken = numbers.filter((_n, index) => !missed.has(index));
    for (const n of taken) this.note(n);
    const headersOut = { "content-type": "application/json" };
    return { numbers: taken, answer: { status: 200, headers: headersOut, body: JSON.stringify({ failed }) } };
  }

  #refuse(numbers: readonly number[]): Taken {
    if (numbers.length === 1) this.refused.add(numbers[0]!);
    return { numbers: [], answer: { status: numbers.length > 5 ? 413 : 400, body: "no such number" } };
  }

  #fail(numbers: readonly number[]) {
    const failed = [...numbers.keys()].filter(() => this.random.chance(0.3));
    return failed.map((index) => {
      const final = this.random.chance(0.05);
      if (final) this.refused.add(numbers[index]!);
      return { index, reason: "not now", ...(final && { final }) };
    });
  }

  /** A key names one body for ever, and an id one event. */
  #note(headers: IncomingHttpHeaders, body: string): void {
    const { "idempotency-key": key, "webhook-id": id } = headers;
    const name = key ? `key ${String(key)}` : `id ${String(id)}`;
    const known = this.#named.get(name);
    if (known !== undefined && known !== body) this.contradictions.push(`${name} was ${known}, and is ${body}`);
    const other = id === undefined ? undefined : this.#named.get(body);
    if (other !== undefined && other !== name) this.contradictions.push(`${body} was ${other}, and is ${name}`);
    this.#named.set(name, body).set(body, name);
  }
}

const add = (counts: Map<number, number>, n: number): void => void counts.set(n, (counts.get(n) ?? 0) + 1);
