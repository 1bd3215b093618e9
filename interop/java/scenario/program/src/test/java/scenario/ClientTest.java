package scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import java.io.IOException;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import konaplate.client.ApiClient;
import konaplate.client.ApiException;
import konaplate.client.JSON;
import konaplate.client.api.CardsApi;
import konaplate.client.api.MembersApi;
import konaplate.client.api.PaymentsApi;
import konaplate.client.api.RechargesApi;
import konaplate.client.model.Failure;
import konaplate.client.model.GetBankRechargeResultRequestBody;
import konaplate.client.model.GetMemberRequestBody;
import konaplate.client.model.GetMemberResponseBody;
import konaplate.client.model.IssueOneTimeTokenRequestBody;
import konaplate.client.model.IssueOneTimeTokenResponseBody;
import konaplate.client.model.ListCardProductsRequestBody;
import konaplate.client.model.Problem;
import konaplate.client.model.RechargeFromBankAccountRequestBody;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the generated client sends and reads, byte by byte. Each test is a trap that the recipe avoids. */
class ClientTest {
    private static final String SUCCESS = "{\"response\":{\"code\":\"000_000\"}";
    private static final BigInteger LARGEST = new BigInteger("9999999999999999999");

    private final MockWebServer server = new MockWebServer();
    private final Gson generated = JSON.getGson();
    private ApiClient client;

    private interface Call {
        void run() throws ApiException;
    }

    @BeforeEach
    void start() throws IOException {
        server.start();
        ResponsesAsReceived.use();
        String url = server.url("/").toString();
        client = new ApiClient(new OkHttpClient()).setBasePath(url.substring(0, url.length() - 1));
    }

    @AfterEach
    void stop() {
        server.close();
        JSON.setGson(generated);
    }

    private void responds(int status, String contentType, String body) {
        server.enqueue(new MockResponse.Builder()
                .code(status)
                .addHeader("Content-Type", contentType)
                .body(body)
                .build());
    }

    private String sent(Call call) throws Exception {
        responds(200, "application/json", SUCCESS + "}");
        call.run();
        return server.takeRequest().getBody().utf8();
    }

    private IssueOneTimeTokenResponseBody token(String body) throws ApiException {
        responds(200, "application/json", body);
        return new PaymentsApi(client).issueOneTimeToken(new IssueOneTimeTokenRequestBody().cardNo("9491339401250765"));
    }

    @Test
    void memberIdsAreSentExactly() throws Exception {
        MembersApi members = new MembersApi(client);
        assertEquals(
                "{\"userId\":9999999999999999999}",
                sent(() -> members.getMember(new GetMemberRequestBody().userId(LARGEST))));
    }

    @Test
    void whatIsNotSetIsNotSent() throws Exception {
        assertEquals("{}", sent(() -> new CardsApi(client).listCardProducts(new ListCardProductsRequestBody())));
        assertEquals(
                "{\"cardNo\":\"9491339401250765\"}",
                sent(() -> new PaymentsApi(client)
                        .issueOneTimeToken(new IssueOneTimeTokenRequestBody().cardNo("9491339401250765"))));
    }

    @Test
    void fieldsThatNobodyDescribedAreSentBesideTheOthers() throws Exception {
        RechargeFromBankAccountRequestBody body = new RechargeFromBankAccountRequestBody()
                .sequenceId("BANK-1")
                .putAdditionalProperty("more", LARGEST)
                .putAdditionalProperty("list", List.of(LARGEST));
        assertEquals(
                "{\"sequenceId\":\"BANK-1\",\"more\":9999999999999999999,\"list\":[9999999999999999999]}",
                sent(() -> new RechargesApi(client).rechargeFromBankAccount(body)));
    }

    @Test
    void aRequestOfNoKnownFieldIsAMap() throws Exception {
        String ci = "A=B<C>'&";
        assertEquals(
                "{\"ci\":\"A=B<C>'&\"}",
                sent(() -> new MembersApi(client).findMemberByCi(Map.<String, Object>of("ci", ci))));
    }

