// Opens messages with the Node library jose and compares them with the expected plaintexts.
//
//   node open.mjs FILE.json
//
// The file holds {"cases":[{"name","private_key","jwe","plaintext_base64"}, ...]}, where
// private_key is a file name in ../keys. Prints one line per case. Ends with 1 if any case
// differs or does not open, or if there is no case at all.
// jose is found beside this file or in the folder that NODE_PATH names.
import { createPrivateKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(import.meta.url);
const { compactDecrypt } = await import(pathToFileURL(require.resolve("jose")));

const OPTIONS = {
  keyManagementAlgorithms: ["RSA-OAEP-256", "RSA-OAEP"],
  contentEncryptionAlgorithms: ["A128GCM", "A256GCM"],
};

function privateKey(name) {
  const key = readFileSync(new URL(`../keys/${name}`, import.meta.url));
  if (!name.endsWith(".der")) return createPrivateKey(key);
  const type = name.endsWith(".pkcs1.der") ? "pkcs1" : "pkcs8";
  return createPrivateKey({ key, format: "der", type });
}

if (process.argv.length !== 3) {
  console.error("usage: node open.mjs FILE.json");
  process.exit(2);
}
const { cases } = JSON.parse(readFileSync(process.argv[2], "utf8"));

let bad = 0;
for (const { name, private_key, jwe, plaintext_base64 } of cases) {
  let fault;
  try {
    const { plaintext } = await compactDecrypt(jwe, privateKey(private_key), OPTIONS);
    if (Buffer.from(plaintext).toString("base64") !== plaintext_base64) fault = "another plaintext";
  } catch (error) {
    fault = `does not open: ${error.code ?? error.name}: ${error.message}`;
  }
  console.log(fault ? `FAILED  ${name}: ${fault}` : `OK      ${name}`);
  if (fault) bad += 1;
}
console.log(`jose: ${cases.length} cases, ${bad} failed`);
process.exit(cases.length > 0 && bad === 0 ? 0 : 1);
