/** What each client takes of something of which all clients may take the same. A client alone may take all of it. */
export class Shares {
  readonly #most: number;
  readonly #taken = new Map<string, number>();
  #total = 0;

  /** `most`: how much there is, in any unit. */
  constructor(most: number) {
    this.#most = most;
  }

  /** What all clients have taken. */
  get total(): number {
    return this.#total;
  }

  /** Whether so much more is there, whoever takes it. */
  hasRoom(amount: number): boolean {
    return this.#total + amount <= this.#most;
  }

  /** Whether a client that takes so much more stays within its share of the whole. */
  isWithin(client: string, amount: number): boolean {
    const clients = this.#taken.size + Number(!this.#taken.has(client));
    return this.of(client) + amount <= this.#most / clients;
  }

  /** What a client has taken. */
  of(client: string): number {
    return this.#taken.get(client) ?? 0;
  }

  /** The client that has taken the most. */
  greediest(): string | undefined {
    let greediest: readonly [string, number] | undefined;
    for (const one of this.#taken) if (!greediest || one[1] > greediest[1]) greediest = one;
    return greediest?.[0];
  }

  take(client: string, amount: number): void {
    this.#total += amount;
    const taken = this.of(client) + amount;
    if (taken > 0) this.#taken.set(client, taken);
    else this.#taken.delete(client);
  }

  release(client: string, amount: number): void {
    this.take(client, -amount);
  }
}