    @Test
    void numbersAreReadExactly() throws Exception {
        responds(200, "application/json", SUCCESS + ",\"userInfo\":{\"userId\":9999999999999999999}}");
        GetMemberResponseBody member = new MembersApi(client).getMember(new GetMemberRequestBody().userId(LARGEST));
        assertEquals(LARGEST, member.getUserInfo().getUserId());
        String token = SUCCESS + ",\"oneTimeToken\":\"1\",\"dcvv\":\"2\",\"expiryTime\":1773539142345}";
        assertEquals(1773539142345L, token(token).getExpiryTime());
    }

    @Test
    void anUnknownValueOfAListIsKept() throws Exception {
        responds(200, "application/json", SUCCESS + ",\"result\":\"SANDBOX_UNKNOWN\",\"new\":{\"a\":[1]}}");
        GetBankRechargeResultRequestBody body = new GetBankRechargeResultRequestBody().sequenceId("BANK-1");
        assertEquals("SANDBOX_UNKNOWN", new RechargesApi(client).getBankRechargeResult(body).getResult());
    }

    @Test
    void whatIsMissingOrNullInASuccessIsNull() throws Exception {
        for (String body : List.of(SUCCESS + "}", SUCCESS + ",\"oneTimeToken\":null,\"dcvv\":null,\"expiryTime\":null}")) {
            IssueOneTimeTokenResponseBody token = token(body);
            assertNull(token.getOneTimeToken());
            assertNull(token.getExpiryTime());
        }
    }

    @Test
    void theGeneratedChecksThrowTheWholeResponse() {
        JSON.setGson(generated);
        RuntimeException e =
                assertThrows(RuntimeException.class, () -> token(SUCCESS + ",\"oneTimeToken\":\"5297602627607191\"}"));
        assertTrue(e.getMessage().contains("5297602627607191"), "no longer: take ResponsesAsReceived away");
    }

    @Test
    void aFailureIsTyped() throws Exception {
        server.enqueue(new MockResponse.Builder()
                .code(400)
                .addHeader("Content-Type", "application/json")
                .addHeader("Konaplate-Delivery", "earlier-call")
                .body("{\"response\":{\"code\":\"007_008\",\"description\":\"of 9491339401250765\"},\"more\":1}")
                .build());
        ApiException e = assertThrows(ApiException.class, () -> new RechargesApi(client)
                .rechargeFromBankAccount(new RechargeFromBankAccountRequestBody()));
        assertEquals(400, e.getCode());
        assertEquals("007_008", e.getResponseCode());
        assertEquals("earlier-call", e.getDelivery());
        Failure failure = JSON.deserialize(e.getResponseBody(), Failure.class);
        assertEquals("of 9491339401250765", failure.getResponse().getDescription());
        assertFalse(e.toString().contains("9491339401250765"), e.toString());
    }

    @Test
    void aProblemIsTyped() throws Exception {
        responds(
                502,
                "application/problem+json",
                "{\"type\":\"urn:konaplate:problem:new\",\"title\":\"a\",\"status\":502,\"detail\":\"b\","
                        + "\"delivery\":\"a-new-word\",\"new\":1}");
        ApiException e = assertThrows(ApiException.class, () -> new RechargesApi(client)
                .rechargeFromBankAccount(new RechargeFromBankAccountRequestBody()));
        assertNull(e.getResponseCode());
        Problem problem = JSON.deserialize(e.getResponseBody(), Problem.class);
        assertEquals("a-new-word", problem.getDelivery());
    }

    @Test
    void withoutAResponseTheCauseSaysWhy() {
        server.close();
        ApiException e = assertThrows(ApiException.class, () -> new RechargesApi(client)
                .rechargeFromBankAccount(new RechargeFromBankAccountRequestBody()));
        assertEquals(0, e.getCode());
        assertNull(e.getDelivery());
        assertTrue(e.getCause() instanceof IOException);
        assertEquals(e.getCause().toString(), e.getMessage());
    }

    @Test
    void aPageOfHtmlIsAnApiException() {
        for (int status : List.of(200, 502)) {
            responds(status, "text/html", "<html>9491339401250765</html>");
            ApiException e = assertThrows(ApiException.class, () -> new RechargesApi(client)
                    .rechargeFromBankAccount(new RechargeFromBankAccountRequestBody()));
            assertEquals(status, e.getCode());
            assertNull(e.getResponseCode());
            assertFalse(e.toString().contains("9491339401250765"), e.toString());
        }
    }
}
