import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { Grok } from "./grok.ts";
import { patterns } from "./library/patterns.ts";

it("has the patterns that the documentation lists", () => {
  const page = readFileSync(new URL("../../../../docs/ingest-processors.md", import.meta.url), "utf8");
  const listed = [...page.slice(page.indexOf("## The patterns")).matchAll(/`([A-Z][A-Z0-9_]*)`/g)].map(
    ([, name]) => name,
  );
  expect(listed.toSorted()).toEqual(Object.keys(patterns).toSorted());
});

it.each<[expression: string, text: string, wanted: object]>([
  [
    "%{JAVASTACKTRACEPART}",
    "\tat com.acme.Main.run(Main.java:12)",
    { class: "com.acme.Main", method: "run", file: "Main.java", line: "12" },
  ],
  [
    "%{BIND9}",
    "17-Feb-2018 23:06:56.326 queries: info: client 172.26.0.1#12345 (test.example.com): query: test.example.com IN A +E(0)K (172.26.0.3)",
    {
      timestamp: "17-Feb-2018 23:06:56.326",
      loglevel: "info",
      clientip: "172.26.0.1",
      clientport: "12345",
      query: "test.example.com",
      querytype: "A",
      dns: "172.26.0.3",
    },
  ],
  [
    "%{REDISMONLOG}",
    '1470637867.953466 [0 195.168.1.1:52500] "info" "x"',
    {
      timestamp: "1470637867.953466",
      database: "0",
      client: "195.168.1.1",
      port: "52500",
      command: "info",
      params: '"x"',
    },
  ],
  [
    "%{MONGO3_LOG}",
    "2014-11-03T18:28:32.450-0500 I NETWORK [initandlisten] waiting for connections on port 27017",
    {
      timestamp: "2014-11-03T18:28:32.450-0500",
      severity: "I",
      component: "NETWORK",
      context: "initandlisten",
      message: "waiting for connections on port 27017",
    },
  ],
  [
    "%{MONGO_SLOWQUERY}",
    "[conn11485496] query sample.User query: { clientId: 12 } ntoreturn:0 ntoskip:0 nscanned:287011 keyUpdates:0 nreturned:0 reslen:20 163821ms",
    {
      database: "sample",
      collection: "User",
      query: "{ clientId: 12 }",
      ntoreturn: "0",
      ntoskip: "0",
      nscanned: "287011",
      nreturned: "0",
      duration: "163821",
    },
  ],
  [
    "%{RAILS3}",
    'Started POST "/api/v3/internal/allowed" for 127.0.0.1 at 2015-08-05 11:37:01 +0200\nProcessing by Grape#call as JSON\nCompleted 200 OK in 3ms (Views: 0.1ms | ActiveRecord: 1.5ms)',
    {
      verb: "POST",
      request: "/api/v3/internal/allowed",
      clientip: "127.0.0.1",
      timestamp: "2015-08-05 11:37:01 +0200",
      controller: "Grape",
      action: "call",
      format: "JSON",
      context: "\n",
      response: "200",
      totalms: "3",
      viewms: "0.1",
      activerecordms: "1.5",
    },
  ],
  [
    "%{CISCO_TAGGED_SYSLOG} %{CISCOFW106023}",
    '<164>Oct 30 2026 03:04:05 fw1 : %ASA-4-106023: Deny tcp src outside:192.0.2.7/4242 dst inside:10.0.0.1/22 by access-group "acl_out" [0x0, 0x0]',
    {
      syslog_pri: "164",
      timestamp: "Oct 30 2026 03:04:05",
      sysloghost: "fw1",
      ciscotag: "ASA-4-106023",
      action: "Deny",
      protocol: "tcp",
      src_interface: "outside",
      src_ip: "192.0.2.7",
      src_port: "4242",
      dst_interface: "inside",
      dst_ip: "10.0.0.1",
      dst_port: "22",
      policy_id: "acl_out",
      hashcode1: "0x0",
      hashcode2: "0x0",
    },
  ],
  [
    "%{CISCOFW302013_302014_302015_302016}",
    "Teardown TCP connection 89743274 for outside:192.0.2.43/443 to inside:10.123.3.42/4952 duration 0:00:06 bytes 3105 TCP FINs",
    {
      action: "Teardown",
      protocol: "TCP",
      connection_id: "89743274",
      src_interface: "outside",
      src_ip: "192.0.2.43",
      src_port: "443",
      dst_interface: "inside",
      dst_ip: "10.123.3.42",
      dst_port: "4952",
      duration: "0:00:06",
      bytes: "3105",
      reason: "TCP FINs",
    },
  ],
  [
    "%{ELB_ACCESS_LOG}",
    '2014-02-15T23:39:43.945958Z my-test-loadbalancer 192.168.131.39:2817 10.0.0.1:80 0.000073 0.001048 0.000057 200 200 0 29 "GET http://www.example.com:80/a?b HTTP/1.1"',
    {
      timestamp: "2014-02-15T23:39:43.945958Z",
      elb: "my-test-loadbalancer",
      clientip: "192.168.131.39",
      clientport: 2817,
      backendip: "10.0.0.1",
      backendport: 80,
      request_processing_time: 0.000073,
      backend_processing_time: 0.001048,
      response_processing_time: 0.000057,
      response: 200,
      backend_response: 200,
      received_bytes: 0,
      bytes: 29,
      verb: "GET",
      request: "http://www.example.com:80/a?b",
      proto: "http",
      urihost: "www.example.com:80",
      port: "80",
      path: "/a",
      params: "?b",
      httpversion: "1.1",
    },
  ],
  [
    "%{HTTPD24_ERRORLOG}",
    "[Mon Aug 31 16:27:04.163905 2015] [proxy_fcgi:error] [pid 28787:tid 140169587934976] (70008)Partial results are valid but processing is incomplete: [client 58.13.45.166:59307] AH01075: Error dispatching request to : (reading input brigade)",
    {
      timestamp: "Mon Aug 31 16:27:04.163905 2015",
      module: "proxy_fcgi",
      loglevel: "error",
      pid: "28787",
      tid: "140169587934976",
      proxy_errorcode: "70008",
      proxy_message: "Partial results are valid but processing is incomplete",
      clientip: "58.13.45.166",
      clientport: "59307",
      errorcode: "AH01075",
      message: "Error dispatching request to : (reading input brigade)",
    },
  ],
  [
    "%{HAPROXYHTTP}",
    'Dec  9 13:01:26 localhost haproxy[28029]: 127.0.0.1:39759 [09/Dec/2013:12:59:46.633] loadbalancer default/instance8 0/51536/1/48082/99627 200 83285 - - ---- 87/87/87/1/0 0/67 {77.24.148.74} "GET /path/to/image HTTP/1.1"',
    expect.objectContaining({
      program: "haproxy",
      client_ip: "127.0.0.1",
      backend_name: "default",
      server_name: "instance8",
      time_duration: "99627",
      http_status_code: "200",
      captured_request_headers: "77.24.148.74",
      http_verb: "GET",
      http_request: "/path/to/image",
    }),
  ],
  [
    "%{POSTGRESQL}",
    "03/08/2026 01:02:03 CST user1 db1 c1 4711",
    expect.objectContaining({ timestamp: "03/08/2026 01:02:03", user_id: "user1", pid: "4711" }),
  ],
])("%s on %j", (expression, text, wanted) => {
  const found: Record<string, unknown> = {};
  new Grok([expression], String).match(text, (field, value) => {
    found[field] = value;
  });
  expect(found).toEqual(wanted);
});
