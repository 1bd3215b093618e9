package konaplate.kotlin

import java.security.KeyPair
import java.security.KeyPairGenerator
import java.security.interfaces.RSAPrivateKey
import java.security.interfaces.RSAPublicKey
import java.util.Base64

/** Keys of the platform and of the client, made for each run, and settings with them. */
internal object TestKeys {
    private val server = pair()
    private val client = pair()

    val serverPrivate = server.private as RSAPrivateKey
    val clientPublic = client.public as RSAPublicKey
    val serverPublicText: String = Base64.getEncoder().encodeToString(server.public.encoded)
    val clientPrivateText: String = Base64.getEncoder().encodeToString(client.private.encoded)

    fun environment(baseUrl: String = "http://127.0.0.1:1") =
        mapOf(
            "KONAPLATE_BASE_URL" to baseUrl,
            "KONAPLATE_ASP_ID" to "000170000000000",
            "KONAPLATE_ACCESS_KEY" to "5a4db0c-0123456789abcdef0123456789abcdef",
            "KONAPLATE_SECRET_KEY" to "sandbox-secret-key",
            "KONAPLATE_CRYPTO_KEY_ID" to "5a4db0c0000000000000000000000001",
            "KONAPLATE_SERVER_PUBLIC_KEY" to serverPublicText,
            "KONAPLATE_CLIENT_PRIVATE_KEY" to clientPrivateText,
        )

    private fun pair(): KeyPair = KeyPairGenerator.getInstance("RSA").apply { initialize(2048) }.generateKeyPair()
}
