import kotlin.test.AfterTest
import kotlin.test.BeforeTest
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertTrue
import konaplate.client.apis.MembersApi
import konaplate.client.apis.PaymentsApi
import konaplate.client.apis.RechargesApi
import konaplate.client.infrastructure.ApiException
import konaplate.client.infrastructure.ServerException
import konaplate.client.infrastructure.UnreadableResponseException
import konaplate.client.models.GetMemberRequestBody
import konaplate.client.models.IssueOneTimeTokenRequestBody
import konaplate.client.models.ListCardTransactionsRequestBody
import konaplate.client.models.PageRequest
import konaplate.client.models.RechargeFromBankAccountRequestBody
import konaplate.client.models.TransactionTypeInput
import konaplate.kotlin.gatewayHttpClient
import mockwebserver3.MockResponse
import mockwebserver3.MockWebServer

/** What the recipe cures: the bytes that the generated client sends, and what it makes of a response. */
class GeneratedClientTest {
    private val server = MockWebServer()

    @BeforeTest
    fun start() = server.start()

    @AfterTest
    fun stop() = server.close()

    private fun url(): String = server.url("/").toString()

    private fun respond(body: String, status: Int = 200, type: String = "application/json", delivery: String? = null) {
        val response = MockResponse.Builder().code(status).setHeader("Content-Type", type).body(body)
        if (delivery != null) response.setHeader("Konaplate-Delivery", delivery)
        server.enqueue(response.build())
    }

    private fun sent(): String = checkNotNull(server.takeRequest().body).utf8()

    private val recharge =
        RechargeFromBankAccountRequestBody(
            sequenceId = "BANK-1",
            userId = 9999999999999999999uL,
            amount = 1000,
            oneTimeToken = "1234567890123456",
            dcvv = "123",
            merchantId = "410195430033901",
        )

    @Test
    fun `a request that may carry more fields is sent with its own, and with unlisted ones`() {
        respond("""{"response":{"code":"000_000"},"nrNumber":"1","isPending":false}""")
        RechargesApi(url(), gatewayHttpClient()).rechargeFromBankAccount(recharge.copy(unlisted = mapOf("memo" to "a", "count" to 2)))
        assertEquals(
            """{"sequenceId":"BANK-1","userId":9999999999999999999,"amount":1000,"oneTimeToken":"1234567890123456","dcvv":"123",""" +
                """"merchantId":"410195430033901","memo":"a","count":2}""",
            sent(),
        )
    }

    @Test
    fun `absent fields are left out, also in what lies inside`() {
        respond("""{"response":{"code":"000_000"}}""")
        val request =
            ListCardTransactionsRequestBody(
                par = "Q1",
                startDate = "20200101",
                endDate = "20991231",
                trType = TransactionTypeInput.Recharge,
                pageRequest = PageRequest(page = 0),
            )
        PaymentsApi(url(), gatewayHttpClient()).listCardTransactions(request)
        assertEquals("""{"par":"Q1","startDate":"20200101","endDate":"20991231","trType":"01","pageRequest":{"page":0}}""", sent())
    }

    @Test
    fun `an operation without known fields takes a map`() {
        respond("""{"response":{"code":"000_000"},"userId":9999999999999999999}""")
        MembersApi(url(), gatewayHttpClient()).findMemberByCi(mapOf("ci" to "0"))
        assertEquals("""{"ci":"0"}""", sent())
    }

    @Test
    fun `the largest member id is sent and received exactly`() {
        respond(member("9999999999999999999"))
        val read = MembersApi(url(), gatewayHttpClient()).getMember(GetMemberRequestBody(9999999999999999999uL))
        assertEquals("""{"userId":9999999999999999999}""", sent())
        assertEquals(9999999999999999999uL, read.userInfo.userId)
    }

    @Test
    fun `unknown fields and unknown values of enums are read`() {
        respond("""{"response":{"code":"000_000","new":1},"nrNumber":"1","isPending":false,"result":"NEW","more":{"a":[1]}}""")
        assertEquals("NEW", RechargesApi(url(), gatewayHttpClient()).rechargeFromBankAccount(recharge).result)
    }

    @Test
    fun `a failure is typed`() {
        respond("""{"response":{"code":"007_008","description":"secret-value"}}""", 400, delivery = "earlier-call")
        val error = assertFailsWith<ApiException> { RechargesApi(url(), gatewayHttpClient()).rechargeFromBankAccount(recharge) }
        assertEquals(listOf("007_008", "earlier-call", 400), listOf(error.code, error.delivery, error.statusCode))
        assertFalse("secret-value" in error.stackTraceToString())
    }

    @Test
    fun `a problem document is typed`() {
        val problem =
            """{"type":"urn:konaplate:problem:unexpected-response","title":"t","status":502,"detail":"d","delivery":"maybe-processed"}"""
        respond(problem, 502, "application/problem+json", "maybe-processed")
        val error = assertFailsWith<ServerException> { RechargesApi(url(), gatewayHttpClient()).rechargeFromBankAccount(recharge) }
        assertEquals("urn:konaplate:problem:unexpected-response", error.problem?.type)
        assertEquals(null, error.code)
    }

    @Test
    fun `a failure that says nothing of delivery is unknown`() {
        respond("<html>secret-value</html>", 503, "text/html")
        val error = assertFailsWith<ApiException> { RechargesApi(url(), gatewayHttpClient()).rechargeFromBankAccount(recharge) }
        assertEquals("maybe-processed", error.delivery)
        assertFalse("secret-value" in error.stackTraceToString())
    }

    @Test
    fun `a success that cannot be read says that it was carried out, and quotes nothing`() {
        val bodies =
            mapOf(
                """{"response":{"code":"000_000"},"nrNumber":"1","isPending":"secret-value"}""" to "isPending",
                """{"response":{"code":"000_000"},"isPending":false}""" to "nrNumber",
                """{"response":{"code":"000_000"},"nrNumber":null,"isPending":false}""" to "nrNumber",
            )
        for ((body, place) in bodies) {
            respond(body)
            val error =
                assertFailsWith<UnreadableResponseException> { RechargesApi(url(), gatewayHttpClient()).rechargeFromBankAccount(recharge) }
            assertEquals("processed-unreadable", error.delivery)
            assertEquals("the call was carried out, and its response cannot be read at: $place", error.message)
            assertFalse("secret-value" in error.stackTraceToString())
        }
    }

    @Test
    fun `numbers are not rounded`() {
        for (id in listOf("99999999999999999999", "-1", "1.5")) {
            respond(member(id))
            val error =
                assertFailsWith<UnreadableResponseException>(id) {
                    MembersApi(url(), gatewayHttpClient()).getMember(GetMemberRequestBody(1uL))
                }
            assertTrue(error.message!!.endsWith(": userInfo.userId"), error.message)
        }
    }

    @Test
    fun `models show no values`() {
        assertEquals("IssueOneTimeTokenRequestBody", IssueOneTimeTokenRequestBody("9491339401250765").toString())
    }

    private fun member(id: String): String {
        val texts = listOf("aspId", "birthDate", "ci", "loginId", "nationality", "gender", "mobileNumber", "userName", "email")
        return """{"response":{"code":"000_000"},"userInfo":{"userId":$id,${texts.joinToString(",") { "\"$it\":\"\"" }}}}"""
    }
}
