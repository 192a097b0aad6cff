import { formatProblems } from "../config/format.ts";
import { readEvents } from "../explain/read-events.ts";
import type { Input } from "../pipeline-tests/format/test.ts";
import type { Problem } from "../problem.ts";
import { printable } from "../text.ts";
import type { Component } from "../topology/topology.ts";
import { fileBytes, inputBytes, textIn } from "./file-text.ts";
import { exit, type Terminal } from "./terminal.ts";

/** The input as it is named on the command line. */
export interface GivenInput {
  /** A file, or `-` for standard input. */
  readonly event?: string;
  /** The file has records as the source reads them. */
  readonly raw?: boolean;
  /** Records, as text. */
  readonly line?: readonly string[];
}

/** There is nothing to explain: a message for people, or a problem with its place in `text`. */
export class NoInput extends Error {
  readonly code: number;
  readonly problem: Problem | undefined;
  readonly text: string | undefined;

  constructor(message: string, { code = exit.usage as number, problem, text }: Partial<Omit<NoInput, "message">> = {}) {
    super(message);
    this.code = code;
    this.problem = problem;
    this.text = text;
  }
}

/** Tells people that there is nothing to explain; any other error is thrown again. Returns the exit code. */
export const reportNoInput = (error: unknown, terminal: Terminal): number => {
  if (!(error instanceof NoInput)) throw error;
  const { message, problem, text, code } = error;
  if (problem) terminal.error(formatProblems([problem], () => text, { color: terminal.color.error }));
  else terminal.error(`${printable(message)}\n`);
  return code;
};

/** What enters a component. Throws `NoInput`. */
export const readInput = async (
  { event, raw, line }: GivenInput,
  component: Pick<Component, "id" | "kind">,
): Promise<Input> => {
  const isRaw = raw === true || line !== undefined;
  if (isRaw && component.kind !== "source")
    throw new NoInput(
      `"${component.id}" is a ${component.kind}, which gets events, and no records. Give it an event as JSON with --event, without --raw.`,
    );
  if (line !== undefined) return { texts: line };
  if (event === undefined)
    throw new NoInput(`Name what enters "${component.id}": --event FILE with an event as JSON, or --line TEXT.`);
  const name = event === "-" ? "standard input" : event;
  try {
    const bytes = event === "-" ? await inputBytes() : fileBytes(event);
    return raw ? { file: bytes } : eventsIn(textIn(bytes), name);
  } catch (error) {
    if (error instanceof NoInput) throw error;
    const what = event === "-" ? "Standard input" : `The file "${event}"`;
    throw new NoInput(`${what} cannot be read: ${(error as Error).message}.`, { code: exit.failed });
  }
};

const eventsIn = (text: string, file: string): Input => {
  const read = readEvents(text, file);
  if ("events" in read) return read;
  throw new NoInput(read.problem.message, { code: exit.failed, problem: read.problem, text });
};
