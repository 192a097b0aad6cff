import { setTimeout as sleep } from "node:timers/promises";
import { Producer } from "@platformatic/kafka";
import { expect } from "vitest";
import { temporaryFolder } from "../../end-to-end/weir.ts";
import type { Random } from "../../kill/random.ts";
import { readOf } from "../histories/audit.ts";
import { type Amount, type Candidate, candidatesFor, sequential } from "../histories/candidates.ts";
import type { Node } from "../histories/node.ts";
import { until } from "../histories/until.ts";
import type { Broker } from "./broker.ts";
import { detector, detectorsOf } from "./detector.ts";
import { committedTo } from "./read-topic.ts";

export interface Size extends Amount {
  readonly detectors: number;
  readonly partitions: number;
}

/** How many rounds a scenario has. In each, detectors read what is written, while something happens to them. */
export const rounds = 6;
/** When the zombie stands still, when others have its partitions for certain, and when it goes on. */
const zombieIn = { stops: 1, isOut: 3, goesOn: 4 };
const joinsIn = 2;
const leavesIn = 5;

/** How long the group waits for one that is gone, in seconds. */
const sessionTimeout = 3;

/** Several weirs that read one topic and share a history. One is killed now and then, one stands still for a while, one joins, one leaves. */
export class Scenario {
  readonly #broker: Broker;
  readonly #random: Random;
  readonly #topic: string;
  readonly #partitions: number;
  readonly #all: readonly Candidate[];
  readonly #nodes: readonly Node[];
  readonly #zombie: Node;
  #kills = 0;
  readonly #killed = new Set<Node>();
  /** What the others had raised when it began to stand still, in bytes. */
  #before = 0;

  constructor(broker: Broker, random: Random, topic: string, size: Size) {
    this.#broker = broker;
    this.#random = random;
    this.#topic = topic;
    this.#partitions = size.partitions;
    this.#all = candidatesFor(random, size);
    const folder = temporaryFolder();
    this.#nodes = Array.from({ length: size.detectors }, (_, index) =>
      detector(folder, `detector${index}`, broker.address, topic, `${sessionTimeout}s`),
    );
    this.#zombie = this.#nodes[0]!;
  }

  async begin(): Promise<void> {
    await this.#broker.createTopic(this.#topic, this.#partitions);
    const nodes = this.#isLarge ? this.#nodes.slice(0, -1) : this.#nodes;
    for (const node of nodes) node.run();
    await Promise.all(nodes.map((node) => node.said("the group assigned")));
  }

  /** Resolves when the events of the round are written, and everything has happened that belongs to it. */
  async round(round: number): Promise<void> {
    const [first, last] = [this.#nodes[1]!, this.#nodes.at(-1)!];
    if (round === joinsIn && this.#isLarge) last.run();
    const count = this.#all.length;
    const writes = this.#produce(this.#all.slice((round * count) / rounds, ((round + 1) * count) / rounds));
    if (round === zombieIn.stops) {
      await this.#untilBusy(this.#zombie);
      this.#zombie.pause();
      this.#before = this.#writtenByOthers;
    }
    if (round === zombieIn.isOut) await this.#untilOthersHaveAll();
    if (round === zombieIn.goesOn) this.#zombie.resume();
    await this.#kill();
    if (round === leavesIn && this.#isLarge) await first.end("SIGTERM");
    await writes;
  }

  /** Compares the alerts with the oracle's, when all events are committed. Resolves to what happened, in a line. */
  async finish(): Promise<string> {
    for (let tries = 0; (await committedTo(this.#broker, detectorsOf(this.#topic))) < this.#all.length; tries++) {
      if (tries === 900) throw new Error(`${this.#topic}: events are left after three minutes`);
      await sleep(200);
    }
    const running = this.#nodes.filter(({ isRunning }) => isRunning);
    await Promise.all(running.map((node) => node.started()));
    await Promise.all(running.map((node) => node.end("SIGTERM")));
    const raised = this.#nodes.map(({ alerts }) => alerts);
    // After a kill, a file can have lines of a delivery twice; docs/delivery.md says so.
    for (const [n, alerts] of raised.entries())
      if (!this.#killed.has(this.#nodes[n]!))
        expect(new Set(alerts.map(({ id }) => id)).size, this.#topic).toBe(alerts.length);
    const found = raised.flat();
    const expected = sequential(this.#all);
    const terms = new Map(found.map((alert) => [alert.event.split("/")[0]!, alert.terms]));
    expect(terms, this.#topic).toEqual(expected);
    expect(new Set(found.map(({ id }) => id)).size, this.#topic).toBe(expected.size);
    return `${this.#topic}: ${this.#all.length} events in ${this.#partitions} partitions, ${this.#kills} kills, ${expected.size} alerts, raised by detector: ${raised.map(({ length }) => length)}`;
  }

  get #isLarge(): boolean {
    return this.#nodes.length > 2;
  }

  async #kill(): Promise<void> {
    const victims = this.#nodes.filter((node) => node.isRunning && node !== this.#zombie);
    const victim = victims[this.#random.between(0, victims.length - 1)];
    const [delay, pause] = [this.#random.between(0, 100), this.#random.between(0, 500)];
    if (!victim) return;
    await this.#untilBusy(victim);
    await sleep(delay);
    this.#kills++;
    this.#killed.add(victim);
    await victim.kill(pause);
  }

  /** Resolves when it raises alerts, or after a while if it has nothing to raise. */
  async #untilBusy(node: Node): Promise<void> {
    const before = node.written;
    for (let tries = 0; node.written === before && tries < 200; tries++) await sleep(10);
  }

  /** In small batches, so that a kill meets detectors at work. */
  async #produce(some: readonly Candidate[]): Promise<void> {
    const producer = new Producer({ clientId: "test", bootstrapBrokers: [this.#broker.address], idempotent: true });
    const messages = some.map(({ id, combination, at }) => ({
      topic: this.#topic,
      key: Buffer.from(String(combination)),
      value: Buffer.from(readOf(id, combination, at)),
    }));
    const size = Math.ceil(messages.length / 10);
    for (let from = 0; from < messages.length; from += size)
      await producer.send({ messages: messages.slice(from, from + size) });
    await producer.close(true);
  }

  get #writtenByOthers(): number {
    return this.#nodes.reduce((sum, node) => sum + (node === this.#zombie ? 0 : node.written), 0);
  }

  /** Resolves when the group has given all partitions to the others, and none to the one that stands still, and they go on. */
  async #untilOthersHaveAll(): Promise<void> {
    const others = this.#nodes.filter((node) => node !== this.#zombie);
    expect(others.every(({ isRunning }) => isRunning)).toBe(true);
    // Until then the group can still count one that is gone.
    await sleep((sessionTimeout + 1) * 1_000);
    const name = detectorsOf(this.#topic);
    for (let tries = 0; tries < 300; tries++) {
      const group = await this.#broker.admin((admin) => admin.describeGroups({ groups: [name] }));
      const { state, members } = group.get(name)!;
      if (state === "Stable" && members.size === others.length)
        return until(() => this.#writtenByOthers > this.#before);
      await sleep(200);
    }
    throw new Error(`${name}: the group still waits for the one that stands still after a minute`);
  }
}
