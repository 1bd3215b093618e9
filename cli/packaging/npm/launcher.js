#!/usr/bin/env node
// Starts the program of this platform with the arguments, input and output of this one. Signals go to the program; how it
// ends is how this ends.
"use strict";

const { spawn } = require("node:child_process");
const { existsSync } = require("node:fs");
const path = require("node:path");

const platform = `${process.platform}-${process.arch}`;
const name = process.platform === "win32" ? "konaplate.exe" : "konaplate";
const program = path.join(__dirname, "programs", platform, name);

function fail(problem) {
  console.error(`error: ${problem}`);
  process.exitCode = 1;
}

function run() {
  if (!existsSync(program)) {
    fail(`this package has no program for ${platform}: build it from the sources, with cargo`);
    return;
  }
  const child = spawn(program, process.argv.slice(2), { stdio: "inherit" });
  const signals = ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT"];
  for (const signal of signals) {
    process.on(signal, () => child.kill(signal));
  }
  // npx runs this in a shell, and a signal to npx ends the shell alone: then this is an orphan, and the program would go on.
  if (process.env.npm_command === "exec") {
    const parent = process.ppid;
    const watch = () => process.ppid === parent || child.kill("SIGTERM");
    setInterval(watch, 200).unref();
  }
  child.on("error", (error) => {
    const musl = error.code === "ENOENT" ? "; it wants the C library glibc, which Alpine does not have" : "";
    fail(`${program} cannot be started: ${error.message}${musl}`);
  });
  child.on("exit", (code, signal) => {
    if (signal === null) {
      process.exitCode = code;
      return;
    }
    signals.forEach((name) => process.removeAllListeners(name));
    process.kill(process.pid, signal);
  });
}

run();
