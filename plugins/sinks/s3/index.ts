import { randomUUID } from "node:crypto";
import { type Config, type Context, type Delivery, defineSink, type Json, type Option, option } from "weir";
import {
  clientTlsOption,
  compress,
  compressionOption,
  fixedHeaders,
  HttpClient,
  requestHeadersOption,
  urlOption,
} from "weir/http";
import { inTurn, placeAfter, placeIn } from "weir/sink";
import { Bucket } from "./bucket.ts";
import { CredentialSource } from "./credentials.ts";
import { KeyPrefix, keyPrefixOption } from "./key-template.ts";
import { objectsOf, type S3Object } from "./objects.ts";

const bucketOption: Option<string> = {
  ...option.text("Name of the bucket.", { examples: ["example-audit"] }),
  title: "the name of a bucket: 3 to 63 small letters, digits, dots and hyphens",
  pattern: "^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$",
};

const regionOption: Option<string> = {
  ...option.text("Region of the bucket; by default AWS_REGION or AWS_DEFAULT_REGION of the environment.", {
    examples: ["eu-central-1"],
  }),
  title: "the name of a region such as eu-central-1",
  pattern: "^[A-Za-z0-9-]+$",
};

const authOptions = {
  access_key_id: option.optional(option.text("Id of an access key."), { needs: ["secret_access_key"] }),
  secret_access_key: option.optional(option.secret("The secret of `access_key_id`."), { needs: ["access_key_id"] }),
  session_token: option.optional(option.secret("The token of temporary credentials."), { needs: ["access_key_id"] }),
};

const options = {
  bucket: bucketOption,
  key_prefix: keyPrefixOption,
  region: option.optional(regionOption),
  endpoint: option.optional(
    urlOption("URL of a compatible server, such as MinIO, Ceph, R2 or Google Cloud Storage; by default, AWS.", {
      examples: ["https://minio.example.org:9000"],
    }),
  ),
  path_style: option.optional(
    option.boolean("Whether the bucket is in the path of a URL, and not in its host; by default with `endpoint`."),
  ),
  compression: compressionOption(["none", "gzip", "zstd"], "gzip"),
  auth: option.group(authOptions)("Credentials; without them, weir looks where the tools of AWS look."),
  headers: requestHeadersOption("Additional headers of each upload, such as `x-amz-storage-class`."),
  tls: clientTlsOption,
};

/** How many objects of a write are uploaded at a time. */
const atATime = 4;

