package konaplate.kotlin

import java.net.ServerSocket
import java.time.Duration
import java.util.Base64
import javax.crypto.Mac
import javax.crypto.spec.SecretKeySpec
import kotlin.test.AfterTest
import kotlin.test.BeforeTest
import kotlin.test.Test
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertNotEquals
import kotlin.test.assertNull
import kotlin.test.assertTrue
import mockwebserver3.MockResponse
import mockwebserver3.MockWebServer
import mockwebserver3.RecordedRequest
import mockwebserver3.SocketEffect
import okhttp3.OkHttpClient
import okhttp3.Request
import okhttp3.RequestBody.Companion.toRequestBody
import okhttp3.Response

/** Against a local server, which looks at the bytes that are sent. */
class KonaplateInterceptorTest {
    private val server = MockWebServer()
    private lateinit var settings: Settings

    @BeforeTest
    fun start() {
        server.start()
        settings = Settings.fromEnvironment(TestKeys.environment(server.url("/open-api").toString()))
    }

    @AfterTest
    fun stop() = server.close()

    @Test
    fun `the bytes that go out are encrypted and signed`() {
        val plain = """{"userId":9999999999999999999,  "loginId":"김코나"}"""
        call(MEMBER, plain)
        val sent = server.takeRequest()
        val jwe = checkNotNull(readEnvelope(sent.bytes())?.encData)
        assertEquals("""{"encData":"$jwe"}""", sent.bytes().decodeToString())
        assertEquals(plain, decrypt(jwe, TestKeys.serverPrivate).decodeToString())
        assertIsSigned(sent)
        assertEquals("/open-api$MEMBER", sent.url.encodedPath)
        assertEquals("5a4db0c0000000000000000000000001", sent.headers["X-KM-Crypto-Key-Id"])
    }

    @Test
    fun `a request that is not encrypted goes out byte for byte`() {
        val plain = """{ "sequenceId" : "BANK-1" }"""
        call(INQUIRY, plain)
        val sent = server.takeRequest()
        assertEquals(plain, sent.bytes().decodeToString())
        assertIsSigned(sent)
    }

    @Test
    fun `an unknown path is signed and sent plain`() {
        call("/api/v9/unknown", "{}")
        val sent = server.takeRequest()
        assertEquals("{}", sent.bytes().decodeToString())
        assertIsSigned(sent)
        assertNull(sent.headers["X-KM-Crypto-Key-Id"])
    }

    @Test
    fun `headers of the caller are sent too`() {
        server.enqueue(MockResponse.Builder().body(SUCCESS).build())
        val request = request(INQUIRY, "{}").newBuilder().header("X-Sandbox-Fault", "html").build()
        konaplateHttpClient(settings).newCall(request).execute().close()
        assertEquals("html", server.takeRequest().headers["X-Sandbox-Fault"])
    }

    @Test
    fun `an encrypted response comes plain`() {
        val body = """{"encData":"${encrypt(SUCCESS.toByteArray(), TestKeys.clientPublic)}"}"""
        call(INQUIRY, "{}", MockResponse.Builder().body(body).build()).use { response ->
            assertEquals(SUCCESS, response.body.string())
            assertEquals("application/json", response.header("Content-Type"))
            assertEquals(server.takeRequest().headers["X-KM-Correlation-Id"], response.header("X-KM-Correlation-Id"))
            assertNull(response.header("Konaplate-Delivery"))
        }
    }

    @Test
    fun `a failure says what it proves`() {
        val failure = """{"response":{"code":"007_008","description":"Duplicated."}}"""
        call(RECHARGE, "{}", MockResponse.Builder().code(400).body(failure).build()).use { response ->
            assertEquals(400, response.code)
            assertEquals(failure, response.body.string())
            assertEquals("earlier-call", response.header("Konaplate-Delivery"))
        }
    }

