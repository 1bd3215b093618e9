import kona.ApiClient;
import kona.ApiException;
import kona.JSON;
import kona.api.MembersApi;
import kona.api.RechargesApi;
import kona.model.GetBankRechargeResultRequestBody;
import kona.model.GetMemberRequestBody;

public final class Probe {
    public static void main(String[] args) {
        ApiClient client = new ApiClient().setBasePath(System.getenv("SERVER"));
        Say.attempt("id", () -> {
            // By the JSON, since the type of the field depends on the settings.
            GetMemberRequestBody body = JSON.getGson().fromJson("{\"userId\":9999999999999999999}", GetMemberRequestBody.class);
            Say.say("id", new MembersApi(client).getMember(body).getUserInfo().getUserId(), "");
            return null;
        });
        for (String step : Say.STEPS) {
            Say.attempt(step, () -> {
                GetBankRechargeResultRequestBody body = new GetBankRechargeResultRequestBody().sequenceId(step.toUpperCase());
                try {
                    Say.say(step, new RechargesApi(client).getBankRechargeResult(body).getResult(), "");
                } catch (ApiException e) {
                    if (e.getCode() == 0 || e.getCode() == 200) {
                        throw e;
                    }
                    String text = e.getResponseBody();
                    if (text.startsWith("{")) {
                        com.google.gson.JsonObject tree = com.google.gson.JsonParser.parseString(text).getAsJsonObject();
                        Say.say(step, tree.has("delivery") ? tree.get("delivery").getAsString()
                            : tree.getAsJsonObject("response").get("code").getAsString(), "error, body as text");
                    } else {
                        Say.say(step, e.getCode(), "error with status");
                    }
                }
                return null;
            });
        }
        System.exit(0);
    }
}
