package scenario;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.math.BigInteger;
import java.time.Duration;
import konaplate.KonaplateInterceptor;
import konaplate.Settings;
import konaplate.client.ApiClient;
import konaplate.client.ApiException;
import konaplate.client.api.AutoRechargesApi;
import konaplate.client.api.GiftsApi;
import konaplate.client.api.MembersApi;
import konaplate.client.api.PaymentsApi;
import konaplate.client.api.RechargesApi;
import konaplate.client.model.CardTransaction;
import konaplate.client.model.CreateCreditCardRechargeRequestBody;
import konaplate.client.model.CreateCreditCardRechargeResponseBody;
import konaplate.client.model.GetBankRechargeResultRequestBody;
import konaplate.client.model.GetMemberRequestBody;
import konaplate.client.model.GiftPrepaidCardRequestBody;
import konaplate.client.model.IssueOneTimeTokenRequestBody;
import konaplate.client.model.IssueOneTimeTokenResponseBody;
import konaplate.client.model.ListCardTransactionsRequestBody;
import konaplate.client.model.ListCardTransactionsResponseBody;
import konaplate.client.model.MessageLanguage;
import konaplate.client.model.OneTimeTokenType;
import konaplate.client.model.OrderByDirection;
import konaplate.client.model.PageRequest;
import konaplate.client.model.PayWithTokenRequestBody;
import konaplate.client.model.PayWithTokenResponseBody;
import konaplate.client.model.RechargeFromBankAccountRequestBody;
import konaplate.client.model.RechargeFromBankAccountResponseBody;
import konaplate.client.model.UpdateLowerLimitAutoRechargeRequestBody;
import okhttp3.OkHttpClient;

/** Makes the calls of {@code interop/scenario.md} and prints what came of them. */
public final class Scenario {
    private static final String CARD = "9491339401250765";
    private static final String MERCHANT = "410195430033901";
    private static final BigInteger LARGEST = new BigInteger("9999999999999999999");

    private final OkHttpClient http;
    private final String baseUrl;
    private final JsonObject document = new JsonObject();
    /** The one of the latest call. */
    private IssueOneTimeTokenResponseBody token = new IssueOneTimeTokenResponseBody();

    private interface Step {
        JsonObject run() throws ApiException;
    }

    private Scenario(OkHttpClient http, String baseUrl) {
        this.http = http;
        this.baseUrl = baseUrl;
    }

    /** Takes {@code gateway} or {@code middleware}. */
    public static void main(String[] arguments) {
        ResponsesAsReceived.use();
        Scenario scenario;
        if (arguments[0].equals("gateway")) {
            OkHttpClient once = new OkHttpClient.Builder()
                    .followRedirects(false)
                    .retryOnConnectionFailure(false)
                    // Longer than the gateway waits for the platform, so that its own words arrive.
                    .readTimeout(Duration.ofSeconds(60))
                    .build();
            scenario = new Scenario(once, System.getenv("KONAPLATE_GATEWAY"));
        } else {
            Settings settings = Settings.fromEnvironment();
            scenario = new Scenario(KonaplateInterceptor.client(settings), settings.baseUrl());
        }
        scenario.run();
        System.out.println(new GsonBuilder().serializeNulls().create().toJson(scenario.document));
    }

    private void run() {
        step("token", this::token);
        step("bank-recharge", this::bankRecharge);
        step("bank-recharge-result", () -> bankRechargeResult(client()));
        step("refusal", this::bankRecharge);
        step("credit-card-recharge", this::creditCardRecharge);
        step("auto-recharge-update", this::autoRechargeUpdate);
        step("gift", this::gift);
        step("payment", this::payment);
        step("history", this::history);
        step("largest-member", this::largestMember);
        step("unknown-enum", () -> bankRechargeResult(faulty("unknown-enum-value")));
        step("unknown-field", () -> bankRechargeResult(faulty("extra-fields")));
        step("unknown-code", () -> bankRechargeResult(faulty("unknown-code")));
        step("html", () -> bankRechargeResult(faulty("html-after:502")));
    }

    private void step(String name, Step step) {
        JsonObject result;
        try {
            result = step.run();
        } catch (ApiException e) {
            JsonObject failure = new JsonObject();
            failure.addProperty("code", e.getResponseCode());
            failure.addProperty("status", e.getCode());
            failure.addProperty("delivery", e.getDelivery());
            result = new JsonObject();
            result.add("failure", failure);
        }
        document.add(name, result);
    }

    private ApiClient client() {
        return new ApiClient(http).setBasePath(baseUrl);
    }

    /** Headers are a client's. One that has its own is cheap: the connections are those of the OkHttpClient. */
    private ApiClient faulty(String fault) {
        return client().addDefaultHeader("X-Sandbox-Fault", fault);
    }

    private JsonObject token() throws ApiException {
        issueToken(CARD, null);
        JsonObject printed = new JsonObject();
        printed.addProperty("oneTimeToken", token.getOneTimeToken());
        printed.addProperty("dcvv", token.getDcvv());
        printed.addProperty("expiryTime", token.getExpiryTime().toString());
        return printed;
    }

    private void issueToken(String card, OneTimeTokenType type) throws ApiException {
        token = new PaymentsApi(client())
                .issueOneTimeToken(new IssueOneTimeTokenRequestBody().cardNo(card).type(type));
    }

