import { client } from "./kona/client.gen.js";
import { getBankRechargeResult, getMember } from "./kona/sdk.gen.js";
import { attempt, say, steps } from "./say.js";

client.setConfig({ baseUrl: process.env["SERVER"]! });

await attempt("id", async () => {
  const { data } = await getMember({ body: { userId: 9999999999999999999 } });
  say("id", data?.userInfo.userId);
});
for (const step of steps) {
  await attempt(step, async () => {
    const came = await getBankRechargeResult({ body: { sequenceId: step.toUpperCase() } });
    const { data, error } = came;
    const status = came.response?.status;
    if (data) say(step, data.result, "newField" in data ? "kept" : "");
    else if (error && typeof error === "object" && "delivery" in error) say(step, error.delivery, "typed");
    else if (error && typeof error === "object") say(step, error.response.code, "typed");
    else say(step, status, "status and text");
  });
}
