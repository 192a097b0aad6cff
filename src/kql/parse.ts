import { Cursor } from "./cursor.ts";
import { KqlSyntaxError } from "./error.ts";
import * as hints from "./hints.ts";
import { type KqlLimits, widestLimits } from "./limits.ts";
import { everything, isStar, type KqlLiteral, type KqlNode, type KqlOperator } from "./node.ts";

/** Deeper than any real query; it keeps a hostile text from exhausting the stack. */
const deepest = 500;
const operators: readonly KqlOperator[] = ["<=", ">=", "<", ">"];

/**
 * Parses KQL by Kibana's grammar. Where that grammar backtracks, every alternative fails too, so one pass is enough. Throws a
 * `KqlSyntaxError` that says where the text is not KQL, and what to write, or which limit the query exceeds.
 */
export const parseKql = (text: string, limits: Partial<KqlLimits> = {}): KqlNode =>
  new Parser(text, { ...widestLimits, ...limits }).query();

type Rule = () => KqlNode;

class Parser {
  readonly #cursor: Cursor;
  readonly #limits: KqlLimits;
  #depth = 0;
  #conditions = 0;
  #fieldPatterns = 0;

  constructor(text: string, limits: KqlLimits) {
    this.#cursor = new Cursor(text);
    this.#limits = limits;
  }

  query(): KqlNode {
    const { text } = this.#cursor;
    const { characters } = this.#limits;
    if (text.length > characters) {
      const found = `The query has ${text.length} characters; at most ${characters} are supported.`;
      throw new KqlSyntaxError(found, "Split it into several queries.", characters);
    }
    this.#cursor.skipSpace();
    if (this.#cursor.done) return everything;
    const node = this.#or();
    this.#cursor.skipSpace();
    if (!this.#cursor.done) throw hints.unexpected(this.#cursor);
    return node;
  }

  #or: Rule = () => this.#joined("or", this.#and);
  #and: Rule = () => this.#joined("and", this.#not);
  #not: Rule = () => (this.#cursor.keyword("not") ? { type: "not", node: this.#term() } : this.#term());

  #joined(type: "and" | "or", operand: Rule): KqlNode {
    const first = operand();
    if (!this.#cursor.keyword(type)) return first;
    const nodes = [first];
    do nodes.push(operand());
    while (this.#cursor.keyword(type));
    return { type, nodes };
  }

  #term(): KqlNode {
    const cursor = this.#cursor;
    if (cursor.mark("(")) return this.#enclosed(this.#or, ")");
    const literal = cursor.literal();
    if (!literal) throw hints.conditionExpected(cursor);
    const end = cursor.at;
    cursor.skipSpace();
    if (cursor.mark(":")) return this.#test(literal);
    for (const operator of operators) if (cursor.mark(operator)) return this.#range(literal, operator);
    cursor.at = end;
    return this.#counted({ type: "is", field: { type: "null" }, value: literal });
  }

  #test(field: KqlLiteral): KqlNode {
    this.#cursor.skipSpace();
    if (this.#cursor.mark("{")) return { type: "nested", path: field, node: this.#enclosed(this.#or, "}") };
    return this.#values(field);
  }

  #range(field: KqlLiteral, operator: KqlOperator): KqlNode {
    this.#cursor.skipSpace();
    const value = this.#cursor.literal();
    if (!value) throw hints.rangeExpected(this.#cursor, field);
    return this.#counted({ type: "range", field, operator, value });
  }

  /** One value, or a list of them in parentheses, each tested against the same field. */
  #values(field: KqlLiteral): KqlNode {
    const negated: Rule = () =>
      this.#cursor.keyword("not") ? { type: "not", node: this.#values(field) } : this.#values(field);
    const all: Rule = () => this.#joined("and", negated);
    const any: Rule = () => this.#joined("or", all);
    if (this.#cursor.mark("(")) return this.#enclosed(any, ")");
    const value = this.#cursor.literal();
    if (!value) throw hints.valueExpected(this.#cursor, field);
    return this.#counted({ type: "is", field, value });
  }

  /** Counts a condition that was just read. */
  #counted<Condition extends Extract<KqlNode, { readonly field: KqlLiteral }>>(condition: Condition): Condition {
    const { conditions, fieldPatterns } = this.#limits;
    if (++this.#conditions > conditions)
      throw this.#tooMany(`more than ${conditions} conditions`, "Split it into several queries.");
    if (condition.field.type === "wildcard" && !isStar(condition.field) && ++this.#fieldPatterns > fieldPatterns)
      throw this.#tooMany(`more than ${fieldPatterns} conditions on patterns of fields`, "Name the fields.");
    return condition;
  }

  #tooMany(what: string, hint: string): KqlSyntaxError {
    return new KqlSyntaxError(`The query has ${what}, which is the limit.`, hint, this.#cursor.at);
  }

  #enclosed(inner: Rule, close: ")" | "}"): KqlNode {
    const cursor = this.#cursor;
    const open = cursor.at - 1;
    if (++this.#depth > deepest) throw this.#tooDeep(open);
    cursor.skipSpace();
    const node = inner();
    cursor.skipSpace();
    if (!cursor.mark(close)) throw hints.closeExpected(cursor, close, open);
    this.#depth--;
    return node;
  }

  #tooDeep(open: number): KqlSyntaxError {
    this.#cursor.at = open;
    return this.#cursor.expected(`at most ${deepest} levels of parentheses`, "Remove those that group nothing.");
  }
}
