import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

/** What plugins may import, by entry of package.json: values and types, sorted. A change here is a change of the API. */
const doors: Readonly<Record<string, { readonly values: readonly string[]; readonly types: readonly string[] }>> = {
  ".": {
    values: [
      "DeliveryError",
      "PipelineError",
      "RejectError",
      "StateFull",
      "defineCodec",
      "defineSink",
      "defineSource",
      "defineTransform",
      "fieldValues",
      "fingerprint",
      "option",
      "run",
      "validate",
      "withData",
    ],
    types: [
      "Checkpoint",
      "Clock",
      "Codec",
      "CodecName",
      "Config",
      "Context",
      "Data",
      "Defined",
      "Delivery",
      "Event",
      "EventTap",
      "Framing",
      "Json",
      "Keeper",
      "Log",
      "Offer",
      "Option",
      "Options",
      "Outcome",
      "PipelineOptions",
      "Plugin",
      "Problem",
      "Reading",
      "RecordReader",
      "RunOptions",
      "RunningPipeline",
      "SinkContext",
      "SourceContext",
      "State",
      "StepResult",
      "TapOptions",
      "TappedEvent",
      "Tick",
      "Writer",
    ],
  },
  "./transform": {
    values: [
      "OptionError",
      "atOption",
      "defaultFieldsOption",
      "didYouMean",
      "fieldTypesOption",
      "queryOptions",
      "stateOption",
    ],
    types: ["Ending", "FieldOrigin", "Passing", "Trace", "TracedStep", "Turning", "TurningMember"],
  },
  "./rxjs": {
    values: ["Batch", "eachBatch", "filterEvents", "flatMapEvents", "mapEvents"],
    types: ["Account", "CreateContext", "EachBatchOptions", "Ended", "Rejection"],
  },
  "./kql": {
    values: [
      "KqlError",
      "KqlSyntaxError",
      "compileKql",
      "formatKql",
      "guardOfKql",
      "kqlConditions",
      "kqlFields",
      "kqlHeads",
      "kqlOptionsOf",
      "parseKql",
    ],
    types: ["FieldType", "KqlLiteral", "KqlNever", "KqlNode", "KqlOperator", "KqlOptions", "KqlPredicate"],
  },
  "./eql": {
    values: [
      "EqlError",
      "EqlSyntaxError",
      "SequenceMatcher",
      "compileEql",
      "eqlFields",
      "explainEql",
      "formatEql",
      "neversIn",
      "parseEql",
      "sampleOf",
      "searchEql",
      "withCandidate",
    ],
    types: [
      "Candidates",
      "CompiledEql",
      "CompiledEvents",
      "CompiledSample",
      "CompiledSequence",
      "CompleteSequence",
      "EqlCondition",
      "EqlExpression",
      "EqlField",
      "EqlFilter",
      "EqlItem",
      "EqlNever",
      "EqlOptions",
      "EqlPipe",
      "EqlQuery",
      "EqlSequenceItem",
      "Found",
      "JoinKey",
      "MatcherOptions",
      "QueryClause",
      "SampleHit",
      "SearchedEvent",
      "SequenceEvent",
      "SequenceHit",
      "SequencePlan",
      "SequenceState",
      "Value",
      "WrittenState",
    ],
  },
  "./fields": {
    values: [
      "Draft",
      "ExactNumber",
      "Template",
      "TemplateError",
      "WriteError",
      "addMissing",
      "canonicalIp",
      "compileEdits",
      "compilePath",
      "isIp",
      "isObject",
      "kindOf",
      "knownFieldTypes",
      "merged",
      "networkKey",
      "parseJson",
      "parseMoment",
      "parseNetwork",
      "partOf",
      "readPath",
      "readsMeta",
      "templateOption",
      "templatePattern",
      "writePath",
    ],
    types: ["Edit", "EditEvent", "Moment", "Network", "WritePath"],
  },
  "./detection": {
    values: [
      "askAhead",
      "checkLearning",
      "defineRuleType",
      "defineRules",
      "detect",
      "exceptionFilesOption",
      "exceptionsOption",
      "learningOptions",
      "learningStep",
      "looksForNew",
      "newTerms",
      "overridesOption",
      "requestOf",
      "ruleOption",
      "rulesOption",
      "sharedNewTerms",
      "toAlert",
    ],
    types: [
      "Ancestor",
      "Ask",
      "Detector",
      "DetectorTick",
      "DetectorTools",
      "ElasticForm",
      "Finding",
      "NewTerms",
      "QueryLanguage",
      "Raised",
      "Request",
      "Rule",
      "RuleType",
      "SharedHistory",
      "Term",
    ],
  },
  "./http": {
    values: [
      "HeaderTemplates",
      "HttpClient",
      "Refusal",
      "TargetTemplate",
      "Turns",
      "UrlTemplate",
      "addressOption",
      "authorization",
      "backoff",
      "backoffOption",
      "checkUrl",
      "clientAuthOption",
      "clientTlsOption",
      "compress",
      "compressionOption",
      "encodings",
      "finalStatusesOption",
      "findRoute",
      "fixedHeaders",
      "headerNameOption",
      "headersOption",
      "httpServerOptions",
      "httpWriter",
      "judge",
      "knownDecoding",
      "listenHttp",
      "nextLink",
      "requestHeadersOption",
      "requestOptions",
      "retryAfter",
      "routesOption",
      "secretCheck",
      "secretUrlOption",
      "urlOption",
      "urlTemplateOption",
      "wholeBody",
    ],
    types: ["Answer", "Compression", "Decoding", "HttpResponse", "JudgeOptions", "OpenResponse", "Protocol", "Verdict"],
  },
  "./otlp": {
    values: [
      "EventText",
      "OtlpError",
      "RefusedRecord",
      "encodingOf",
      "jsonRequest",
      "otlpTypes",
      "partialSuccessIn",
      "protobufRequest",
      "recordOfEvent",
      "recordsInJson",
      "recordsInProtobuf",
      "responseBody",
      "statusBody",
      "statusMessageIn",
    ],
    types: ["MappedRecord", "OtlpEncoding", "PartialSuccess", "ReceivedRecord"],
  },
  "./command": {
    values: ["Command", "ErrorLines", "commandOptions", "exitWords"],
    types: ["CommandConfig", "Exit"],
  },
  "./socket": {
    values: [
      "DatagramSender",
      "StreamSender",
      "checkSocketClient",
      "checkSocketServer",
      "endpointText",
      "listenSocket",
      "socketClientOptions",
      "socketServerOptions",
    ],
    types: ["SocketClientConfig"],
  },
  "./websocket": {
    values: [
      "DigestReading",
      "Heartbeat",
      "MessageIntake",
      "MessageReception",
      "Seldom",
      "Shares",
      "andMore",
      "connectWebSocket",
      "openEnvelope",
      "serveWebSockets",
      "targetOf",
      "webSocketClientOptions",
      "webSocketServerOptions",
    ],
    types: ["ClientSocket", "WebSocketClientConfig", "WebSocketConnection"],
  },
  "./kafka": {
    values: [
      "Producers",
      "clientOptions",
      "importPackage",
      "isTooMuch",
      "isUnknownTopic",
      "kafkaErrors",
      "kafkaOptions",
      "kafkaPackage",
      "kafkaWords",
      "limitDecompression",
    ],
    types: ["KafkaConfig", "Producer"],
  },
  "./shared-history": {
    values: ["openSharedHistory", "packagesForState", "sharedStateOption"],
    types: ["OpenHistory"],
  },
  "./sink": {
    values: ["inTurn", "placeAfter", "placeIn", "seriesNames"],
    types: ["DeliveryPlace", "MetricFamily"],
  },
  "./valkey": {
    values: ["Connection", "checkValkeyServer", "flawsOf", "valkeyPackage", "valkeyServerOptions"],
    types: ["Connected", "Purpose", "ValkeyServer"],
  },
  "./testing": {
    values: [
      "RecordMeta",
      "codecChecks",
      "delivery",
      "flaws",
      "inVirtualTime",
      "logRecorder",
      "memoryState",
      "openSink",
      "readSource",
      "recordingHost",
      "runStep",
      "sinkChecks",
      "sourceChecks",
      "systemClock",
      "testCodec",
      "testEvent",
      "testRules",
      "testSink",
      "testSource",
      "testTransform",
      "transformChecks",
      "turn",
      "virtualClock",
    ],
    types: [
      "CaseTick",
      "Check",
      "CodecCase",
      "Line",
      "LogLine",
      "OpenOptions",
      "OpenedSink",
      "ReadOptions",
      "Receiver",
      "RecordingHost",
      "SinkCase",
      "SourceCase",
      "TestEventOptions",
      "TransformCase",
      "VirtualClock",
    ],
  },
  "./cel": { values: ["CelError", "compileCel"], types: ["CelExpression"] },
  "./formats": {
    values: [
      "FormatError",
      "compileDateFormat",
      "compileDateOutput",
      "instantIn",
      "isoIn",
      "parseCri",
      "parseCsv",
      "parseLogfmt",
      "parseSyslog",
      "readSyslog",
      "syslogFacility",
      "syslogSeverity",
      "syslogTime",
      "utc",
      "zoneOf",
    ],
    types: ["CriLine", "CsvOptions", "DateReader", "DateWriter", "SyslogFormat", "SyslogMessage", "Zone"],
  },
  "./tables": {
    values: [
      "TableError",
      "WatchedTable",
      "csvTable",
      "indicatorsOption",
      "jsonDocument",
      "jsonLines",
      "openIndicators",
      "readWhole",
    ],
    types: ["CsvRecord", "CsvTable", "OpenIndicators", "Placed", "TableFile"],
  },
  "./state": { values: ["TimedKeys"], types: ["Look"] },
  "./regex": {
    values: ["LinearRegex", "RegexError", "RegexList"],
    types: ["LinearRegexOptions", "ListedRegex", "Match", "RegexOptions"],
  },
};

