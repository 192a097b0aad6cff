import { EqlSyntaxError } from "./error.ts";
import * as hints from "./hints.ts";
import { type EqlLimits, mostJoined, mostRuns, mostSampled, mostStages, widestLimits } from "./limits.ts";
import type { EqlField, EqlFilter, EqlItem, EqlPipe, EqlQuery, EqlSequenceItem } from "./node.ts";
import { ExpressionParser } from "./parse-expression.ts";
import { offsetOf, placed } from "./places.ts";
import { Tokens } from "./tokens.ts";
import { keywords } from "./words.ts";

/**
 * Parses EQL as Elasticsearch has it. Throws an `EqlSyntaxError` that says where the text is not EQL, and what to write, or
 * which limit the query exceeds.
 */
export const parseEql = (text: string, limits: Partial<EqlLimits> = {}): EqlQuery =>
  new Parser(text, { ...widestLimits, ...limits }).query();

const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

class Parser {
  readonly #tokens: Tokens;
  readonly #expressions: ExpressionParser;

  constructor(text: string, limits: EqlLimits) {
    if (text.length > limits.characters) {
      const found = `The query has ${text.length} characters; at most ${limits.characters} are supported.`;
      throw new EqlSyntaxError(found, "Split it into several queries.", limits.characters);
    }
    this.#tokens = new Tokens(text);
    this.#expressions = new ExpressionParser(this.#tokens, limits);
  }

  query(): EqlQuery {
    const tokens = this.#tokens;
    if (tokens.word("sequence")) return this.#sequence();
    if (tokens.word("sample")) return this.#sample();
    const filter = this.#filter();
    const pipes = this.#pipes();
    if (tokens.next.kind !== "end") throw hints.afterCondition(tokens, "the end");
    return { type: "event", filter, pipes };
  }

