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
    const came = await client.POST("/api/v1/recharges/by-bank-account/result/inquiry", {
      body: { sequenceId: step.toUpperCase() },
    });
    const { data, error } = came;
    const status: number = came.response.status;
    // One type for all failures: which of them came is asked of its fields.
    if (data) say(step, data.result, "newField" in data ? "kept" : "");
    else if (error && typeof error === "object" && "delivery" in error) say(step, error.delivery, "typed");
    else if (error && typeof error === "object") say(step, error.response.code, "typed");
    else say(step, status, "status and text");
  });
}
