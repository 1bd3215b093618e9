import { isAxiosError } from "axios";
import { Configuration, MembersApi, RechargesApi } from "./kona/index.js";
import { attempt, say, steps } from "./say.js";

const configuration = new Configuration({ basePath: process.env["SERVER"]! });

await attempt("id", async () => {
  const { data } = await new MembersApi(configuration).getMember({ userId: 9999999999999999999 });
  say("id", data.userInfo.userId);
});
const recharges = new RechargesApi(configuration);
for (const step of steps) {
  await attempt(step, async () => {
    try {
      const { data } = await recharges.getBankRechargeResult({ sequenceId: step.toUpperCase() });
      say(step, data.result, "newField" in data ? "kept" : "");
    } catch (error) {
      if (!isAxiosError(error) || !error.response) throw error;
      const { data, status } = error.response;
      if (typeof data === "string") say(step, status, "error with status");
      else say(step, data.delivery ?? data.response.code, "error, body untyped");
    }
  });
}
