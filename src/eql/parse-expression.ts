import { EqlSyntaxError } from "./error.ts";
import * as hints from "./hints.ts";
import { deepest, type EqlLimits, longestChain } from "./limits.ts";
import type {
  EqlArithmeticOperator,
  EqlComparisonOperator,
  EqlExpression,
  EqlField,
  EqlMatchOperator,
} from "./node.ts";
import { readNumber } from "./number-literal.ts";
import { placed } from "./places.ts";
import { functionNamed } from "./signatures.ts";
import type { Token, Tokens } from "./tokens.ts";
import { keywords } from "./words.ts";

type Rule = () => EqlExpression;

const comparisons = ["==", "!=", "<=", ">=", "<", ">"] as const satisfies readonly EqlComparisonOperator[];
const sums = ["+", "-"] as const satisfies readonly EqlArithmeticOperator[];
const products = ["*", "/", "%"] as const satisfies readonly EqlArithmeticOperator[];

/** Reads conditions, values and fields. From the loosest: `or`, `and`, `not`, comparisons, sums, products, signs, `in` and patterns. */
export class ExpressionParser {
  readonly #tokens: Tokens;
  readonly #limits: EqlLimits;
  #depth = 0;
  #parts = 0;

  constructor(tokens: Tokens, limits: EqlLimits) {
    this.#tokens = tokens;
    this.#limits = limits;
  }

  condition: Rule = () => this.#joined("or", this.#and);
  #and: Rule = () => this.#joined("and", this.#not);
  #sum: Rule = () => this.#chain(sums, this.#product);
  #product: Rule = () => this.#chain(products, this.#signed);

