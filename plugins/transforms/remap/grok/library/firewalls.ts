const user = (field: string): string => `(?:\\(%{DATA:${field}}\\))?`;
const codes = "\\[%{DATA:hashcode1}, %{DATA:hashcode2}\\]";
const icmp = "\\(type %{INT:icmp_type}, code %{INT:icmp_code}\\)";
const ends = "%{IP:src_ip}/%{INT:src_port} to %{IP:dst_ip}/%{INT:dst_port}";
const named =
  "%{DATA:src_interface}:%{IP:src_ip}/%{INT:src_port} to %{DATA:dst_interface}:%{IP:dst_ip}/%{INT:dst_port}";

const accessList = (who: string): string =>
  `access-list %{NOTSPACE:policy_id} %{CISCO_ACTION:action} %{WORD:protocol} ${who}%{DATA:src_interface}/%{IP:src_ip}\\(%{INT:src_port}\\)${user("src_fwuser")} -> %{DATA:dst_interface}/%{IP:dst_ip}\\(%{INT:dst_port}\\)${user("dst_fwuser")} hit-cnt %{INT:hit_count} %{CISCO_INTERVAL:interval} ${codes}`;

/** Messages of Cisco ASA by their numbers, and of Shorewall. */
export const firewalls = {
  CISCO_TAGGED_SYSLOG:
    "^<%{POSINT:syslog_pri}>%{CISCOTIMESTAMP:timestamp}(?: %{SYSLOGHOST:sysloghost})? ?: %%{CISCOTAG:ciscotag}:",
  CISCOTIMESTAMP: "%{MONTH} +%{MONTHDAY}(?: %{YEAR})? %{TIME}",
  CISCOTAG: "[A-Z0-9]+-%{INT}-(?:[A-Z0-9_]+)",
  CISCO_ACTION:
    "Built|Teardown|denied by ACL|Denied|denied|Deny|requested|permitted|discarded|est-allowed|Dropping|created|deleted",
  CISCO_REASON:
    "Duplicate TCP SYN|Failed to locate egress interface|Invalid transport field|No matching connection|DNS Response|DNS Query|(?:\\w+\\s*)*",
  CISCO_DIRECTION: "[Ii]nbound|[Oo]utbound",
  CISCO_INTERVAL: "first hit|%{INT}-second interval",
  CISCO_XLATE_TYPE: "static|dynamic",
  CISCOFW104001: "\\((?:Primary|Secondary)\\) Switching to ACTIVE - %{GREEDYDATA:switch_reason}",
  CISCOFW104002: "\\((?:Primary|Secondary)\\) Switching to STANDBY - %{GREEDYDATA:switch_reason}",
  CISCOFW106001: `%{CISCO_DIRECTION:direction} %{WORD:protocol} connection %{CISCO_ACTION:action} from ${ends} flags %{GREEDYDATA:tcp_flags} on interface %{GREEDYDATA:interface}`,
  CISCOFW106006_106007_106010: `%{CISCO_ACTION:action} %{CISCO_DIRECTION:direction} %{WORD:protocol} (?:from|src) %{IP:src_ip}/%{INT:src_port}${user("src_fwuser")} (?:to|dst) %{IP:dst_ip}/%{INT:dst_port}${user("dst_fwuser")} (?:on interface %{NOTSPACE:interface}|due to %{CISCO_REASON:reason})`,
  CISCOFW106014: `%{CISCO_ACTION:action} %{CISCO_DIRECTION:direction} %{WORD:protocol} src %{DATA:src_interface}:%{IP:src_ip}${user("src_fwuser")} dst %{DATA:dst_interface}:%{IP:dst_ip}${user("dst_fwuser")} ${icmp}`,
  CISCOFW106015: `%{CISCO_ACTION:action} %{WORD:protocol} \\(%{DATA:policy_id}\\) from ${ends} flags %{DATA:tcp_flags} on interface %{GREEDYDATA:interface}`,
  CISCOFW106021:
    "%{CISCO_ACTION:action} %{WORD:protocol} reverse path check from %{IP:src_ip} to %{IP:dst_ip} on interface %{GREEDYDATA:interface}",
  CISCOFW106023: `%{CISCO_ACTION:action}(?: protocol)? %{WORD:protocol} src %{DATA:src_interface}:%{IP:src_ip}(?:/%{INT:src_port})?${user("src_fwuser")} dst %{DATA:dst_interface}:%{IP:dst_ip}(?:/%{INT:dst_port})?${user("dst_fwuser")}(?: ${icmp})? by access-group "?%{DATA:policy_id}"? ${codes}`,
  CISCOFW106100: accessList(""),
  CISCOFW106100_2_3: accessList("for user '%{DATA:src_fwuser}' "),
  CISCOFW110002: `%{CISCO_REASON:reason} for %{WORD:protocol} from %{DATA:src_interface}:${ends}`,
  CISCOFW302010: "%{INT:connection_count} in use, %{INT:connection_count_max} most used",
  CISCOFW302013_302014_302015_302016: `%{CISCO_ACTION:action}(?: %{CISCO_DIRECTION:direction})? %{WORD:protocol} connection %{INT:connection_id} for %{DATA:src_interface}:%{IP:src_ip}/%{INT:src_port}(?: \\(%{IP:src_mapped_ip}/%{INT:src_mapped_port}\\))?${user("src_fwuser")} to %{DATA:dst_interface}:%{IP:dst_ip}/%{INT:dst_port}(?: \\(%{IP:dst_mapped_ip}/%{INT:dst_mapped_port}\\))?${user("dst_fwuser")}(?: duration %{TIME:duration} bytes %{INT:bytes})?(?: %{CISCO_REASON:reason})?(?: \\(%{DATA:user}\\))?`,
  CISCOFW302020_302021: `%{CISCO_ACTION:action}(?: %{CISCO_DIRECTION:direction})? %{WORD:protocol} connection for faddr %{IP:dst_ip}/%{INT:icmp_seq_num}${user("fwuser")} gaddr %{IP:src_xlated_ip}/%{INT:icmp_code_xlated} laddr %{IP:src_ip}/%{INT:icmp_code}(?: \\(%{DATA:user}\\))?`,
  CISCOFW304001: `%{IP:src_ip}${user("src_fwuser")} Accessed URL %{IP:dst_ip}:%{GREEDYDATA:dst_url}`,
  CISCOFW305011: `%{CISCO_ACTION:action} %{CISCO_XLATE_TYPE:xlate_type} %{WORD:protocol} translation from %{DATA:src_interface}:%{IP:src_ip}(?:/%{INT:src_port})?${user("src_fwuser")} to %{DATA:src_xlated_interface}:%{IP:src_xlated_ip}/%{INT:src_xlated_port}`,
  CISCOFW313001_313004_313008:
    "%{CISCO_ACTION:action} %{WORD:protocol} type=%{INT:icmp_type}, code=%{INT:icmp_code} from %{IP:src_ip} on interface %{NOTSPACE:interface}(?: to %{IP:dst_ip})?",
  CISCOFW419001: `%{CISCO_ACTION:action} %{WORD:protocol} packet from ${named}, reason: %{GREEDYDATA:reason}`,
  CISCOFW419002: `%{CISCO_REASON:reason} from ${named} with different initial sequence number`,
  CISCOFW500004: `%{CISCO_REASON:reason} for protocol=%{WORD:protocol}, from ${ends}`,
  CISCOFW710001_710002_710003_710005_710006:
    "%{WORD:protocol} (?:request|access) %{CISCO_ACTION:action} from %{IP:src_ip}/%{INT:src_port} to %{DATA:dst_interface}:%{IP:dst_ip}/%{INT:dst_port}",
  SHOREWALL:
    "%{SYSLOGTIMESTAMP:timestamp} %{WORD:nf_host} .*Shorewall:%{WORD:nf_action1}?:%{WORD:nf_action2}?.*IN=%{USERNAME:nf_in_interface}?.*OUT=%{USERNAME:nf_out_interface}?.*SRC=%{IPV4:nf_src_ip}.*DST=%{IPV4:nf_dst_ip}.*PROTO=%{WORD:nf_protocol}.*SPT=%{INT:nf_src_port}.*DPT=%{INT:nf_dst_port}",
} as const;
