// Runs the test vectors: node conformance.js <folder>. Prints what passed and what did not, as JSON.

import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import {
  correlationId,
  decode,
  decrypt,
  isCorrelationId,
  readEnvelope,
  readPrivateKey,
  sign,
  timestamp,
  type TimeZone,
  tranTime,
  verdict,
} from "konaplate";
import { parse } from "lossless-json";

const folder = process.argv[2];
if (folder === undefined) throw new Error("usage: conformance <folder>");

interface Case {
  name: string;
}

/** Runs a case. What it returns is what is wrong with it. */
type Check<C> = (vector: C) => undefined | string | Promise<undefined | string>;

const bytes = (base64: string) => new Uint8Array(Buffer.from(base64, "base64"));
const key = (file: string) => readPrivateKey(readFileSync(`${folder}/keys/${file}`, "utf8"));
const differs = (came: unknown, expected: unknown) =>
  isDeepStrictEqual(came, expected) ? undefined : `came out as ${JSON.stringify(came)}`;

interface Signing extends Case {
  secret: string;
  epoch_ms: number;
  zone: TimeZone;
  timestamp: string;
  tran_time: string;
  form: "raw_body" | "base64_body";
  body_base64: string;
  token: string;
}

const signing: Check<Signing> = (vector) => {
  const { secret, epoch_ms, zone } = vector;
  const came = [
    timestamp(epoch_ms, zone),
    tranTime(epoch_ms, zone),
    sign(secret, bytes(vector.body_base64), epoch_ms, zone),
  ];
  return differs(came, [vector.timestamp, vector.tran_time, vector.token]);
};

type Ids = Case &
  (
    | { kind: "make"; epoch_ms: number; zone: TimeZone; hex: string; id: string }
    | { kind: "check"; id: string; valid: boolean }
  );

const ids: Check<Ids> = (vector) =>
  vector.kind === "make"
    ? differs(correlationId(vector.epoch_ms, vector.zone, vector.hex), vector.id)
    : differs(isCorrelationId(vector.id), vector.valid);

interface Jwe extends Case {
  private_key: string;
  jwe: string;
  plaintext_base64?: string;
  needs_rsa_oaep_sha1?: boolean;
}

const jwe: Check<Jwe> = async (vector) => {
  const privateKey = key(vector.private_key);
  const isGood = vector.plaintext_base64 !== undefined && vector.needs_rsa_oaep_sha1 !== true;
  let plaintext: Uint8Array;
  try {
    plaintext = await decrypt(privateKey, vector.jwe);
  } catch {
    return isGood ? "was refused" : undefined;
  }
  if (!isGood) return "was decrypted";
  return differs(Buffer.from(plaintext).toString("base64"), vector.plaintext_base64);
};

interface Envelopes extends Case {
  body_base64: string;
  enc_data: string | null;
  code: string | null;
}

const envelopes: Check<Envelopes> = ({ body_base64, enc_data, code }) => {
  const { encData = null, code: came = null } = readEnvelope(bytes(body_base64)) ?? {};
  return differs([encData, came], [enc_data, code]);
};

interface Responses extends Case {
  path: string;
  private_key: string;
  status: number;
  body_base64: string;
  expect:
    | { kind: "success"; plaintext_base64: string }
    | { kind: "failure"; code: string; status: number; delivery: string }
    | { kind: "problem"; delivery: string };
}

const responses: Check<Responses> = async ({ path, status, body_base64, expect, private_key }) => {
  const came = await decode(key(private_key), { path, status, body: bytes(body_base64) });
  // With all digits of a number.
  const exact = (body: Uint8Array) => parse(Buffer.from(body).toString("utf8"));
  if (came.kind === "success" && expect.kind === "success") {
    return differs(exact(came.body), exact(bytes(expect.plaintext_base64)));
  }
  if (came.kind === "failure") {
    const { kind, code, delivery } = came;
    return differs({ kind, code, status, delivery }, expect);
  }
  if (came.kind === "problem") return differs({ kind: came.kind, delivery: came.delivery }, expect);
  return `came out as ${came.kind}`;
};

interface Verdicts extends Case {
  path: string;
  status: number;
  code: string;
  delivery: string;
}

const verdicts: Check<Verdicts> = ({ path, status, code, delivery }) =>
  differs(verdict(path, status, code), delivery);

async function run<C extends Case>(file: string, check: Check<C>, runs: (vector: C) => boolean) {
  const failed: { name: string; why: string }[] = [];
  let passed = 0;
  let cases: C[] = [];
  try {
    ({ cases } = JSON.parse(readFileSync(`${folder}/${file}.json`, "utf8")) as { cases: C[] });
  } catch {
    failed.push({ name: file, why: "the file cannot be read" });
  }
  for (const vector of cases.filter(runs)) {
    let why: string | undefined;
    try {
      why = await check(vector);
    } catch (error) {
      why = `could not be run: ${String(error)}`;
    }
    if (why === undefined) passed += 1;
    else failed.push({ name: vector.name, why });
  }
  return [file, { passed, failed }] as const;
}

const all = () => true;
const results = Object.fromEntries([
  await run("signing", signing, ({ form }) => form === "raw_body"),
  await run("correlation_ids", ids, all),
  await run("jwe_jose", jwe, all),
  await run("jwe_jwcrypto", jwe, all),
  await run("jwe_konaplate", jwe, all),
  await run("jwe_negative", jwe, all),
  await run("envelopes", envelopes, all),
  await run("responses", responses, all),
  await run("verdicts", verdicts, all),
]);
process.stdout.write(`${JSON.stringify(results, undefined, 1)}\n`);
