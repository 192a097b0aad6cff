import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const openssl = (...args: string[]): void => {
  const { status, stderr } = spawnSync("openssl", args, { timeout: 20_000, encoding: "utf8" });
  if (status !== 0) throw new Error(`openssl ${args.join(" ")}: ${stderr}`);
};

export const hasOpenssl = spawnSync("openssl", ["version"], { timeout: 5_000 }).status === 0;

const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

/** An authority of the test's own; `issue` gives the paths of a certificate and its key. */
export const authority = (folder: string, name: string) => {
  const path = (file: string) => join(folder, `${name}-${file}`);
  openssl(
    "req",
    "-x509",
    ...newKey,
    "-days",
    "2",
    "-subj",
    `/CN=${name}`,
    "-keyout",
    path("ca.key"),
    "-out",
    path("ca.crt"),
  );
  const issue = (subject: string, alternative = "IP:127.0.0.1") => {
    const [key, request, certificate, extensions] = ["key", "csr", "crt", "ext"].map((file) =>
      path(`${subject}.${file}`),
    );
    openssl("req", ...newKey, "-subj", `/CN=${subject}`, "-keyout", key!, "-out", request!);
    writeFileSync(extensions!, `subjectAltName=${alternative}`);
    const by = ["-CA", path("ca.crt"), "-CAkey", path("ca.key"), "-CAcreateserial", "-days", "2"];
    openssl("x509", "-req", "-in", request!, ...by, "-extfile", extensions!, "-out", certificate!);
    return { certificate: certificate!, key: key! };
  };
  return { ca: path("ca.crt"), issue, issueExpired: expiredBy(folder, path) };
};

/** Issues certificates that have expired: `openssl x509` cannot, but the authority's own command can. */
const expiredBy = (folder: string, path: (file: string) => string) => (subject: string) => {
  const [key, request, certificate, config] = ["key", "csr", "crt", "cnf"].map((file) =>
    path(`expired-${subject}.${file}`),
  );
  openssl("req", ...newKey, "-subj", `/CN=${subject}`, "-keyout", key!, "-out", request!);
  const lines = [
    "[ca]",
    "default_ca = own",
    "[own]",
    `new_certs_dir = ${folder}`,
    `database = ${path("index")}`,
    "rand_serial = yes",
    "default_md = sha256",
    "policy = any",
    "x509_extensions = names",
    "[any]",
    "commonName = supplied",
    "[names]",
    "subjectAltName = IP:127.0.0.1",
  ];
  writeFileSync(config!, `${lines.join("\n")}\n`);
  writeFileSync(path("index"), "");
  const dates = ["-startdate", "20200101000000Z", "-enddate", "20200102000000Z"];
  const by = ["-cert", path("ca.crt"), "-keyfile", path("ca.key")];
  openssl("ca", "-batch", "-notext", "-config", config!, ...by, ...dates, "-in", request!, "-out", certificate!);
  return { certificate: certificate!, key: key! };
};

/** What a client shows, as Node's requests take it. */
export const shown = ({ certificate, key }: { readonly certificate: string; readonly key: string }) => ({
  cert: readFileSync(certificate),
  key: readFileSync(key),
});
