import * as rxjs from "rxjs";
import * as operators from "rxjs/operators";
import * as cel from "../cel/index.ts";
import { endingOnly } from "../cli/leave.ts";
import { main } from "../cli/main.ts";
import * as command from "../command/index.ts";
import * as detection from "../detection/index.ts";
import * as eql from "../eql/index.ts";
import * as fields from "../fields/index.ts";
import * as formats from "../formats/index.ts";
import * as http from "../http/index.ts";
import * as weir from "../index.ts";
import * as kafka from "../kafka/index.ts";
import * as kql from "../kql/index.ts";
import * as otlp from "../otlp/index.ts";
import { serveDoors } from "../plugin-modules/doors.ts";
import * as regex from "../regex/index.ts";
import * as weirRxjs from "../rxjs.ts";
import * as sharedHistory from "../shared-history/index.ts";
import * as sink from "../sink/index.ts";
import * as socket from "../socket/index.ts";
import * as tables from "../tables/index.ts";
import * as state from "../timed-keys/index.ts";
import * as transform from "../transform/index.ts";
import * as valkey from "../valkey/index.ts";
import * as websocket from "../websocket/index.ts";

// The entry point of the single executable, which scripts/package.ts builds.
const [, , first, code] = process.argv;
if (first === endingOnly) process.exit(Number(code));
serveDoors({
  weir,
  "weir/cel": cel,
  "weir/detection": detection,
  "weir/eql": eql,
  "weir/fields": fields,
  "weir/formats": formats,
  "weir/http": http,
  "weir/kafka": kafka,
  "weir/kql": kql,
  "weir/otlp": otlp,
  "weir/regex": regex,
  "weir/rxjs": weirRxjs,
  "weir/sink": sink,
  "weir/state": state,
  "weir/tables": tables,
  "weir/transform": transform,
  "weir/command": command,
  "weir/socket": socket,
  "weir/shared-history": sharedHistory,
  "weir/valkey": valkey,
  "weir/websocket": websocket,
  rxjs,
  "rxjs/operators": operators,
});
void main(process.argv.slice(2));
