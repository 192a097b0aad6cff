import { once } from "node:events";
import { inspect } from "node:util";
import { Worker } from "node:worker_threads";
import { afterAll, expect } from "vitest";
import { ScanThreads } from "../../src/scan/ahead/scan-threads.ts";
import { type Given, type KeptEvent, leftBy, type Mode } from "./run.ts";
import type { PlainAnswer, PlainJob } from "./without-wasm.ts";

type Ran = Awaited<ReturnType<typeof leftBy>>;

const values = (events: readonly KeptEvent[]) =>
  events.map(({ id, json }) => ({ id, value: JSON.parse(json) as unknown }));

/** The same with the values that the JSON of events stands for. */
const meant = ({ kept, letters, ...left }: Ran["left"]) => ({
  ...left,
  kept: Object.fromEntries(Object.entries(kept).map(([sink, events]) => [sink, values(events)])),
  letters: values(letters),
});

/**
 * What a test file compares in every mode, with the threads that it takes; they end with its last test. It returns a function that runs
 * a pipeline in each, and expects that all leave the same behind; `records`: about how many it is given.
 */
export const inEveryMode = () => {
  /** One thread and two, which scan readings of any size. */
  const workers = [1, 2].map(
    (count) => new ScanThreads({ count, least: 1, onEnded: (why) => expect.unreachable(`a thread ended: ${why}`) }),
  );
  const plain = new Worker(new URL("./without-wasm.ts", import.meta.url), { execArgv: ["--conditions=weir-source"] });
  plain.unref();

  const here = (mode: Mode) => (given: Given) => leftBy(given, mode);
  let jobs = 0;
  const onPlainMachine = (hasWorker: boolean) => async (given: Given) => {
    const number = ++jobs;
    const job: PlainJob = { number, given, hasWorker };
    plain.postMessage(job);
    for (;;) {
      const [answer] = (await once(plain, "message")) as [PlainAnswer];
      // A test that ran out of time may have left its own.
      if (answer.number !== number) continue;
      if (!answer.ran) throw new Error(answer.error);
      return answer.ran;
    }
  };

  /** What nothing may depend on. The first is the reference for what is meant, and the second for each byte. */
  const modes: Readonly<Record<string, (given: Given) => Promise<Ran>>> = {
    "every record parsed": here({ passesOver: false, parsesAll: true }),
    "no scanner": here({ passesOver: false }),
    WebAssembly: here({ passesOver: true }),
    "one worker": here({ passesOver: true, scanThreads: workers[0] }),
    "two workers": here({ passesOver: true, scanThreads: workers[1] }),
    "no WebAssembly": onPlainMachine(false),
    "no WebAssembly, one worker": onPlainMachine(true),
  };
  const counted = { runs: 0, records: 0, passedOver: 0, events: 0, letters: 0, scans: 0 };

  afterAll(async () => {
    if (process.env["WEIR_LONG"])
      console.log(`in each of ${Object.keys(modes).length} modes: ${JSON.stringify(counted)}`);
    await Promise.all([...workers.map((threads) => threads.close()), plain.terminate()]);
    expect(counted.passedOver).toBeGreaterThan(0);
  });

  const expectTheSame = async (given: Given, records: number): Promise<void> => {
    let reference: { readonly left: Ran["left"]; readonly isParsed: boolean } | undefined;
    const passedOver: Record<string, number> = {};
    for (const [name, run] of Object.entries(modes)) {
      const ran = await run(given);
      passedOver[name] = ran.passedOver;
      if (reference?.isParsed)
        expect({ mode: name, ...meant(ran.left) }).toEqual({ mode: name, ...meant(reference.left) });
      else if (reference) expect({ mode: name, ...ran.left }).toEqual({ mode: name, ...reference.left });
      // An object of which a member was changed is written anew if it was parsed, and else as it was, but for that member.
      if (!reference || reference.isParsed) reference = { left: ran.left, isParsed: !reference };
    }
    const { ended, answers, letters, kept } = reference!.left;
    expect(ended.how, inspect(ended)).toBe(answers ? "stopped" : "finished");
    // How many are passed over in the other modes also depends on when scanning pauses, because nearly all records are wanted.
    expect(passedOver).toMatchObject({ "every record parsed": 0, "no scanner": 0 });
    counted.runs++;
    counted.records += records;
    counted.passedOver += passedOver["WebAssembly"]!;
    counted.letters += letters.length;
    counted.scans = Math.min(...workers.map(({ scans }) => scans));
    for (const events of Object.values(kept)) counted.events += events.length;
  };
  return { expectTheSame, workers, counted };
};
