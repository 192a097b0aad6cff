/** Patterns of applications whose lines are less common: BIND, MongoDB, Ruby on Rails, MCollective, Maven and CloudFront. */
export const applications = {
  BIND9_TIMESTAMP: "%{MONTHDAY}-%{MONTH}-%{YEAR} %{TIME}",
  BIND9:
    "%{BIND9_TIMESTAMP:timestamp} queries: %{LOGLEVEL:loglevel}: client (?:@0x[0-9a-f]+ )?%{IP:clientip}#%{POSINT:clientport} \\(%{NOTSPACE:query}\\): query: %{NOTSPACE} IN %{NOTSPACE:querytype}(?: %{NOTSPACE})? \\(%{IP:dns}\\)",
  MONGO_LOG: "%{SYSLOGTIMESTAMP:timestamp} \\[%{WORD:component}\\] %{GREEDYDATA:message}",
  MONGO_QUERY: "\\{ .*? \\}",
  MONGO_SLOWQUERY:
    "%{WORD} %{MONGO_WORDDASH:database}\\.%{MONGO_WORDDASH:collection} %{WORD}: %{MONGO_QUERY:query} ntoreturn:%{NONNEGINT:ntoreturn} ntoskip:%{NONNEGINT:ntoskip} nscanned:%{NONNEGINT:nscanned}.*nreturned:%{NONNEGINT:nreturned}.* %{INT:duration}ms",
  RUUID: "[0-9a-fA-F]{32}",
  RCONTROLLER: "(?<controller>[^#\\s]+)#(?<action>\\w+)",
  RAILS_TIMESTAMP: "%{YEAR}-%{MONTHNUM}-%{MONTHDAY} %{HOUR}:%{MINUTE}:%{SECOND} %{ISO8601_TIMEZONE}",
  RAILS3HEAD: 'Started %{WORD:verb} "%{URIPATHPARAM:request}" for %{IPORHOST:clientip} at %{RAILS_TIMESTAMP:timestamp}',
  RPROCESSING: "\\W*Processing by %{RCONTROLLER} as %{NOTSPACE:format}(?:\\W*Parameters: \\{%{DATA:params}\\}\\W*)?",
  RAILS3PROFILE:
    "(?:\\((?:Views: %{NUMBER:viewms}ms \\| )?ActiveRecord: %{NUMBER:activerecordms}ms|\\(Views: %{NUMBER:viewms}ms)?",
  RAILS3FOOT: "Completed %{NUMBER:response}%{DATA} in %{NUMBER:totalms}ms %{RAILS3PROFILE}%{GREEDYDATA}",
  RAILS3: "%{RAILS3HEAD}(?:%{RPROCESSING})?(?<context>(?:%{DATA}\\n)*)(?:%{RAILS3FOOT})?",
  MCOLLECTIVE: "[DFEWI], \\[%{TIMESTAMP_ISO8601:timestamp} #%{POSINT:pid}\\]%{SPACE}%{LOGLEVEL:event_level}",
  MCOLLECTIVEAUDIT: "%{TIMESTAMP_ISO8601:timestamp}:",
  MAVEN_VERSION: "\\d+(?:\\.\\d+){0,2}(?:[.-](?:RELEASE|SNAPSHOT))?",
  CLOUDFRONT_TIMESTAMP: "%{YEAR}-%{MONTHNUM}-%{MONTHDAY}\\t%{TIME}",
  CLOUDFRONT_ACCESS_LOG: [
    "%{CLOUDFRONT_TIMESTAMP:timestamp}",
    "%{NOTSPACE:x_edge_location}",
    "(?:%{NUMBER:sc_bytes:int}|-)",
    "%{IPORHOST:clientip}",
    "%{WORD:cs_method}",
    "%{HOSTNAME:cs_host}",
    "%{NOTSPACE:cs_uri_stem}",
    "(?:%{NUMBER:sc_status:int}|-)",
    ...["referrer", "agent", "cs_uri_query", "cookies"].map((field) => `(?<${field}>[^\\t]*)`),
    "%{WORD:x_edge_result_type}",
    "%{NOTSPACE:x_edge_request_id}",
    "%{HOSTNAME:x_host_header}",
    "%{URIPROTO:cs_protocol}",
    "(?:%{INT:cs_bytes:int}|-)",
    "%{NUMBER:time_taken:float}",
    ...["x_forwarded_for", "ssl_protocol", "ssl_cipher", "x_edge_response_result_type"].map(
      (field) => `(?<${field}>[^\\t]*)`,
    ),
  ].join("\\t"),
} as const;
