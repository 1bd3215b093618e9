import createClient from "openapi-fetch";
import type { paths } from "./kona/schema.js";
import { attempt, say, steps } from "./say.js";

const client = createClient<paths>({ baseUrl: process.env["SERVER"]! });

await attempt("id", async () => {
  const { data } = await client.POST("/api/v1/user/info", { body: { userId: 9999999999999999999 } });
  say("id", data?.userInfo.userId);
});
for (const step of steps) {
  await attempt(step, async () => {
    const { data, error, response } = await client.POST("/api/v1/recharges/by-bank-account/result/inquiry", {
      body: { sequenceId: step.toUpperCase() },
    });
    if (data) say(step, data.result);
    else if (typeof error === "string") say(step, response.status, "status and text");
    // One type for all failures: which one came is asked for.
    else if ("response" in error && error.response && "code" in error.response) say(step, error.response.code, "typed");
    else if ("delivery" in error) say(step, error.delivery, "typed");
  });
}
