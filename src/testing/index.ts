export { memoryState } from "../transform/memory-state.ts";
export { runStep } from "../transform/run-step.ts";
export { turn, type VirtualClock, virtualClock } from "./clock.ts";
export { type Line, type RecordingHost, recordingHost } from "./host.ts";
export { type LogLine, logRecorder } from "./log.ts";
export { type ReadOptions, readSource } from "./read.ts";
export { delivery, type OpenedSink, type OpenOptions, openSink } from "./sink.ts";
export { type SourceCase, testSource } from "./test-source.ts";
export { flaws } from "./well-formed.ts";