/** The names that a file of `export { … } from "…"` statements lists. */
const listed = (text: string) => {
  const values: string[] = [];
  const types: string[] = [];
  for (const [, type, names = ""] of text.matchAll(/^export (type )?\{([^}]*)\} from "[^"]+";$/gm))
    for (const name of names.split(",").map((part) => part.trim())) {
      if (name.startsWith("type ") || (type && name)) types.push(name.replace(/^type /, ""));
      else if (name) values.push(name);
    }
  return { values: values.sort(), types: types.sort() };
};

const manifest = JSON.parse(readFileSync(`${root}/package.json`, "utf8")) as {
  readonly exports: Readonly<Record<string, Readonly<Record<string, string>>>>;
};
const sourceOf = (door: string) => readFileSync(`${root}/${manifest.exports[door]!["weir-source"]}`, "utf8");

describe.each(Object.keys(doors))("%s", (door) => {
  it("exports these names and no others", async () => {
    const text = sourceOf(door);
    expect(listed(text)).toEqual(doors[door]);
    expect(text.match(/\bexport \*/)).toBeNull();
  });

  it("resolves to a module with these values", async () => {
    const module: object = await import(door.replace(".", "weir"));
    expect(Object.keys(module).sort()).toEqual(doors[door]!.values);
  });

  it("has the same conditions as the other entries", () => {
    expect(Object.keys(manifest.exports[door]!)).toEqual(["weir-source", "types", "default"]);
  });
});

it("every entry of package.json is listed here", () => {
  const entries = Object.keys(manifest.exports).filter((entry) => entry !== "./package.json");
  expect(entries.sort()).toEqual(Object.keys(doors).sort());
});

it('"weir" has at most 48 names: what only some plugins need has a module of its own', () => {
  const { values, types } = doors["."]!;
  expect(values.length + types.length).toBeLessThanOrEqual(48);
});

it("no name has two doors", () => {
  const all = Object.values(doors).flatMap(({ values, types }) => [...values, ...types]);
  expect(all.filter((name, index) => all.indexOf(name) !== index)).toEqual([]);
});
