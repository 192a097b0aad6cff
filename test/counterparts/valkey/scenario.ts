import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { temporaryFolder } from "../../end-to-end/weir.ts";
import type { Random } from "../../kill/random.ts";
import { readOf, start } from "../histories/audit.ts";
import { type Amount, type Candidate, candidatesFor, sequential } from "../histories/candidates.ts";
import { Collector } from "../histories/collector.ts";
import { until } from "../histories/until.ts";

export interface Size extends Amount {
  readonly collectors: number;
}

/** How many rounds a scenario has. In each, collectors read what is written, while something happens to them. */
export const rounds = 6;

/**
 * Several weirs with logs of their own that share a history. In a round, all events of a combination come to one of them, in order; in
 * the next round, to another. So one weir that gets everything in order has to find the same. Some events come to a second one later.
 */
export class Scenario {
  readonly #random: Random;
  readonly #name: string;
  readonly #all: readonly Candidate[];
  readonly #ends: Candidate[] = [];
  readonly #nodes: readonly Collector[];
  #again: readonly Candidate[] = [];
  #kills = 0;
  readonly #killed = new Set<Collector>();

  constructor(url: string, random: Random, name: string, size: Size) {
    this.#random = random;
    this.#name = name;
    this.#all = candidatesFor(random, size);
    const folder = temporaryFolder();
    this.#nodes = Array.from(
      { length: size.collectors },
      (_, index) => new Collector(folder, `collector${index}`, { type: "valkey", url, prefix: `${name}:` }),
    );
  }

  begin(): void {
    for (const node of this.#nodes) node.run();
  }

  /** Resolves when the events of the round are handled. `restart`: what happens to the server meanwhile. */
  async round(round: number, restart: Promise<void>): Promise<void> {
    const count = this.#all.length;
    const now = this.#all.slice((round * count) / rounds, ((round + 1) * count) / rounds);
    const turns = new Map<number, number>();
    const of = this.#nodes.map((): Candidate[] => []);
    for (const candidate of this.#again) of[this.#any()]!.push(candidate);
    for (const candidate of now) {
      const turn = turns.get(candidate.combination) ?? this.#any();
      turns.set(candidate.combination, turn);
      of[turn]!.push(candidate);
    }
    this.#again = now.filter(() => this.#random.chance(0.1));
    const ends = of.map((_, index) => this.#endOf(round, index));
    this.#ends.push(...ends);
    for (const [index, node] of this.#nodes.entries())
      node.write(...[...of[index]!, ends[index]!].map(({ id, combination, at }) => readOf(id, combination, at)));
    const [victim, other] = [this.#any(), this.#any()];
    if (other !== victim) await this.#disturb(this.#nodes[victim]!, this.#nodes[other]!);
    else await this.#kill(this.#nodes[victim]!);
    await restart;
    for (const [index, node] of this.#nodes.entries())
      await until(() => node.alerts.some(({ event }) => event.startsWith(`${ends[index]!.id}/`)));
  }

  /** Compares the alerts with the oracle's. Resolves to what happened, in a line. */
  async finish(): Promise<string> {
    await Promise.all(this.#nodes.map((node) => node.started()));
    await Promise.all(this.#nodes.map((node) => node.end("SIGTERM")));
    const raised = this.#nodes.map(({ alerts }) => alerts);
    // After a kill, a file can have lines of a delivery twice; docs/delivery.md says so.
    for (const [n, alerts] of raised.entries())
      if (!this.#killed.has(this.#nodes[n]!))
        expect(new Set(alerts.map(({ id }) => id)).size, this.#name).toBe(alerts.length);
    const found = raised.flat();
    const expected = sequential([...this.#all, ...this.#ends]);
    expect(new Map(found.map((alert) => [alert.event.split("/")[0]!, alert.terms])), this.#name).toEqual(expected);
    expect(new Set(found.map(({ id }) => id)).size, this.#name).toBe(expected.size);
    return `${this.#name}: ${this.#all.length} events, ${this.#kills} kills, ${expected.size} alerts, raised by collector: ${raised.map(({ length }) => length)}`;
  }

  /** The last event of a log in a round. Its combination comes only once. */
  #endOf(round: number, index: number): Candidate {
    const combination = 1_000_000 + round * 10 + index;
    return { id: `end-${round}-${index}`, combination, at: start };
  }

  #any(): number {
    return this.#random.between(0, this.#nodes.length - 1);
  }

  /** One stands still in the middle of what it does, while another is killed. */
  async #disturb(victim: Collector, other: Collector): Promise<void> {
    await other.started();
    other.pause();
    await this.#kill(victim);
    other.resume();
  }

  async #kill(victim: Collector): Promise<void> {
    const [delay, pause] = [this.#random.between(0, 300), this.#random.between(0, 500)];
    await victim.started();
    await sleep(delay);
    this.#kills++;
    this.#killed.add(victim);
    await victim.kill(pause);
  }
}