  #joined(type: "and" | "or", operand: Rule): EqlExpression {
    const { start } = this.#tokens.next;
    const first = operand();
    if (!this.#tokens.atWord(type)) return first;
    const nodes = [first];
    while (this.#tokens.word(type)) nodes.push(operand());
    return this.#part({ type, nodes }, start);
  }

  #not: Rule = () => {
    const { start } = this.#tokens.next;
    if (!this.#tokens.word("not")) return this.#comparison();
    return this.#part({ type: "not", node: this.#within(start, this.#not) }, start);
  };

  #comparison(): EqlExpression {
    const { start } = this.#tokens.next;
    const left = this.#sum();
    for (const operator of comparisons)
      if (this.#tokens.mark(operator))
        return this.#part({ type: "comparison", operator, left, right: this.#sum() }, start);
    return left;
  }

  #chain<Operator extends EqlArithmeticOperator>(operators: readonly Operator[], operand: Rule): EqlExpression {
    const { start } = this.#tokens.next;
    let left = operand();
    for (let length = 1; ; length++) {
      const operator = operators.find((known) => this.#tokens.at(known));
      if (operator === undefined) return left;
      if (length === longestChain) throw this.#tooMany(`more than ${longestChain} terms in one sum or product`);
      this.#tokens.take();
      left = this.#part({ type: "arithmetic", operator, left, right: operand() }, start);
    }
  }

  #signed: Rule = () => {
    const { start } = this.#tokens.next;
    if (this.#tokens.mark("+")) return this.#within(start, this.#signed);
    if (!this.#tokens.at("-")) return this.#tested();
    this.#tokens.take();
    // Only a sign that stands before the number itself is part of it.
    if (this.#tokens.next.kind === "number") return this.#tests(this.#number(this.#tokens.take(), true), start);
    return this.#part({ type: "negative", node: this.#within(start, this.#signed) }, start);
  };

  /** A value, and whether it is one of several values or patterns. */
  #tested(): EqlExpression {
    const { start } = this.#tokens.next;
    return this.#tests(this.#value(), start);
  }

  #tests(node: EqlExpression, start: number): EqlExpression {
    const tokens = this.#tokens;
    if (tokens.atWord("not") && tokens.second.kind === "name" && tokens.second.value === "in") {
      tokens.take();
      return this.#in(node, true, start);
    }
    if (tokens.atWord("in") || tokens.atWord("in", true)) return this.#in(node, false, start);
    const operator = this.#matchOperator();
    if (operator === undefined) return node;
    return this.#part({ type: "match", operator, node, patterns: this.#patterns(operator) }, start);
  }

  #in(node: EqlExpression, negated: boolean, start: number): EqlExpression {
    const insensitive = this.#tokens.take().tilde;
    if (!this.#tokens.at("("))
      throw hints.expected(this.#tokens, `"(" after "in"`, 'Put the values in parentheses: in ("a", "b").');
    const values = this.#list(this.condition);
    return this.#part({ type: "in", negated, insensitive, node, values }, start);
  }

  #matchOperator(): EqlMatchOperator | undefined {
    const tokens = this.#tokens;
    if (tokens.mark(":")) return ":";
    for (const word of ["like", "regex"] as const) {
      if (tokens.word(word)) return word;
      if (tokens.word(word, true)) return `${word}~`;
    }
    return undefined;
  }

  #patterns(operator: string): readonly string[] {
    if (!this.#tokens.at("(")) return [this.#pattern(operator)];
    return this.#list(() => this.#pattern(operator));
  }

  #pattern(operator: string): string {
    const { next } = this.#tokens;
    const hint = next.kind === "number" ? 'Compare numbers with "==".' : 'Compare with anything else by "==".';
    if (next.kind !== "string") throw hints.expected(this.#tokens, `a text in double quotes after "${operator}"`, hint);
    this.#count();
    return this.#tokens.take().value;
  }

  /** `(a, b)`, of at least one. */
  #list<Item>(item: () => Item): readonly Item[] {
    const { start } = this.#tokens.take();
    return this.#within(start, () => {
      const items = [item()];
      while (this.#tokens.mark(",")) items.push(item());
      this.#close(start);
      return items;
    });
  }

  #close(open: number): void {
    if (this.#tokens.mark(")")) return;
    if (this.#tokens.next.kind !== "end") throw hints.afterCondition(this.#tokens, '")"');
    throw hints.expected(this.#tokens, '")"', `It closes the "(" at character ${open + 1}.`);
  }

  #value(): EqlExpression {
    const tokens = this.#tokens;
    const { next } = tokens;
    if (tokens.at("(")) {
      tokens.take();
      return this.#within(next.start, () => {
        const node = this.condition();
        this.#close(next.start);
        return node;
      });
    }
    if (next.kind === "string") return this.#part({ type: "string", value: tokens.take().value }, next.start);
    if (next.kind === "number") return this.#number(tokens.take(), false);
    if (tokens.word("null")) return this.#part({ type: "null" }, next.start);
    if (tokens.atWord("true") || tokens.atWord("false"))
      return this.#part({ type: "boolean", value: tokens.take().value === "true" }, next.start);
    if (next.kind === "name" && !keywords.has(next.value) && (next.tilde || isCall(tokens))) return this.#call();
    return this.field() ?? fail(hints.valueExpected(tokens));
  }

  #number(token: Token, negative: boolean): EqlExpression {
    return this.#part({ type: "number", value: readNumber(token, negative) }, negative ? token.start - 1 : token.start);
  }

  #call(): EqlExpression {
    const { value, tilde, start } = this.#tokens.take();
    if (!this.#tokens.at("("))
      throw hints.expected(this.#tokens, `"(" after "${value}~"`, `Write ${value}~(…), or "${value}" without the ~.`);
    const inputs =
      this.#tokens.second.value === ")" && this.#tokens.second.kind === "mark"
        ? this.#none()
        : this.#list(this.condition);
    return this.#part({ type: "call", name: functionNamed(value) ?? value, insensitive: tilde, inputs }, start);
  }

  #none(): readonly EqlExpression[] {
    this.#tokens.take();
    this.#tokens.take();
    return [];
  }

  /** A field such as `process.name` or ?`my-field`; `undefined` if there is none here. */
  field(): EqlField | undefined {
    const tokens = this.#tokens;
    const { start } = tokens.next;
    const optional = tokens.mark("?");
    const names: string[] = [];
    do {
      const { kind, value, tilde, start: at } = tokens.next;
      const isName = (kind === "name" && !tilde && (names.length > 0 || !keywords.has(value))) || kind === "quoted";
      if (!isName) {
        if (names.length === 0 && !optional) return undefined;
        throw hints.expected(
          tokens,
          "the name of a field",
          "Put a name with other characters in backquotes: `my-field`.",
        );
      }
      if (value === "")
        throw new EqlSyntaxError("The name of the field is empty.", "Write the name between the backquotes.", at);
      names.push(tokens.take().value);
    } while (tokens.mark("."));
    return this.#part({ type: "field", name: names.join("."), optional }, start);
  }

  /** Reads what is within parentheses, or after a sign. */
  #within<Result>(start: number, inner: () => Result): Result {
    if (++this.#depth > deepest)
      throw new EqlSyntaxError(
        `The query has more than ${deepest} levels.`,
        "Remove parentheses that group nothing.",
        start,
      );
    const result = inner();
    this.#depth--;
    return result;
  }

  #part<Part extends EqlExpression>(part: Part, start: number): Part {
    this.#count();
    return placed(part, start);
  }

  #count(): void {
    if (++this.#parts > this.#limits.parts) throw this.#tooMany(`more than ${this.#limits.parts} values and operators`);
  }

  #tooMany(what: string): EqlSyntaxError {
    return new EqlSyntaxError(`The query has ${what}.`, "Split it into several queries.", this.#tokens.next.start);
  }
}

const isCall = ({ second }: Tokens) => second.kind === "mark" && second.value === "(";

const fail = (error: Error): never => {
  throw error;
};
