import type { IncomingHttpHeaders } from "node:http";
import { isPoison, Receiver, type Taken } from "./receiver.ts";

interface Action {
  readonly create: { readonly _index: string; readonly _id: string };
}

/**
 * Answers as the bulk API of Elasticsearch does: each item has a status, and an `_id` that is there is a conflict.
 * https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-bulk
 */
export class BulkReceiver extends Receiver {
  readonly #documents = new Map<string, string>();

  override take(_headers: IncomingHttpHeaders, body: string): Taken {
    const lines = body.split("\n").slice(0, -1);
    const items: object[] = [];
    const numbers: number[] = [];
    for (let at = 0; at < lines.length; at += 2) {
      const { create } = JSON.parse(lines[at]!) as Action;
      const { n } = JSON.parse(lines[at + 1]!) as { readonly n: number };
      const status = this.#create(create._id, lines[at + 1]!, n);
      if (status === 201) numbers.push(n);
      items.push({ create: { status, ...(status !== 201 && { error: { type: "some_exception", reason: "no" } }) } });
    }
    const answer = JSON.stringify({ errors: numbers.length < items.length, items });
    return { numbers, answer: { status: 200, headers: { "content-type": "application/json" }, body: answer } };
  }

  #create(id: string, document: string, n: number): number {
    if (isPoison(n)) {
      this.refused.add(n);
      return 400;
    }
    if (this.random.chance(0.03)) return this.random.chance(0.5) ? 429 : 503;
    const known = this.#documents.get(id);
    if (known !== undefined) {
      if (known !== document) this.contradictions.push(`${id} was ${known}, and is ${document}`);
      return 409;
    }
    this.#documents.set(id, document);
    this.note(n);
    return 201;
  }
}
