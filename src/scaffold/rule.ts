import { randomUUID } from "node:crypto";

/** The text of a rule, with tests that pass. */
export const ruleText = (
  name: string,
): string => `# A detection rule. What each part means: \`weir rules show\`, and the rules that come with weir.
id: ${randomUUID()}
version: 1
title: ${titleOf(name)}
description: |-
  What the rule looks for, and why.

type: new_terms
query: 'event.category:authentication and event.outcome:success'
new_terms:
  fields: [user.name, source.ip]
  window: 7d

severity: low
risk_score: 21
created: "${new Date().toISOString().slice(0, 10)}"
author: [You]
license: Apache-2.0
note: |-
  How to tune the rule and investigate its alerts.

tests:
  - name: a user from a new address
    events:
      - at: 0s
        event: &login { event: { category: authentication, outcome: success }, user.name: marta, source.ip: 10.0.0.1 }
        alerts: [[marta, 10.0.0.1]]
      - { at: 1h, event: *login, alerts: [] }
      - at: 2h
        event: { event: { category: authentication, outcome: success }, user.name: marta, source.ip: 203.0.113.9 }
        alerts: [[marta, 203.0.113.9]]
  - name: a login that failed
    events:
      - at: 0s
        event: { event: { category: authentication, outcome: failure }, user.name: marta, source.ip: 10.0.0.1 }
        alerts: []
`;

const titleOf = (name: string): string =>
  name
    .split("_")
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(" ");
