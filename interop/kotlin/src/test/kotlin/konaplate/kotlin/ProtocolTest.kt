package konaplate.kotlin

import java.time.Instant
import java.util.Base64
import kotlin.test.Test
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertNotEquals
import kotlin.test.assertTrue

/** What the description prints. The conformance vectors check the rest. */
class ProtocolTest {
    private val clientPrivate = privateKey("client", TestKeys.clientPrivateText)

    @Test
    fun `the example of the description is signed as printed`() {
        val signature =
            sign(
                "a secret that was issued",
                """{"sequenceId":"BANK-20260315-000001"}""".toByteArray(),
                Instant.parse("2026-03-15T01:45:12.345Z"),
            )
        assertEquals("KMV1:20260315104512345:oJFzr2Y6V+Tp3Lr8AFjerDGgUDUvMWYHw0Ydkig1zAw=", signature.token)
        assertEquals("20260315104512", signature.tranTime)
    }

    @Test
    fun `correlation ids are fresh and have their form`() {
        val at = Instant.parse("2026-03-15T01:45:12.345Z")
        val ids = List(1000) { correlationId(at) }
        assertTrue(ids.all { isCorrelationId(it) && it.startsWith("260315104512-") })
        assertNotEquals(ids[0], ids[1])
    }

    @Test
    fun `the JOSE header is the one of the description`() {
        val header = encrypt("{}".toByteArray(), TestKeys.clientPublic).substringBefore('.')
        assertEquals("""{"enc":"A128GCM","alg":"RSA-OAEP-256"}""", Base64.getUrlDecoder().decode(header).decodeToString())
    }

    @Test
    fun `what was encrypted is decrypted, and not with a byte changed`() {
        val plaintext = """{"name":"김코나"}""".toByteArray()
        val jwe = encrypt(plaintext, TestKeys.clientPublic)
        assertContentEquals(plaintext, decrypt(jwe, clientPrivate))
        val other = jwe.dropLast(22) + (if (jwe[jwe.length - 22] == 'A') 'B' else 'A') + jwe.takeLast(21)
        assertFailsWith<DecryptException> { decrypt(other, clientPrivate) }
        assertFailsWith<DecryptException> { decrypt(jwe, TestKeys.serverPrivate) }
    }

    @Test
    fun `a code proves what the description says, and only with status 400`() {
        val recharge = "/api/v1/recharges/by-bank-accounts/no-hce"
        assertEquals("earlier-call", delivery(recharge, 400, "007_008"))
        assertEquals("maybe-processed", delivery(recharge, 500, "007_008"))
        assertEquals("maybe-processed", delivery(recharge, 400, "999_999"))
        assertEquals("maybe-processed", delivery("/api/v9/unknown", 400, "007_008"))
    }
}
