/** Prints what a step saw. */
export function say(step: string, value: unknown, how = ""): void {
  console.log(JSON.stringify({ step, value: typeof value === "bigint" ? value.toString() : value, how }));
}

/** The steps that ask for the result of a recharge, and the sequence id of each. */
export const steps = ["enum", "field", "failure", "problem", "html"];

/** Prints the error of a step. */
export async function attempt(step: string, call: () => Promise<void>): Promise<void> {
  try {
    await call();
  } catch (error) {
    const text = error instanceof Error ? `${error.name}: ${error.message}` : `thrown: ${JSON.stringify(error)}`;
    console.log(JSON.stringify({ step, error: text }));
  }
}
