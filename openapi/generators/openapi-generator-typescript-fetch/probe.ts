import { Configuration, MembersApi, RechargesApi, ResponseError } from "./kona/index.js";
import { attempt, say, steps } from "./say.js";

const configuration = new Configuration({ basePath: process.env["SERVER"]! });

await attempt("id", async () => {
  const { userInfo } = await new MembersApi(configuration).getMember({
    getMemberRequestBody: { userId: 9999999999999999999 },
  });
  say("id", userInfo.userId);
});
const recharges = new RechargesApi(configuration);
for (const step of steps) {
  await attempt(step, async () => {
    try {
      const data = await recharges.getBankRechargeResult({
        getBankRechargeResultRequestBody: { sequenceId: step.toUpperCase() },
      });
      say(step, data.result, "newField" in data ? "kept" : "");
    } catch (error) {
      if (!(error instanceof ResponseError)) throw error;
      // The error has the response, whose body has no type.
      const text = await error.response.text();
      if (!text.startsWith("{")) return say(step, error.response.status, "error with status");
      const body = JSON.parse(text);
      say(step, body.delivery ?? body.response.code, "error, body untyped");
    }
  });
}
