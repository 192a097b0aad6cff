/** Everything that a package can import from weir; its types must hold without `skipLibCheck`. */
export * as weir from "weir";
export * as command from "weir/command";
export * as detection from "weir/detection";
export * as eql from "weir/eql";
export * as fields from "weir/fields";
export * as http from "weir/http";
export * as kql from "weir/kql";
export * as rxjs from "weir/rxjs";
export * as socket from "weir/socket";
export * as testing from "weir/testing";
export * as websocket from "weir/websocket";