    @Test
    fun `what is no response of the platform becomes a problem document that quotes nothing of it`() {
        val html = MockResponse.Builder().code(503).setHeader("Content-Type", "text/html").body("<h1>secret-value</h1>").build()
        call(RECHARGE, "{}", html).use { response ->
            val id = server.takeRequest().headers["X-KM-Correlation-Id"]
            assertEquals(502, response.code)
            assertEquals("application/problem+json", response.header("Content-Type"))
            assertEquals("maybe-processed", response.header("Konaplate-Delivery"))
            assertEquals(
                """{"type":"urn:konaplate:problem:unexpected-response","title":"what came is no response of the platform",""" +
                    """"status":502,"detail":"the body is no JSON object that can be read","delivery":"maybe-processed",""" +
                    """"correlationId":"$id","upstreamStatus":503}""",
                response.body.string(),
            )
        }
    }

    @Test
    fun `nothing is sent twice, whatever the status asks for`() {
        for ((before, status) in listOf(408, 503).withIndex()) {
            server.enqueue(MockResponse.Builder().code(status).setHeader("Retry-After", "0").build())
            // Also in a client that may retry.
            val client = OkHttpClient.Builder().addInterceptor(KonaplateInterceptor(settings)).build()
            client.newCall(request(RECHARGE, "{}")).execute().use { assertEquals(502, it.code) }
            assertEquals(before + 1, server.requestCount)
        }
    }

    @Test
    fun `a redirect is no response, not even where a client follows it`() {
        val following = OkHttpClient.Builder().addInterceptor(KonaplateInterceptor(settings)).build()
        for (client in listOf(konaplateHttpClient(settings), following)) {
            for (status in listOf(302, 303, 307, 308)) {
                server.enqueue(MockResponse.Builder().code(status).setHeader("Location", "/elsewhere").build())
                if (status in 302..303 && client === following) server.enqueue(MockResponse.Builder().body(SUCCESS).build())
                client.newCall(request(RECHARGE, "{}")).execute().use { response ->
                    assertEquals(502, response.code)
                    assertTrue("\"upstreamStatus\":$status" in response.body.string())
                }
            }
        }
    }

    @Test
    fun `not-sent is said where there was no connection`() {
        val closed = ServerSocket(0).use { it.localPort }
        for (url in listOf("http://127.0.0.1:$closed", "http://no-such-name.invalid", "https://127.0.0.1:${server.port}")) {
            val error = failure(Settings.fromEnvironment(TestKeys.environment(url)))
            assertEquals("not-sent", error.delivery, url)
            assertTrue(isCorrelationId(checkNotNull(error.correlationId)))
        }
    }

    @Test
    fun `maybe-processed is said where the request was sent`() {
        val effects =
            listOf(
                MockResponse.Builder().onRequestBody(SocketEffect.CloseSocket()).build(),
                MockResponse.Builder().onResponseStart(SocketEffect.CloseSocket()).build(),
                MockResponse.Builder().body(SUCCESS).onResponseBody(SocketEffect.CloseSocket()).build(),
                MockResponse.Builder().onResponseStart(SocketEffect.Stall).build(),
            )
        for (effect in effects) {
            server.enqueue(effect)
            val error = failure(withLimit(Duration.ofMillis(500)))
            assertEquals("maybe-processed", error.delivery)
            assertEquals(server.takeRequest().headers["X-KM-Correlation-Id"], error.correlationId)
        }
    }

    @Test
    fun `what cannot be sent is not sent`() {
        val wrong =
            listOf(
                request(INQUIRY, "[]"),
                request(INQUIRY, "{\"a\":1"),
                request(INQUIRY, "{}").newBuilder().get().build(),
                request(INQUIRY, "{}").newBuilder().url("http://localhost:1/open-api$INQUIRY").build(),
                request(INQUIRY, "{}").newBuilder().url(server.url(INQUIRY)).build(),
            )
        for (request in wrong) {
            val error = assertFailsWith<KonaplateException> { konaplateHttpClient(settings).newCall(request).execute() }
            assertEquals("not-sent", error.delivery)
        }
        assertEquals(0, server.requestCount)
    }

