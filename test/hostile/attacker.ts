/** A process that attacks: `attacker.ts TARGET MILLISECONDS`; prints what came of it as JSON. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Attack, Target } from "./attacks/connection.ts";
import { eventAttacks } from "./attacks/events.ts";
import { httpAttacks } from "./attacks/http.ts";
import { webSocketAttacks } from "./attacks/websocket.ts";

/** By attack: how many rounds had each outcome. */
export type Tally = Readonly<Record<string, Readonly<Record<string, number>>>>;

const [target, milliseconds] = [JSON.parse(process.argv[2]!) as Target, Number(process.argv[3])];
const end = performance.now() + milliseconds;

/** WEIR_ATTACK names some, separated by commas, to see what they do alone. */
const only = process.env["WEIR_ATTACK"]?.split(",");
const attacks = Object.entries({ ...httpAttacks, ...webSocketAttacks, ...eventAttacks }).filter(
  ([name]) => only === undefined || only.includes(name),
);
const tally = Object.fromEntries(attacks.map(([name]) => [name, {} as Record<string, number>]));

const lane = async (name: string, { run, lanes, pause }: Attack, number: number): Promise<void> => {
  const outcomes = tally[name]!;
  await sleep((number * 2_000) / lanes);
  for (let round = number; performance.now() < end; round += lanes) {
    const left = Math.max(0, end - performance.now());
    const word = await Promise.race([run(target, round), sleep(left, "still open", { ref: false })]);
    outcomes[word] = (outcomes[word] ?? 0) + 1;
    await sleep(Math.min(pause, Math.max(0, end - performance.now())));
  }
};

console.log("ready");
await Promise.all(
  attacks.flatMap(([name, attack]) => Array.from({ length: attack.lanes }, (_, number) => lane(name, attack, number))),
);
console.log(JSON.stringify(tally));
process.exit(0);
