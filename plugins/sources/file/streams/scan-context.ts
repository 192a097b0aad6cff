import type { Clock } from "weir";
import type { SourceLog } from "../report.ts";
import type { OpenFiles } from "./open-files.ts";
import type { StreamTable } from "./stream-table.ts";

/** What a scan needs to know and to change. */
export interface ScanContext {
  readonly streams: StreamTable;
  readonly openFiles: OpenFiles;
  /** Compressed files that must not be read yet, because their streams are still read from other files: key to version. */
  readonly postponed: Map<string, string>;
  /** The very first look is not over: rotated files are ignored, and `read_from` applies. */
  readonly isFirst: boolean;
  readonly readFrom: "beginning" | "end";
  readonly clock: Clock;
  readonly report: SourceLog;
  /** Receives the paths of the files from before the first start that are not read. */
  readonly ignored: Set<string>;
}