  #filter(): EqlFilter {
    const category = this.#category();
    if (!this.#tokens.word("where")) throw hints.whereExpected(this.#tokens, category ?? "any");
    return { category, condition: this.#expressions.condition() };
  }

  #category(): string | undefined {
    const { kind, value, tilde } = this.#tokens.next;
    if (this.#tokens.word("any")) return undefined;
    if (kind !== "string" && kind !== "quoted" && (kind !== "name" || tilde || keywords.has(value)))
      throw hints.eventExpected(this.#tokens);
    return this.#tokens.take().value;
  }

  #sequence(): EqlQuery {
    const tokens = this.#tokens;
    const by = this.#by();
    const maxspan = tokens.word("with") ? this.#maxspan() : undefined;
    if (maxspan !== undefined && tokens.atWord("by"))
      throw hints.expected(tokens, "an event", 'Write "by" before "with": sequence by a with maxspan=1m.');
    const items: EqlSequenceItem[] = [];
    while (tokens.at("[") || tokens.at("![")) items.push(this.#sequenceItem());
    if (items.length === 0) throw hints.afterItems(tokens, "sequence");
    const until = tokens.word("until") ? this.#until() : undefined;
    const pipes = this.#pipes();
    if (tokens.next.kind !== "end") throw hints.afterItems(tokens, "sequence");
    this.#checkSequence(items, maxspan);
    checkKeys(by, until ? [...items, until] : items);
    return { type: "sequence", by, maxspan, items, until, pipes };
  }

  #checkSequence(items: readonly EqlSequenceItem[], maxspan: number | undefined): void {
    const stages = items.reduce((count, { runs }) => count + runs, 0);
    const wrong = (summary: string, hint: string) => new EqlSyntaxError(summary, hint, 0);
    if (stages < 2)
      throw wrong("A sequence needs at least two events.", "Add an event, or write it without sequence and brackets.");
    if (stages > mostStages)
      throw wrong(`A sequence has at most ${mostStages} events; this one has ${stages}.`, "Write a shorter one.");
    if (items.every(({ missing }) => missing))
      throw wrong(
        "A sequence needs an event that is not missing.",
        "Write one of the events without the exclamation mark.",
      );
    if (maxspan === undefined && items.some(({ missing }) => missing))
      throw wrong("A sequence with a missing event needs a maxspan.", "Write sequence with maxspan=1m.");
  }

  #sequenceItem(): EqlSequenceItem {
    const { start } = this.#tokens.next;
    const missing = this.#tokens.at("![");
    const { filter, by } = this.#item();
    return placed({ filter, by, missing, runs: this.#tokens.word("with") ? this.#runs() : 1 }, start);
  }

  #until(): EqlItem {
    if (!this.#tokens.at("["))
      throw hints.expected(this.#tokens, '"[" after "until"', "Put the event in brackets: until [process where …].");
    return this.#item();
  }

  /** `[process where …] by a, b`. */
  #item(): EqlItem {
    const { start } = this.#tokens.take();
    const filter = this.#filter();
    if (!this.#tokens.mark("]")) {
      if (this.#tokens.next.kind !== "end") throw hints.afterCondition(this.#tokens, '"]"');
      throw hints.expected(this.#tokens, '"]"', `It closes the "[" at character ${start + 1}.`);
    }
    return placed({ filter, by: this.#by() }, start);
  }

  #by(): readonly EqlField[] {
    if (!this.#tokens.word("by")) return [];
    const fields: EqlField[] = [];
    do {
      const field = this.#expressions.field();
      if (!field) throw hints.expected(this.#tokens, 'a field after "by"', "Write the name of a field.");
      fields.push(field);
    } while (this.#tokens.mark(","));
    return fields;
  }

  #maxspan(): number {
    this.#assigned("maxspan", "with maxspan=5m");
    const { value: number, kind, start, end } = this.#tokens.next;
    const hint = "Write a whole number and a unit: ms, s, m, h or d.";
    if (kind !== "number" || !/^\d{1,12}$/.test(number)) throw hints.expected(this.#tokens, "a time such as 5m", hint);
    this.#tokens.take();
    const unit = this.#tokens.next;
    const isUnit = unit.kind === "name" && unit.start === end && !unit.tilde && Object.hasOwn(units, unit.value);
    if (!isUnit) throw hints.expected(this.#tokens, `a unit after "${number}"`, hint);
    this.#tokens.take();
    const milliseconds = Number(number) * units[unit.value as keyof typeof units];
    if (milliseconds === 0) throw new EqlSyntaxError("maxspan is zero.", "Write a longer time, such as 1s.", start);
    if (!Number.isSafeInteger(milliseconds))
      throw new EqlSyntaxError("maxspan is too long.", "Write a shorter time.", start);
    return milliseconds;
  }

  #runs(): number {
    this.#assigned("runs", "with runs=3");
    return this.#whole(1, mostRuns, "runs");
  }

  #assigned(name: string, example: string): void {
    if (!this.#tokens.word(name)) throw hints.expected(this.#tokens, `"${name}" after "with"`, `Write ${example}.`);
    if (!this.#tokens.mark("=")) throw hints.expected(this.#tokens, `"=" after "${name}"`, `Write ${example}.`);
  }

  #whole(least: number, most: number, what: string): number {
    const { kind, value } = this.#tokens.next;
    const number = Number(value);
    if (kind !== "number" || !/^\d{1,10}$/.test(value) || number < least || number > most)
      throw hints.expected(this.#tokens, `a whole number for ${what}`, `Write a number from ${least} to ${most}.`);
    this.#tokens.take();
    return number;
  }

  #sample(): EqlQuery {
    const tokens = this.#tokens;
    const by = this.#by();
    const items: EqlItem[] = [];
    while (tokens.at("[")) items.push(this.#item());
    if (items.length === 0 || tokens.next.kind !== "end") throw hints.afterItems(tokens, "sample");
    const wrong = (summary: string, hint: string) => new EqlSyntaxError(summary, hint, 0);
    if (items.length < 2) throw wrong("A sample needs at least two events.", "Add an event in brackets.");
    if (items.length > mostSampled)
      throw wrong(`A sample has at most ${mostSampled} events; this one has ${items.length}.`, "Write a shorter one.");
    checkKeys(by, items);
    if (by.length === 0 && items[0]!.by.length === 0)
      throw wrong("A sample needs fields whose values the events share.", "Write sample by host.name.");
    return { type: "sample", by, items };
  }

  #pipes(): readonly EqlPipe[] {
    const pipes: EqlPipe[] = [];
    while (this.#tokens.mark("|")) {
      const { value, start } = this.#tokens.next;
      if (!this.#tokens.word("head") && !this.#tokens.word("tail")) throw hints.pipeExpected(this.#tokens);
      pipes.push(placed({ name: value as EqlPipe["name"], count: this.#whole(0, 2_147_483_647, value) }, start));
    }
    return pipes;
  }
}

/** Every event needs as many fields of its own as the first. */
const checkKeys = (by: readonly EqlField[], items: readonly EqlItem[]): void => {
  const wanted = items[0]!.by.length;
  if (by.length + wanted > mostJoined) {
    const summary = `The events are joined by ${by.length + wanted} fields; at most ${mostJoined} are supported.`;
    throw new EqlSyntaxError(summary, "Name fewer fields.", offsetOf(by[0] ?? items[0]!) ?? 0);
  }
  for (const item of items) {
    const found = item.by.length;
    if (found === wanted) continue;
    const summary = `An event has ${found} fields after "by", and the first one has ${wanted}.`;
    throw new EqlSyntaxError(summary, "Name as many fields for every event.", offsetOf(item) ?? 0);
  }
};
