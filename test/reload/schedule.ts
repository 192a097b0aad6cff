import { setTimeout as sleep } from "node:timers/promises";
import { reachControl } from "../../src/control/client.ts";
import type { Outcome } from "../../src/reload/reloader.ts";
import { type LogLine, startWeir, type Weir } from "../end-to-end/weir.ts";
import type { Random } from "../kill/random.ts";
import { buckets, damages, type Generation, type PipelineFiles } from "./generation.ts";
import type { Load } from "./load.ts";

export interface ScheduleOptions {
  readonly files: PipelineFiles;
  readonly random: Random;
  readonly load: () => Load;
  /** Ports for the HTTP server, and one that another process has. */
  readonly ports: readonly number[];
  readonly takenPort: number;
  /** The URL of the receiver, and one at which nobody listens. */
  readonly url: string;
  readonly deadUrl: string;
}

/** Reloads a running weir on a random schedule, and says what each reload must give. */
export class Schedule {
  readonly generations: Generation[];
  readonly counts: Record<Outcome | "kill", number> = { applied: 0, unchanged: 0, invalid: 0, failed: 0, kill: 0 };
  /** Reloads that went otherwise than they must. */
  readonly surprises: string[] = [];
  readonly #options: ScheduleOptions;
  #weir: Weir | undefined;
  readonly errors: string[] = [];

  constructor(options: ScheduleOptions) {
    this.#options = options;
    const { ports, url } = options;
    this.generations = [{ number: 0, code: 0, bucket: 0, port: ports[0]!, url, isCopied: false }];
    this.port = ports[0]!;
    options.files.write(this.#current);
  }

  get #current(): Generation {
    return this.generations.at(-1)!;
  }

  /** The port of the HTTP server of the pipeline that runs. */
  port: number;

  async start(): Promise<void> {
    const { pipeline, dataDir, stats } = this.#options.files;
    this.#weir = startWeir(["run", pipeline, "--data-dir", dataDir, "--stats", stats]);
    await this.#weir.said("listening on");
    while (!(await reachControl(dataDir))) await sleep(10);
    this.port = this.#current.port;
    this.#options.load().isUp = true;
  }

  async stop(): Promise<number | null> {
    this.#options.load().isUp = false;
    const { code, log } = await this.#weir!.stop("SIGTERM");
    this.#note(log);
    return code;
  }

  async step(): Promise<void> {
    const { random, files, takenPort } = this.#options;
    await sleep(random.between(0, 150));
    if (random.chance(0.08)) return this.#kill();
    if (random.chance(0.15)) return this.#reload("unchanged");
    if (random.chance(0.25)) {
      const expected = files.damage(random.between(0, damages - 1), takenPort);
      await this.#reload(expected);
      files.write(this.#current);
      return;
    }
    const isDead = this.#advance();
    if (random.chance(0.1)) return this.#kill(true);
    await this.#reload("applied");
    // The outbox of the dead receiver fills up, until the group stands still. Its mended URL must load all the same.
    if (!isDead) return;
    await sleep(random.between(200, 1_500));
    this.#advance(true);
    await this.#reload("applied");
  }

  /** Writes the next generation. Returns whether its receiver is down. */
  #advance(mended = false): boolean {
    const { random, files, ports, url, deadUrl } = this.#options;
    const now = this.#current;
    const isDead = !mended && random.chance(0.1);
    const next: Generation = {
      number: now.number + 1,
      code: random.chance(0.3) ? now.code + 1 : now.code,
      bucket: random.between(0, buckets - 1),
      port: random.chance(0.2) ? ports[random.between(0, ports.length - 1)]! : now.port,
      url: isDead ? deadUrl : url,
      isCopied: random.chance(0.2) ? !now.isCopied : now.isCopied,
    };
    files.write(next);
    this.generations.push(next);
    return isDead;
  }

  async #reload(expected: Outcome): Promise<void> {
    this.counts[expected]++;
    const { files, random, load } = this.#options;
    // No connection is refused, unless its port changes.
    load().isUp = expected !== "applied" || this.port === this.#current.port;
    const before = this.#reloads().length;
    if (random.chance(0.3)) {
      this.#weir!.child.kill("SIGHUP");
      while (this.#reloads().length === before && this.#weir!.isAlive) await sleep(5);
    } else await (await reachControl(files.dataDir))?.reload();
    while (this.#reloads().length === before && this.#weir!.isAlive) await sleep(5);
    if (expected === "applied") this.port = this.#current.port;
    load().isUp = true;
    const { outcome, msg } = this.#reloads()[before] ?? { outcome: "none", msg: "weir has ended" };
    if (outcome !== expected) this.surprises.push(`${expected} was expected, and it was ${outcome}: ${msg}`);
  }

  #reloads() {
    const lines = this.#weir!.log as readonly { readonly msg: string; readonly outcome?: Outcome }[];
    return lines.filter(({ msg }) => msg.startsWith("reload ("));
  }

  /** Kills weir, perhaps in the middle of a reload, and starts it again. */
  async #kill(isReloading = false): Promise<void> {
    const { load, random } = this.#options;
    this.counts.kill++;
    load().isUp = false;
    if (isReloading) {
      this.#weir!.child.kill("SIGHUP");
      await sleep(random.between(0, 60));
    }
    const { log } = await this.#weir!.stop("SIGKILL");
    this.#note(log);
    if (this.#current.url === this.#options.deadUrl) this.#advance(true);
    await this.start();
  }

  #note(log: readonly LogLine[]): void {
    for (const { level, msg } of log) if (level === "error" && !msg.startsWith("reload (")) this.errors.push(msg);
  }
}
