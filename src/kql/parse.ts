import { Cursor } from "./cursor.ts";
import type { KqlSyntaxError } from "./error.ts";
import * as hints from "./hints.ts";
import { everything, type KqlLiteral, type KqlNode, type KqlOperator } from "./node.ts";

/** Deeper than any real query; it keeps a hostile text from exhausting the stack. */
const deepest = 500;
const operators: readonly KqlOperator[] = ["<=", ">=", "<", ">"];

/**
 * Parses KQL by Kibana's grammar. Where that grammar backtracks, every alternative fails too, so one pass is enough. Throws a `KqlSyntaxError` that says where the text is not KQL, and what to write.
 */
export const parseKql = (text: string): KqlNode => new Parser(text).query();

type Rule = () => KqlNode;

class Parser {
  readonly #cursor: Cursor;
  #depth = 0;

  constructor(text: string) {
    this.#cursor = new Cursor(text);
  }

  query(): KqlNode {
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
    return { type: "is", field: { type: "null" }, value: literal };
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
    return { type: "range", field, operator, value };
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
    return { type: "is", field, value };
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
