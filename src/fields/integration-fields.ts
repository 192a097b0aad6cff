/**
 * The types of fields of Elastic's other integrations that rules ask for, as far as they are not keywords, in the form of the
 * table of ECS. `script_text` is the text of a script: its words are made of ASCII letters, digits, `_` and `-`.
 */
export const integrationFields: Readonly<Record<string, string>> = {
  script_text: `
powershell.file: script_block_text
`,
  text: `
powershell.command: value
powershell.command.invocation_details: value
`,
  ip: `
okta.client: ip
gcp.audit.request_metadata: caller_ip
`,
};
