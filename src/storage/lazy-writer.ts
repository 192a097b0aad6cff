import { type CommitAnswer, type CommitRequest, Committer } from "./committer.ts";
import type { Place } from "./database.ts";
import { systemFiles } from "./files.ts";
import { type Reserve, reserveFile } from "./reserve.ts";
import { type CommitWriter, inlineWriter, startThread, threadedWriter, type WriterOptions } from "./writer.ts";

/** So many commits are made before a thread is started. */
const fewCommits = 8;
/** A commit with more bytes to append, or more changes of the state, goes to the thread at once. */
const fewBytes = 64 * 1024;
const fewChanges = 256;
/** How long a thread that runs may take to load its modules, in milliseconds. */
const loadTime = 200;
/** When the space for a full disk is taken, in milliseconds: a short run ends before. */
const reserveAfter = 1000;

/** What happens when a thread is started. */
export interface ThreadStart {
  /** Called before it starts. */
  readonly before?: () => void;
  /** Called when its modules are loaded. */
  readonly after?: () => void;
}

/**
 * Commits in the calling thread while there is little to commit, and from then on in a thread of its own. A thread takes half as long to
 * start as all of weir, and 20 MB: a short run, and one with nothing to do, do without.
 */
export const lazyWriter =
  ({ before, after }: ThreadStart = {}) =>
  (options: WriterOptions): CommitWriter => {
    const { dataDir, databasePath, database, segmentBytes } = options;
    const ends = new Map<string, Place>(options.ends);
    const reserve = laterReserve(dataDir);
    const committer = new Committer({
      dataDir,
      files: systemFiles,
      database,
      ends,
      segmentBytes,
      reserve,
    });
    let writer = inlineWriter(committer);
    let commits = 0;
    let thread: ReturnType<typeof startThread> | undefined;
    let isThreaded = false;
    let runs = false;

    const start = () => {
      before?.();
      thread = startThread();
      thread.unref();
      thread.once("online", () => {
        runs = true;
        if (after) setTimeout(after, loadTime).unref();
      });
      return thread;
    };
    const move = async () => {
      isThreaded = true;
      reserve.leave();
      const worker = thread ?? start();
      await writer.close();
      writer = threadedWriter({ dataDir, databasePath, ends, segmentBytes }, worker);
    };
    const commit = async (request: CommitRequest): Promise<CommitAnswer> => {
      if (!isThreaded && (runs || isLarge(request))) await move();
      const answer = await writer.commit(request);
      if (isThreaded || !answer.ok) return answer;
      for (const component of request.forget ?? []) ends.delete(component);
      for (const { outbox, end } of answer.ends) ends.set(outbox, end);
      if (++commits === fewCommits) start();
      return answer;
    };
    return {
      room: (bytes) => writer.room(bytes),
      commit,
      get answerWaits() {
        return writer.answerWaits;
      },
      async close() {
        reserve.leave();
        await writer.close();
        if (!isThreaded) await thread?.terminate();
      },
    };
  };

const isLarge = ({ appends, state }: CommitRequest): boolean =>
  state.length > fewChanges || appends.reduce((total, { bytes }) => total + bytes.length, 0) > fewBytes;

/** The reserve of a data dir, which is taken after a while. */
const laterReserve = (dataDir: string): Reserve & { leave(): void } => {
  let reserve: Reserve | undefined;
  const timer = setTimeout(() => {
    reserve = reserveFile(dataDir);
  }, reserveAfter);
  timer.unref();
  return {
    release: () => reserve?.release(),
    restore: () => reserve?.restore(),
    leave: () => clearTimeout(timer),
  };
};