export default defineSink({
  name: "s3",
  summary: "Writes events to objects of Amazon S3 or a compatible server, one line of JSON each, each of them once.",
  options,
  notes: `
weir writes an object when it has enough events (\`batch.max_size\` and \`batch.max_events\`, before compression), or when the first event has
waited for \`batch.timeout\`. Events with different key prefixes go to different objects: if \`key_prefix\` has many values, the objects are
small. An object is uploaded in one request, so it is stored completely or not at all. When weir stops, it writes the waiting events at once.

\`\`\`yaml
sinks:
  archive:
    type: s3
    inputs: [audit]
    bucket: example-audit
    region: eu-central-1
    key_prefix: "audit/{{ orchestrator.cluster.name:-main }}/%Y/%m/%d/"
    batch: { max_size: 32MiB, timeout: 15m }
\`\`\`

The time in a key is the event's \`@timestamp\`, or else the time at which weir received it. An event without a value for a placeholder goes to the dead letter,
unless the placeholder has a default (\`:-other\`). A slash in a value becomes \`_\`.

**No duplicates.** The name of an object consists of an id of the data dir, the number of events that this sink had written before, and
digits of the first event's id: \`date=2026-03-01/3f9a01c2-000000012345-9be01d77.ndjson.gz\`. weir saves the number before it starts to
write. After a crash, or without a response, it writes the same objects again, under the same keys. This requires \`buffer.type: disk\`, and that
\`key_prefix\` and \`compression\` are not changed before the retry. A consumer that is notified of each object may be notified twice. In a
bucket with versioning, the events of an earlier version are all in later versions or objects. The only permission that weir needs is \`s3:PutObject\`.

**Credentials** are those under \`auth\`, or the first of these: \`AWS_ACCESS_KEY_ID\`, \`AWS_SECRET_ACCESS_KEY\` and \`AWS_SESSION_TOKEN\`; the web
identity in \`AWS_WEB_IDENTITY_TOKEN_FILE\` and \`AWS_ROLE_ARN\` (service accounts of EKS); the credentials of a container
(\`AWS_CONTAINER_CREDENTIALS_FULL_URI\` or \`…_RELATIVE_URI\`: EKS Pod Identity, ECS); the role of the EC2 instance. weir does not read
\`~/.aws\`. It fetches temporary credentials again five minutes before they expire, and when the server refuses them.

| response | what weir does |
| --- | --- |
| 200 | All events of the object are delivered. |
| 503 (\`SlowDown\`), 5xx, no response | Retries with growing delays. Other objects of the same write are not uploaded again. |
| 301, 400, 403, 404 and others, for a wrong region or missing permissions | Retries until the setup is fixed, and logs the reason. No response sends events to the dead letter. |

Google Cloud Storage: \`endpoint: https://storage.googleapis.com\`, \`region: auto\`, and an HMAC key under \`auth\`. R2: \`region: auto\`.
`,
  delivery: { concurrency: "one", batch: { maxEvents: 100_000, maxSize: 8 * 1024 * 1024, timeout: 300_000 } },
  open({ config, recorded, save, ...context }) {
    const bucket = bucketOf({ config, ...context });
    const prefix = new KeyPrefix(config.key_prefix);
    const { compression } = config;
    const headers = { ...fixedHeaders("application/x-ndjson", { compression }), ...config.headers };
    let place = placeIn(recorded, () => randomUUID().slice(0, 8));
    /** The objects of this write that are there. */
    const written = new Set<string>();
    const record = (): Json => ({ ...place });
    const upload = async ({ key, events }: S3Object, signal: AbortSignal) => {
      if (written.has(key)) return;
      const lines = Buffer.from(events.map(({ json }) => `${json}\n`).join(""));
      await bucket.put(key, await compress(lines, compression), headers, signal);
      written.add(key);
    };
    const write = async (events: readonly Delivery[], attempt: AbortSignal) => {
      const signal = AbortSignal.any([attempt, context.signal]);
      const { objects, failed } = objectsOf(events, place, { prefix, compression });
      // At most this write is in doubt after a crash: what was delivered before it is on disk with the place.
      await save?.(record(), signal);
      await eachOf(objects, atATime, (object) => upload(object, signal));
      signal.throwIfAborted();
      written.clear();
      place = placeAfter(place, events.length);
      return { failed, record: record() };
    };
    return {
      write: inTurn(write),
      close: async () => bucket.close(),
    };
  },
  async check(context) {
    const bucket = bucketOf(context);
    try {
      await bucket.check(context.signal);
    } finally {
      bucket.close();
    }
  },
});

/** Throws a sentence if there is no region. */
const bucketOf = ({ config, clock }: Pick<Context<Config<typeof options>>, "config" | "clock">): Bucket => {
  const { bucket, endpoint, tls, auth } = config;
  const environment = process.env;
  const region = config.region ?? (environment["AWS_REGION"] || environment["AWS_DEFAULT_REGION"]);
  if (region === undefined) throw new Error('there is no region: set "region", or AWS_REGION in the environment');
  const { access_key_id: accessKeyId, secret_access_key: secretAccessKey, session_token: sessionToken } = auth;
  const own = accessKeyId && secretAccessKey ? { accessKeyId, secretAccessKey, sessionToken } : undefined;
  // The certificates of AWS are not for names with further dots.
  const inPath = config.path_style ?? (endpoint !== undefined || bucket.includes("."));
  const credentials = new CredentialSource({ region, own, environment, now: () => clock.now() });
  return new Bucket({ bucket, region, endpoint, inPath, client: new HttpClient({ tls }), credentials, clock });
};

/** Runs `use` on each item, some at a time. Rejects with the first error, when all that had begun have ended. */
const eachOf = async <T>(items: readonly T[], most: number, use: (item: T) => Promise<void>): Promise<void> => {
  const queue = [...items];
  const errors: unknown[] = [];
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined && errors.length === 0; item = queue.shift())
      await use(item).catch((error) => errors.push(error));
  };
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, worker));
  if (errors.length > 0) throw errors[0];
};
