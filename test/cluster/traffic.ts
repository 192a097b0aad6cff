import { setTimeout as sleep } from "node:timers/promises";
import { Random } from "../kill/random.ts";
import type { Client, RawRequest } from "./client.ts";
import { type Askers, anyRequest, deepPatch, flood, largePost } from "./requests.ts";

const clients = 6;
/** A new agent appears once in so many requests. */
const pace = 12;

/** Requests of all kinds from some clients at once, until it is told to stop. */
export class Traffic {
  sent = 0;
  floods = 0;
  deep = 0;
  large = 0;
  /** The status of each answer; 0 for no answer. */
  readonly answers: number[] = [];
  readonly #client: Client;
  readonly #askers: Askers;
  readonly #running: Promise<unknown>;
  #isOver = false;

  constructor(client: Client, askers: Askers, seed: number) {
    this.#client = client;
    this.#askers = askers;
    const loops = Array.from({ length: clients }, (_, index) => this.#ask(new Random(seed, 100 + index)));
    this.#running = Promise.all(loops);
  }

  /** Resolves when the last request is answered. */
  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#running;
  }

  async #ask(random: Random): Promise<void> {
    while (!this.#isOver) {
      this.sent++;
      const answer = await this.#client.send(this.#next(random));
      const status = answer?.status ?? 0;
      this.answers.push(status);
      await sleep(status === 0 ? 200 : random.between(0, 20));
    }
  }

  #next(random: Random): RawRequest {
    const { admin } = this.#askers.identities;
    const roll = random.next();
    if (roll < 0.001) {
      this.floods++;
      return flood(random);
    }
    if (roll < 0.011) {
      this.deep++;
      return deepPatch(random, admin);
    }
    if (roll < 0.015) {
      this.large++;
      return largePost(random, admin);
    }
    return anyRequest(random, this.#askers, Math.floor(this.sent / pace));
  }
}