    @Test
    fun `each call has its own id`() {
        repeat(2) { call(INQUIRY, "{}").close() }
        assertNotEquals(server.takeRequest().headers["X-KM-Correlation-Id"], server.takeRequest().headers["X-KM-Correlation-Id"])
    }

    @Test
    fun `a call to a gateway is sent as it is, and once`() {
        repeat(2) { server.enqueue(MockResponse.Builder().code(503).setHeader("Retry-After", "0").body("{}").build()) }
        val request = Request.Builder().url(server.url(RECHARGE)).post("{}".toRequestBody(JSON_TYPE)).build()
        gatewayHttpClient().newCall(request).execute().use { assertEquals("{}", it.body.string()) }
        assertContentEquals("{}".toByteArray(), server.takeRequest().bytes())
        assertEquals(1, server.requestCount)
    }

    private fun assertIsSigned(sent: RecordedRequest) {
        fun header(name: String) = checkNotNull(sent.headers[name]) { name }
        assertEquals("POST", sent.method)
        assertEquals("application/json", header("Content-Type"))
        assertEquals("application/json", header("Accept"))
        assertEquals("000170000000000", header("X-KM-User-AspId"))
        assertEquals("5a4db0c-0123456789abcdef0123456789abcdef", header("X-KM-Access-Key"))
        assertEquals("KST", header("X-KM-Time-Zone"))
        assertTrue(isCorrelationId(header("X-KM-Correlation-Id")))
        val (version, timestamp, signed) = header("X-KM-Tran-Token").split(":")
        assertEquals("KMV1", version)
        assertEquals(timestamp.take(14), header("X-KM-Tran-Time"))
        assertEquals(timestamp.substring(2, 14), header("X-KM-Correlation-Id").take(12))
        val mac = Mac.getInstance("HmacSHA256")
        mac.init(SecretKeySpec("sandbox-secret-key".toByteArray(), "HmacSHA256"))
        assertEquals(Base64.getEncoder().encodeToString(mac.doFinal(sent.bytes())), signed)
        assertFalse(sent.headers.any { "sandbox-secret-key" in it.second })
    }

    private fun call(path: String, body: String, response: MockResponse = MockResponse.Builder().body(SUCCESS).build()): Response {
        server.enqueue(response)
        return konaplateHttpClient(settings).newCall(request(path, body)).execute()
    }

    private fun request(path: String, body: String, to: Settings = settings) =
        Request.Builder().url(to.baseUrl.toString().trimEnd('/') + path).post(body.toRequestBody(JSON_TYPE)).build()

    private fun failure(settings: Settings): KonaplateException =
        assertFailsWith<KonaplateException> { konaplateHttpClient(settings).newCall(request(RECHARGE, "{}", settings)).execute().close() }

    private fun withLimit(limit: Duration) =
        TestKeys.environment(server.url("/open-api").toString()).let {
            Settings(
                baseUrl = it.getValue("KONAPLATE_BASE_URL"),
                aspId = it.getValue("KONAPLATE_ASP_ID"),
                accessKey = it.getValue("KONAPLATE_ACCESS_KEY"),
                secretKey = it.getValue("KONAPLATE_SECRET_KEY"),
                cryptoKeyId = it.getValue("KONAPLATE_CRYPTO_KEY_ID"),
                serverPublicKey = it.getValue("KONAPLATE_SERVER_PUBLIC_KEY"),
                clientPrivateKey = it.getValue("KONAPLATE_CLIENT_PRIVATE_KEY"),
                timeLimit = limit,
            )
        }
}

private fun RecordedRequest.bytes(): ByteArray = checkNotNull(body).toByteArray()

private const val SUCCESS = """{"response":{"code":"000_000","description":"Success"}}"""
private const val MEMBER = "/api/v1/user/info"
private const val INQUIRY = "/api/v1/recharges/by-bank-account/result/inquiry"
private const val RECHARGE = "/api/v1/recharges/by-bank-accounts/no-hce"
