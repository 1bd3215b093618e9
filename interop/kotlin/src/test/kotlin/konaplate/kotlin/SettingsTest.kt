package konaplate.kotlin

import java.io.File
import java.security.KeyPairGenerator
import java.util.Base64
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertNull
import kotlin.test.assertTrue

class SettingsTest {
    private val environment = TestKeys.environment()

    @Test
    fun `the seven variables are read`() {
        val settings = Settings.fromEnvironment(environment)
        assertEquals("000170000000000", settings.aspId)
        assertEquals("http://127.0.0.1:1/", settings.baseUrl.toString())
    }

    @Test
    fun `an error names the variable and the rule and not the value`() {
        val wrong =
            mapOf(
                "KONAPLATE_BASE_URL" to "ftp://secret-value",
                "KONAPLATE_ASP_ID" to "secret-value",
                "KONAPLATE_ACCESS_KEY" to "secret-value",
                "KONAPLATE_CRYPTO_KEY_ID" to "secret-value\n",
                "KONAPLATE_SERVER_PUBLIC_KEY" to "secret-value",
                "KONAPLATE_CLIENT_PRIVATE_KEY" to "secret-value",
            )
        for ((name, value) in wrong) {
            val error = assertFailsWith<IllegalArgumentException> { Settings.fromEnvironment(environment + (name to value)) }
            assertTrue(error.message!!.startsWith("$name must "), error.message)
            assertFalse("secret-value" in error.stackTraceToString(), name)
        }
    }

    @Test
    fun `each variable is needed`() {
        for (name in environment.keys) {
            val error = assertFailsWith<IllegalArgumentException> { Settings.fromEnvironment(environment - name) }
            assertEquals("$name is not set", error.message)
        }
    }

    @Test
    fun `keys are read in PEM`() {
        fun pem(label: String, base64: String) = "-----BEGIN $label-----\n${base64.chunked(64).joinToString("\n")}\n-----END $label-----\n"
        val read =
            environment +
                ("KONAPLATE_SERVER_PUBLIC_KEY" to pem("PUBLIC KEY", TestKeys.serverPublicText)) +
                ("KONAPLATE_CLIENT_PRIVATE_KEY" to pem("PRIVATE KEY", TestKeys.clientPrivateText))
        assertEquals(Settings.fromEnvironment(environment).serverPublicKey, Settings.fromEnvironment(read).serverPublicKey)
    }

    @Test
    fun `a certificate has the public key`() {
        val keys = File("../../openapi/conformance/keys")
        val spki = publicKey("spki", keys.resolve("server.spki.pem").readText())
        assertEquals(spki, publicKey("certificate", keys.resolve("server.cert.pem").readText()))
        assertEquals(spki, publicKey("certificate", Base64.getEncoder().encodeToString(keys.resolve("server.cert.der").readBytes())))
    }

    @Test
    fun `a key of 1024 bits is refused`() {
        val short = KeyPairGenerator.getInstance("RSA").apply { initialize(1024) }.generateKeyPair()
        val text = Base64.getEncoder().encodeToString(short.public.encoded)
        val error = assertFailsWith<IllegalArgumentException> { publicKey("KONAPLATE_SERVER_PUBLIC_KEY", text) }
        assertNull(error.cause)
    }

    @Test
    fun `settings show no secret`() {
        assertEquals("Settings(http://127.0.0.1:1/)", Settings.fromEnvironment(environment).toString())
    }
}
