import { statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { readLinesSoFar, startWeir, type Weir } from "../../end-to-end/weir.ts";

interface Options {
  readonly pipeline: string;
  readonly dataDir: string;
  /** The file that its sink writes alerts to. */
  readonly alerts: string;
}

/** An alert: its id, and whom it names. */
export interface Alert {
  readonly id: string;
  readonly terms: string;
  /** The id of the event, as `kubernetes_audit` makes it. */
  readonly event: string;
}

/** One weir of several that share a history: its life, and its alerts. */
export class Node {
  readonly #options: Options;
  readonly pipeline: string;
  #weir: Weir | undefined;

  constructor(options: Options) {
    this.#options = options;
    this.pipeline = options.pipeline;
  }

  get isRunning(): boolean {
    return this.#weir?.isAlive ?? false;
  }

  run(more: readonly string[] = []): Weir {
    this.#weir = startWeir(["run", this.pipeline, "--data-dir", this.#options.dataDir, ...more]);
    return this.#weir;
  }

  /** Resolves when it runs; before that, a signal ends it at once. */
  async started(): Promise<void> {
    await this.said("running");
  }

  /** Resolves when its log contains the text. */
  async said(text: string): Promise<void> {
    expect(await this.#weir!.said(text)).toBe(true);
  }

  async end(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    const ended = await this.#weir!.stop(signal);
    if (signal === "SIGTERM") expect(ended.code, JSON.stringify(ended.log.slice(-10))).toBe(0);
  }

  /** Kills it, and runs it again after a pause, in milliseconds. */
  async kill(pause: number): Promise<void> {
    await this.end("SIGKILL");
    await sleep(pause);
    this.run();
    await this.started();
  }

  /** Stops it in the middle of what it does, and lets it go on. */
  pause(): void {
    this.#weir!.child.kill("SIGSTOP");
  }
  resume(): void {
    this.#weir!.child.kill("SIGCONT");
  }

  /** How many bytes of alerts there are. */
  get written(): number {
    return statSync(this.#options.alerts, { throwIfNoEntry: false })?.size ?? 0;
  }

  get alerts(): readonly Alert[] {
    return readLinesSoFar(this.#options.alerts).map((alert) => ({
      id: String(ofAlert(alert, "uuid")),
      terms: JSON.stringify(ofAlert(alert, "new_terms")),
      event: (ofAlert(alert, "ancestors") as readonly { readonly id: string }[])[0]!.id,
    }));
  }
}

/** A field of an alert, whose name has dots as long as no transform has changed the alert. */
const ofAlert = (alert: Readonly<Record<string, unknown>>, name: string): unknown =>
  alert[`kibana.alert.${name}`] ??
  (alert as { kibana?: { alert?: Readonly<Record<string, unknown>> } }).kibana?.alert?.[name];
