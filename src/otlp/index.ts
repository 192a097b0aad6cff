export { EventText } from "./event-text.ts";
export { OtlpError, type ReceivedRecord, RefusedRecord } from "./model.ts";
export { recordsInJson } from "./read-json.ts";
export { recordsInProtobuf } from "./read-protobuf.ts";
export { type MappedRecord, recordOfEvent } from "./record-of-event.ts";
export {
  encodingOf,
  type OtlpEncoding,
  otlpTypes,
  type PartialSuccess,
  partialSuccessIn,
  responseBody,
  statusBody,
  statusMessageIn,
} from "./response.ts";
export { jsonRequest } from "./write-json.ts";
export { protobufRequest } from "./write-protobuf.ts";