    private JsonObject bankRecharge() throws ApiException {
        RechargeFromBankAccountResponseBody recharge = recharge("BANK-1", BigInteger.valueOf(10000000001L), 20000L);
        JsonObject printed = new JsonObject();
        printed.addProperty("nrNumber", recharge.getNrNumber());
        printed.addProperty("isPending", recharge.getIsPending());
        if (recharge.getResult() != null) {
            printed.addProperty("result", recharge.getResult());
        }
        return printed;
    }

    private RechargeFromBankAccountResponseBody recharge(String sequenceId, BigInteger userId, long amount)
            throws ApiException {
        return new RechargesApi(client())
                .rechargeFromBankAccount(new RechargeFromBankAccountRequestBody()
                        .sequenceId(sequenceId)
                        .userId(userId)
                        .amount(amount)
                        .oneTimeToken(token.getOneTimeToken())
                        .dcvv(token.getDcvv())
                        .merchantId(MERCHANT));
    }

    private JsonObject bankRechargeResult(ApiClient client) throws ApiException {
        JsonObject printed = new JsonObject();
        GetBankRechargeResultRequestBody body = new GetBankRechargeResultRequestBody().sequenceId("BANK-1");
        printed.addProperty("result", new RechargesApi(client).getBankRechargeResult(body).getResult());
        return printed;
    }

    private JsonObject creditCardRecharge() throws ApiException {
        issueToken("9491330000000032", OneTimeTokenType.CREDIT);
        CreateCreditCardRechargeResponseBody recharge = new RechargesApi(client())
                .createCreditCardRecharge(new CreateCreditCardRechargeRequestBody()
                        .sequenceId("CREDIT-1")
                        .userId(BigInteger.valueOf(10000000003L))
                        .amount(10000L)
                        .oneTimeToken(token.getOneTimeToken())
                        .dcvv(token.getDcvv())
                        .affiliateId("000170000001000"));
        JsonObject printed = new JsonObject();
        printed.addProperty("transactionId", recharge.getTransactionId());
        printed.addProperty("redirectUrl", recharge.getRedirectUrl());
        return printed;
    }

    private JsonObject autoRechargeUpdate() throws ApiException {
        JsonObject printed = new JsonObject();
        printed.addProperty(
                "code",
                new AutoRechargesApi(client())
                        .updateLowerLimitAutoRecharge(new UpdateLowerLimitAutoRechargeRequestBody()
                                .userId(BigInteger.valueOf(10000000001L))
                                .par("Q1000000000000000000000105A")
                                .amount(30000L)
                                .thresholdBalance(10000L))
                        .getResponse()
                        .getCode());
        return printed;
    }

    private JsonObject gift() throws ApiException {
        issueToken("9491330000001014", null);
        JsonObject printed = new JsonObject();
        printed.addProperty(
                "transferId",
                new GiftsApi(client())
                        .giftPrepaidCard(new GiftPrepaidCardRequestBody()
                                .senderUserId("10000000001")
                                .receiverName("김코코")
                                .receiverPhone("01000000002")
                                .serviceId("000170000003000")
                                .amount(30000L)
                                .oneTimeToken(token.getOneTimeToken())
                                .dcvv(token.getDcvv())
                                .locale(MessageLanguage.KO))
                        .getTransferId());
        return printed;
    }

    private JsonObject payment() throws ApiException {
        issueToken(CARD, null);
        PayWithTokenResponseBody payment = new PaymentsApi(client())
                .payWithToken(new PayWithTokenRequestBody()
                        .amount(12000L)
                        .channel("OPENAPI")
                        .merchantId(MERCHANT)
                        .oneTimeToken(token.getOneTimeToken())
                        .dcvv(token.getDcvv())
                        .transactionId("20260315104512000001"));
        JsonObject printed = new JsonObject();
        printed.addProperty("approvalCode", payment.getApprovalCode());
        printed.addProperty("approvalTime", payment.getApprovalTime());
        printed.addProperty("balance", payment.getBalance());
        printed.addProperty("cardNo", payment.getCardNo());
        printed.addProperty("nrNumber", payment.getNrNumber());
        return printed;
    }

    private JsonObject history() throws ApiException {
        JsonArray items = new JsonArray();
        long pages = 0;
        ListCardTransactionsResponseBody page;
        do {
            page = new PaymentsApi(client())
                    .listCardTransactions(new ListCardTransactionsRequestBody()
                            .userId(BigInteger.valueOf(10000000001L))
                            .par("Q180BEA3B2F1BBD8410336D66A4")
                            .startDate("20200101")
                            .endDate("20991231")
                            .pageRequest(new PageRequest()
                                    .page(pages)
                                    .pageSize(1L)
                                    .orderByDirection(OrderByDirection.ASC)));
            pages++;
            for (CardTransaction transaction : page.getTransactionInfo()) {
                JsonObject item = new JsonObject();
                item.addProperty("trType", transaction.getTrType());
                item.addProperty("trAmount", transaction.getTrAmount());
                item.addProperty("balanceAfter", transaction.getBalanceAfter());
                items.add(item);
            }
        } while (pages < page.getPageResponse().getTotalPages());
        JsonObject printed = new JsonObject();
        printed.addProperty("pages", pages);
        printed.add("items", items);
        return printed;
    }

    private JsonObject largestMember() throws ApiException {
        issueToken("9491330000000123", null);
        JsonObject printed = new JsonObject();
        printed.addProperty("isPending", recharge("BANK-2", LARGEST, 1000L).getIsPending());
        printed.addProperty(
                "userId",
                new MembersApi(client())
                        .getMember(new GetMemberRequestBody().userId(LARGEST))
                        .getUserInfo()
                        .getUserId()
                        .toString());
        return printed;
    }
}
