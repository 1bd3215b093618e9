import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { parseEnv } from "node:util";
import { fileURLToPath } from "node:url";

// Where the repository is, and the program of it.
const { KONAPLATE: root = "", KONAPLATE_PROGRAM: program = "" } = process.env;
const readme = readFileSync(join(root, "interop/typescript/README.md"), "utf8");
const stops: (() => void)[] = [];
const folder = mkdtempSync(join(tmpdir(), "konaplate-"));
let env: NodeJS.ProcessEnv;

/** The fenced blocks of a language. */
const blocks = (language: string) =>
  [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "gms"))].map(
    ([, block]) => block ?? "",
  );

/** Starts `konaplate …`, and waits until it says where it listens. */
function start(args: string[], env: NodeJS.ProcessEnv): Promise<string> {
  const child = spawn(program, args, { env, stdio: ["ignore", "pipe", "inherit"] });
  stops.push(() => child.kill());
  return new Promise((resolve, reject) => {
    let output = "";
    child.on("error", reject);
    child.on("exit", () => reject(new Error(`konaplate ${args[0]}: ended`)));
    child.stdout.on("data", (text: Buffer) => {
      output += text.toString();
      const url = /^listening on (\S+)$/m.exec(output)?.[1];
      if (url !== undefined) resolve(url);
    });
  });
}

before(async () => {
  env = { ...process.env };
  if (env["KONAPLATE_BASE_URL"] === undefined) {
    const file = join(folder, "sandbox.env");
    await start(["sandbox", "--listen", "127.0.0.1:0", "--env-file", file], env);
    Object.assign(env, parseEnv(readFileSync(file, "utf8")));
  }
  env["KONAPLATE_GATEWAY"] = await start(["gateway", "--sandbox", "--listen", "127.0.0.1:0"], env);
  const [install = ""] = blocks("sh");
  execFileSync("bash", ["-euc", install], {
    cwd: folder,
    env: { ...process.env, npm_config_prefer_offline: "true", npm_config_fund: "false" },
    stdio: ["ignore", "ignore", "inherit"],
  });
});

after(() => {
  for (const stop of stops) stop();
  rmSync(folder, { recursive: true });
});

const names = ["first.mjs", "gateway.mjs"] as const;

for (const [index, name] of names.entries()) {
  test(`${name} runs as it is printed, in an empty folder`, () => {
    const block = blocks("js")[index] ?? "";
    assert.ok(block.trimEnd().split("\n").filter(Boolean).length <= 10);
    writeFileSync(join(folder, name), block);
    const output = execFileSync(process.execPath, [name], { cwd: folder, env, encoding: "utf8" });
    assert.match(output, /^\{ code: '000_000', description: 'Success' \} \d{12}-[0-9a-f]{7}\n$/);
  });
}

test("the program with types compiles as it is printed", () => {
  const [block = ""] = blocks("ts");
  writeFileSync(join(folder, "typed.mts"), block);
  const modules = fileURLToPath(new URL("../../node_modules", import.meta.url));
  const options = ["--strict", "--noEmit", "--target", "es2022", "--module", "nodenext"];
  const types = ["--typeRoots", join(modules, "@types"), "--types", "node"];
  const tsc = [join(modules, "typescript/bin/tsc"), ...options, ...types, "typed.mts"];
  execFileSync(process.execPath, tsc, { cwd: folder, stdio: "inherit" });
});
